"""Folders that appear whole or not at all, and disks that are full."""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drivers.errors import OutOfDisk

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def enough_disk(folder: Path) -> Iterator[None]:
    """Turn "no space left on device" into OutOfDisk, naming the file system that is full."""
    try:
        yield
    except OSError as exc:
        if exc.errno not in _FULL:
            raise
        raise out_of_disk(folder) from exc


def out_of_disk(where: object) -> OutOfDisk:
    return OutOfDisk(
        f"The disk that holds {where} is full.",
        advice="Free space there (old environments and packages are the largest), then deploy again.",
    )


def beside(folder: Path, purpose: str) -> Path:
    """A hidden name of its own next to `folder`. The '~' is in no name of ours, so that sweeping what
    belongs to `a` never touches what belongs to `a-b`."""
    return folder.with_name(f".{purpose}-{folder.name}~{uuid.uuid4().hex[:8]}")


def sweep(folder: Path) -> None:
    """Remove what attempts that died left beside `folder`; call it holding the lock of that name."""
    for purpose in ("new", "trash"):
        for leftover in folder.parent.glob(f".{purpose}-{folder.name}~*"):
            shutil.rmtree(leftover, ignore_errors=True)


def remove_folder(folder: Path) -> None:
    """Remove `folder`; it disappears at once, so a removal cut short leaves nothing under its name."""
    trash = beside(folder, "trash")
    try:
        folder.rename(trash)
    except FileNotFoundError:
        return
    shutil.rmtree(trash, ignore_errors=True)


def folder_bytes(folder: Path) -> int:
    total = 0
    for root, _, files in os.walk(folder):
        total += sum(os.lstat(os.path.join(root, name)).st_size for name in files)
    return total


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Readers see the old text or the new, never half of it."""
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
    staged.replace(path)
