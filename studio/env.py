"""Every setting the studio reads from its environment: one table, checked at start-up."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any


class SettingError(Exception):
    """A setting is misspelt or malformed; start-up stops with this sentence."""


def _switch(text: str) -> bool:
    if text.lower() in {"1", "true", "on", "yes"}:
        return True
    if text.lower() in {"0", "false", "off", "no"}:
        return False
    raise ValueError("on or off")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    parse: Callable[[str], Any]
    default: str
    meaning: str


SETTINGS = [
    Setting("SLIPWAY_DATA", str, "./data", "Folder that holds everything the studio keeps."),
    Setting("SLIPWAY_URL", str, "http://127.0.0.1:8000", "Address people open the studio at."),
    Setting("SLIPWAY_GATEWAY_URL", str, "http://127.0.0.1:8001", "Address scoring URIs begin with."),
    Setting("SLIPWAY_SECRET_KEY", str, "", "Signs sessions. Empty: DIR/secret.key, made at first start."),
    Setting(
        "SLIPWAY_SEALING_KEYS",
        _words,
        "",
        "Fernet keys that encrypt secrets at rest, newest first, comma separated. Empty: from the secret key.",
    ),
    Setting("SLIPWAY_HOSTS", _words, "", "More host names the studio answers to, comma separated."),
    Setting("SLIPWAY_DEBUG", _switch, "off", "Django's debug pages. Never on a machine others reach."),
    Setting(
        "SLIPWAY_PROCESS_TARGET",
        _switch,
        "off",
        "Offer the process target, which runs users' code as the studio's own account. "
        "`./run` on a loopback address turns it on.",
    ),
    Setting("SLIPWAY_START_TIMEOUT_S", float, "300", "Seconds a workload may take to become ready."),
    Setting("SLIPWAY_LEASE_S", float, "15", "Seconds after which a silent worker's deployment is taken over."),
    Setting("SLIPWAY_RECONCILE_S", float, "5", "Seconds between two comparisons of rows with the world."),
    Setting(
        "SLIPWAY_BASE_IMAGE",
        str,
        "python:{python}-slim",
        "Image Docker environments start from; {python} is the environment's Python version.",
    ),
    Setting("DATABASE_URL", str, "", "postgresql://…; empty: SQLite in the data folder."),
    Setting("REDIS_URL", str, "", "redis://…; empty: a broker of files in the data folder."),
]

_BY_NAME = {setting.name: setting for setting in SETTINGS}
# Read by the command-line client or by tests in the same environment, never by the server.
_ELSEWHERE = {"SLIPWAY_CONFIG"}


def read(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Every setting by name, parsed. Raises SettingError for an unknown SLIPWAY_ name or a bad value."""
    for name in environ:
        if name.startswith("SLIPWAY_") and name not in _BY_NAME and name not in _ELSEWHERE:
            near = get_close_matches(name, _BY_NAME, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise SettingError(f"{name} is not a setting of the studio.{hint}")
    return {setting.name: _parse(setting, environ.get(setting.name, "")) for setting in SETTINGS}


def _parse(setting: Setting, text: str) -> Any:
    text = text or setting.default
    try:
        return setting.parse(text)
    except ValueError as exc:
        wanted = {float: "a number", _switch: "on or off"}.get(setting.parse, "another form")
        raise SettingError(f"{setting.name}={text!r} is not valid: it wants {wanted}. {setting.meaning}") from exc
