"""The data folder: its version, who runs in it, and how the command line finds it."""

import os
import sys
from pathlib import Path

from filelock import FileLock, Timeout

# Grows when an older studio could not read what this one writes.
DATA_VERSION = 1


class DataFolderError(Exception):
    """Why a studio cannot run in this folder, in one sentence."""


def open_data_folder(folder: Path) -> FileLock:
    """Make or check the folder and take its lock, which lasts as long as this process.

    Raises DataFolderError for a folder of a newer version, one that another studio runs in, or one
    that cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "run.lock", blocking=False)
        lock.acquire()
        _check_version(folder)
    except Timeout:
        said = f"A studio is running in {folder} already; stop it, or choose another with --data."
        raise DataFolderError(said) from None
    except OSError as exc:
        raise DataFolderError(f"The data folder {folder} cannot be used: {exc.strerror or exc}.") from None
    return lock


def _check_version(folder: Path) -> None:
    path = folder / "VERSION"
    if not path.exists():
        path.write_text(f"{DATA_VERSION}\n")
    found = path.read_text().strip()
    if not (found.isascii() and found.isdigit()) or int(found) > DATA_VERSION:
        raise DataFolderError(
            f"The data folder {folder} was made by a newer Slipway (data version {found}, this one knows "
            f"{DATA_VERSION}); update Slipway, or choose another folder with --data."
        )


def remember_last_studio(folder: Path) -> None:
    """Leave a pointer for the command line, which takes the last studio started on this machine."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "slipway"
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "last-studio").write_text(f"{folder / 'config.json'}\n")
    except OSError as exc:
        print(
            f"slipway: {home} cannot be written ({exc.strerror}); the command line needs "
            f"--config {folder / 'config.json'}.",
            file=sys.stderr,
        )
