"""Every setting the studio reads from its environment: one table, checked at start-up."""

import math
import os
import re
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


def _bucket(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]", text):
        raise ValueError("another form")
    return text


def _endpoint(text: str) -> str:
    if not text:
        return ""
    parts = urlsplit(_address(text))
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("the keys have settings of their own")
    return text.rstrip("/")


def _prefix(text: str) -> str:
    text = text.strip("/")
    if text and not re.fullmatch(r"[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*", text):
        raise ValueError("another form")
    return f"{text}/" if text else ""


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
    _bucket: "3 to 63 letters, digits, dots, dashes and underscores",
    _endpoint: "an address like https://host:port, without keys",
    _prefix: "a path like studio/blobs",
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
        return "KEY" in self.name or self.parse in {_database, _redis, _endpoint}


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
    Setting(
        "SLIPWAY_IN_CLUSTER_TARGET",
        _switch,
        "off",
        "Let owners of workspaces attach the cluster the studio runs in, with the studio's own account.",
    ),
    Setting("SLIPWAY_START_TIMEOUT_S", _seconds, "300", "Seconds a workload may take to become ready."),
    Setting(
        "SLIPWAY_SCHEDULE_TIMEOUT_S", _seconds, "300", "Seconds a cluster may take to find room for a new workload."
    ),
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
    Setting("S3_BUCKET", _bucket, "", "Bucket the files of models are kept in. Empty: the data folder."),
    Setting("S3_ENDPOINT_URL", _endpoint, "", "Address of an S3 server other than Amazon's."),
    Setting("S3_REGION", str, "", "Region of the bucket. Empty: us-east-1, or what the machine's AWS settings say."),
    Setting(
        "S3_ACCESS_KEY_ID", str, "", "Whom the studio is to S3. Empty: what the machine's AWS settings or role say."
    ),
    Setting("S3_SECRET_ACCESS_KEY", str, "", "The secret that belongs to it."),
    Setting("S3_PREFIX", _prefix, "", "What the keys of the studio's objects begin with, like studio/blobs."),
]

_PREFIXES = ("SLIPWAY_", "S3_")
_BY_NAME = {setting.name: setting for setting in SETTINGS}
# Read by the command-line client or by tests in the same environment, never by the server.
_ELSEWHERE = {"SLIPWAY_CONFIG"}


def read(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Every setting by name, parsed. Raises SettingError for an unknown SLIPWAY_ or S3_ name or a bad value."""
    for name in environ:
        if name.startswith(_PREFIXES) and name not in _BY_NAME and name not in _ELSEWHERE:
            raise SettingError(f"{name} is not a setting of the studio.{_meant(name)}")
    values = {setting.name: _parse(setting, environ.get(setting.name, "")) for setting in SETTINGS}
    _check_s3(values)
    return values


def _meant(name: str) -> str:
    prefix = next(prefix for prefix in _PREFIXES if name.startswith(prefix))
    # Without what all of them begin with, which would make everything look alike.
    endings = [known.removeprefix(prefix) for known in _BY_NAME if known.startswith(prefix)]
    near = get_close_matches(name.removeprefix(prefix), endings, n=1)
    return f" Did you mean {prefix}{near[0]}?" if near else ""


def _check_s3(values: Mapping[str, Any]) -> None:
    given = [name for name in values if name.startswith("S3_") and values[name]]
    if given and not values["S3_BUCKET"]:
        raise SettingError(f"{given[0]} is set, but S3_BUCKET is not: name the bucket, or take {given[0]} away.")
    keys = [name for name in given if name in {"S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"}]
    if len(keys) == 1:
        raise SettingError(f"{keys[0]} is set alone: S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together.")


def _parse(setting: Setting, text: str) -> Any:
    text = text or setting.default
    try:
        return setting.parse(text)
    except ValueError as exc:
        shown = "…" if setting.secret else repr(text)
        said = f"{setting.name}={shown} is not valid: it wants {_WANTED.get(setting.parse, 'another form')}."
        raise SettingError(f"{said} {setting.meaning}") from exc
