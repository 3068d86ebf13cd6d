"""Which studio to speak to: named by the caller, by SLIPWAY_CONFIG, or the last one started here."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from slipway.errors import StudioNotFound

HOW_TO_START = "Start a studio with ./run, or name its configuration file with --config or SLIPWAY_CONFIG."


@dataclass(frozen=True, slots=True)
class Studio:
    """One studio's `config.json`. `source` is the file it was read from."""

    url: str
    workspace: str
    token: str
    source: Path


def find(explicit: str | None = None, environ: Mapping[str, str] = os.environ) -> Studio:
    """The studio to use. Raises StudioNotFound with a sentence that says what is missing."""
    if named := explicit or environ.get("SLIPWAY_CONFIG"):
        return read(Path(named).expanduser())
    pointer = last_studio_file(environ)
    try:
        config = Path(pointer.read_text(encoding="utf-8").strip())
    except OSError:
        raise StudioNotFound("No studio was found on this machine", advice=HOW_TO_START) from None
    if not config.is_file():
        raise StudioNotFound(
            "The studio last started on this machine is gone",
            f"its configuration file {config} does not exist any more",
            HOW_TO_START,
        )
    return read(config)


def last_studio_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Where a studio that starts leaves the path of its `config.json`."""
    base = environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME") or Path.home()) / ".config"
    return Path(base) / "slipway" / "last-studio"


def read(path: Path) -> Studio:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise StudioNotFound("The configuration file cannot be read", f"{path}: {exc.strerror}", HOW_TO_START) from None
    except ValueError as exc:
        raise StudioNotFound("The configuration file is not JSON", f"{path}: {exc}", HOW_TO_START) from None
    return _checked(found, path)


def _checked(found: object, path: Path) -> Studio:
    keys = ("url", "workspace", "token")
    values = [found.get(key) for key in keys] if isinstance(found, dict) else [None] * len(keys)
    missing = [key for key, value in zip(keys, values, strict=True) if not isinstance(value, str) or not value]
    if missing:
        raise StudioNotFound(
            "The configuration file is incomplete",
            f"{path} lacks {', '.join(missing)}",
            "It needs url, workspace and token.",
        )
    url = values[0].rstrip("/")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise StudioNotFound(
            "The configuration file names no web address", f"{path}: url is {url!r}", "Write it as http://host:port."
        )
    return Studio(url, values[1], values[2], path)
