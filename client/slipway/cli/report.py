"""What people read on standard error: errors, advice, notes and the live log."""

import sys
from collections.abc import Mapping
from typing import Any

import click

from slipway.errors import ApiError, DeploymentFailed, SlipwayError

# Log text comes from builds and models; their escape sequences must not drive this terminal.
_CONTROL = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}


def line(text: str) -> None:
    print(clean(text), file=sys.stderr, flush=True)


def clean(text: str) -> str:
    return text.translate(_CONTROL)


def failure(exc: SlipwayError) -> None:
    line(f"ERROR: {exc.title}: {exc.detail}" if exc.detail else f"ERROR: {exc.title}")
    if isinstance(exc, ApiError):
        _extras(exc)
    if isinstance(exc, DeploymentFailed):
        _deployment(exc.deployment)
    if exc.advice:
        line(f"What to do: {exc.advice}")


def usage(exc: click.UsageError) -> None:
    if exc.ctx is not None:
        line(exc.ctx.get_usage())
    line(f"ERROR: {exc.format_message()}")
    if exc.ctx is not None:
        line(f"Try `{exc.ctx.command_path} --help`.")


def _extras(exc: ApiError) -> None:
    services = exc.extras.get("services")
    if isinstance(services, list) and not all(str(name) in exc.detail for name in services):
        line(f"Used by: {', '.join(map(str, services))}")
    errors = exc.extras.get("errors")
    if isinstance(errors, dict):
        for field, messages in errors.items():
            if _joined(messages) not in exc.detail:
                line(f"  {field}: {_joined(messages)}" if field else f"  {_joined(messages)}")


def _joined(messages: object) -> str:
    if isinstance(messages, dict):
        return "; ".join(f"{key}: {_joined(value)}" for key, value in messages.items())
    return " ".join(map(str, messages)) if isinstance(messages, list) else str(messages)


def _deployment(deployment: Mapping[str, Any]) -> None:
    failure = deployment.get("failure") or {}
    if failure.get("step"):
        titles = {step["name"]: step["title"] for step in deployment.get("steps") or []}
        line(f"Step: {titles.get(failure['step'], failure['step'])}")
    if failure.get("traceback"):
        line(failure["traceback"].rstrip())
