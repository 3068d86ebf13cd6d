"""Asking a workload's runtime over HTTP."""

import httpx

from drivers.base import Reply
from drivers.errors import NoAnswer

_client = httpx.Client(timeout=2.0, trust_env=False)


def ask(address: str | None, path: str) -> Reply:
    """`GET path` at `http://host:port`. Raises NoAnswer."""
    if not address:
        raise NoAnswer("It has no address yet.")
    try:
        answer = _client.get(f"{address}{path}")
    except httpx.HTTPError as exc:
        raise NoAnswer(f"It does not answer on {address} ({type(exc).__name__}).") from exc
    return Reply(answer.status_code, answer.text)
