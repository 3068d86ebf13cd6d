"""Every setting the studio reads from its environment: one table, checked at start-up."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet


class SettingError(Exception):
    """A setting is misspelt or malformed; start-up stops with this sentence."""


def _switch(text: str) -> bool:
    if text.lower() in {"1", "true", "on", "yes"}:
        return True
    if text.lower() in {"0", "false", "off", "no"}:
        return False
    raise ValueError("on or off")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < math.inf:
        raise ValueError("above 0")
    return seconds


def _address(text: str) -> str:
    return _url(text, "http", "https").rstrip("/")


def _database(text: str) -> str:
    return _url(text, "postgresql", "postgres") if text else ""


def _redis(text: str) -> str:
    return _url(text, "redis", "rediss") if text else ""


def _url(text: str, *schemes: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in schemes or not parts.hostname or parts.port == 0:  # a port that is none raises ValueError
        raise ValueError("another form")
    return text


def _image(text: str) -> str:
    try:
        text.format(python="3.11")
    except (KeyError, IndexError) as exc:
        raise ValueError("braces") from exc
    return text


def _fernet_keys(text: str) -> list[str]:
    keys = _words(text)
    for key in keys:
        Fernet(key)
    return keys


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


# What a setting wants, in words, by how it is read.
_WANTED = {
    _switch: "on or off",
    _seconds: "a number above 0",
    _address: "an address like http://host:port",
    _database: "postgresql://user:password@host:port/name",
    _redis: "redis://host:port/number",
    _image: "an image's name, with no braces but {python}",
    _fernet_keys: "Fernet keys (32 bytes in URL-safe base64), comma separated",
}


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    parse: Callable[[str], Any]
    default: str
    meaning: str

    @property
    def secret(self) -> bool:
        """Whether its value must not be repeated: addresses of servers hold passwords."""
        return "KEY" in self.name or self.parse in {_database, _redis}


SETTINGS = [
    Setting("SLIPWAY_DATA", str, "./data", "Folder that holds everything the studio keeps."),
    Setting("SLIPWAY_URL", _address, "http://127.0.0.1:8000", "Address people open the studio at."),
    Setting("SLIPWAY_GATEWAY_URL", _address, "http://127.0.0.1:8001", "Address scoring URIs begin with."),
    Setting("SLIPWAY_SECRET_KEY", str, "", "Signs sessions. Empty: DIR/secret.key, made at first start."),
    Setting(
        "SLIPWAY_SEALING_KEYS",
        _fernet_keys,
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
    Setting("SLIPWAY_START_TIMEOUT_S", _seconds, "300", "Seconds a workload may take to become ready."),
    Setting("SLIPWAY_LEASE_S", _seconds, "15", "Seconds after which a silent worker's deployment is taken over."),
    Setting("SLIPWAY_RECONCILE_S", _seconds, "5", "Seconds between two comparisons of rows with the world."),
    Setting(
        "SLIPWAY_BASE_IMAGE",
        _image,
        "python:{python}-slim",
        "Image Docker environments start from; {python} is the environment's Python version.",
    ),
    Setting("DATABASE_URL", _database, "", "postgresql://…; empty: SQLite in the data folder."),
    Setting("REDIS_URL", _redis, "", "redis://…; empty: a broker of files in the data folder."),
]

_PREFIX = "SLIPWAY_"
_BY_NAME = {setting.name: setting for setting in SETTINGS}
_ENDINGS = [name.removeprefix(_PREFIX) for name in _BY_NAME if name.startswith(_PREFIX)]
# Read by the command-line client or by tests in the same environment, never by the server.
_ELSEWHERE = {"SLIPWAY_CONFIG"}


def read(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Every setting by name, parsed. Raises SettingError for an unknown SLIPWAY_ name or a bad value."""
    for name in environ:
        if name.startswith(_PREFIX) and name not in _BY_NAME and name not in _ELSEWHERE:
            # Without what all of them begin with, which would make everything look alike.
            near = get_close_matches(name.removeprefix(_PREFIX), _ENDINGS, n=1)
            hint = f" Did you mean {_PREFIX}{near[0]}?" if near else ""
            raise SettingError(f"{name} is not a setting of the studio.{hint}")
    return {setting.name: _parse(setting, environ.get(setting.name, "")) for setting in SETTINGS}


def _parse(setting: Setting, text: str) -> Any:
    text = text or setting.default
    try:
        return setting.parse(text)
    except ValueError as exc:
        shown = "…" if setting.secret else repr(text)
        said = f"{setting.name}={shown} is not valid: it wants {_WANTED.get(setting.parse, 'another form')}."
        raise SettingError(f"{said} {setting.meaning}") from exc
