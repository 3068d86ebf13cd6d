"""Naming rules, checked before anything large is sent. They are Azure ML's."""

import re

from slipway.errors import InvalidName

MODEL = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-._]{0,254}")
SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def model_name(name: str) -> str:
    if not MODEL.fullmatch(name):
        raise InvalidName(
            f"{name!r} cannot be the name of a model",
            advice="Use letters, digits, '-', '.' and '_'; begin with a letter or digit; at most 255 characters.",
        )
    return name


def service_name(name: str) -> str:
    if not SERVICE.fullmatch(name) or not 3 <= len(name) <= 32:
        raise InvalidName(
            f"{name!r} cannot be the name of a service",
            advice="Use 3 to 32 lower-case letters, digits and '-'; begin with a letter; do not end with '-'.",
        )
    return name


def model_id(text: str) -> tuple[str, int]:
    """`("mnist", 3)` for `mnist:3`."""
    name, _, version = text.rpartition(":")
    if not name or not re.fullmatch("[1-9][0-9]*", version):
        raise InvalidName(
            f"{text!r} is not the id of a model version",
            advice="Write NAME:VERSION, such as mnist:1. `slipway model list` shows the ids.",
        )
    return model_name(name), int(version)
