"""Naming rules, checked before anything large is sent. They are Azure ML's."""

import re
from dataclasses import dataclass

from slipway.errors import InvalidName

MODEL = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-._]{0,254}")
SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
PROFILE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-._]{0,99}")


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


def profile_name(name: str) -> str:
    if not PROFILE.fullmatch(name):
        raise InvalidName(
            f"{name!r} cannot be the name of a profile",
            advice="Use 1 to 100 letters, digits, '-', '.' and '_'; begin with a letter or digit.",
        )
    return name


@dataclass(frozen=True, slots=True)
class ModelReference:
    """`mnist:3`, or `mnist@champion`: then `version` is None until the studio was asked."""

    name: str
    version: int | None = None
    alias: str = ""


def model_reference(text: str) -> ModelReference:
    name, at, alias = text.partition("@")
    if at and alias:
        return ModelReference(model_name(name), alias=alias)
    name, _, version = text.rpartition(":")
    if not name or not re.fullmatch("[1-9][0-9]*", version):
        raise InvalidName(
            f"{text!r} is not the id of a model version",
            advice="Write NAME:VERSION, such as mnist:1, or NAME@ALIAS. `slipway model list` shows the ids.",
        )
    return ModelReference(model_name(name), int(version))
