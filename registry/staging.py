"""Where a file waits that arrives in pieces: one writer at a time, whoever dies in the middle."""

import errno
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import BinaryIO, Protocol
from uuid import UUID

from django.conf import settings

from registry import blobs
from registry.errors import DiskFull, UploadBusy

# A sender that was heard this lately is alive, and keeps its place; one that is silent longer gives way.
ALIVE_S = 2.0
WAIT_S = 5.0
_POLL_S = 0.05
KEEP_STRAY = timedelta(hours=1)

_senders: dict[UUID, "Source"] = {}
_senders_lock = threading.Lock()


class Source(Protocol):
    """Where bytes come from."""

    def read(self, size: int) -> bytes:
        """At most `size` more; none at the end. Raises OSError where the sender broke off."""


class Connection(Source, Protocol):
    """A source whose sender may have gone away unnoticed."""

    silent_s: float

    def give_up(self) -> None: ...


@contextmanager
def held(file_id: UUID) -> Iterator[BinaryIO]:
    """The staged file, made when it is not there, for this caller alone: the lock goes with the process.

    A sender that has fallen silent is told to give way. Raises UploadBusy when one goes on sending."""
    deadline = time.monotonic() + WAIT_S
    while (file := _locked(file_id)) is None:
        if time.monotonic() > deadline:
            raise UploadBusy(
                "Another request is sending this file right now.",
                advice="Wait until it ends, ask for the offset with HEAD, and go on from there.",
            )
        _hurry(file_id)
        time.sleep(_POLL_S)
    with file:
        yield file


def _locked(file_id: UUID) -> BinaryIO | None:
    path = blobs.staging_path(file_id)
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b", buffering=0)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # While we waited, the holder may have moved it into the store: then what we hold is a stored blob.
        with suppress(FileNotFoundError):
            if _is_at(path, file):
                return file
    except BlockingIOError:
        pass
    file.close()
    return None


def _is_at(path, file: BinaryIO) -> bool:
    there, ours = os.stat(path), os.fstat(file.fileno())
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)


def _hurry(file_id: UUID) -> None:
    with _senders_lock:
        source = _senders.get(file_id)
    if source is not None and source.silent_s > ALIVE_S:
        source.give_up()


@contextmanager
def sending(file_id: UUID, source: Source) -> Iterator[None]:
    """While it lasts, `source` can be told to give way."""
    if not hasattr(source, "give_up"):
        yield
        return
    with _senders_lock:
        _senders[file_id] = source
    try:
        yield
    finally:
        with _senders_lock:
            _senders.pop(file_id, None)


def write(file: BinaryIO, piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[file.write(left) :]


def forget(file_id: UUID) -> None:
    blobs.staging_path(file_id).unlink(missing_ok=True)


def sweep(known: set[str]) -> int:
    """Remove files that belong to none of `known`, once they are old enough not to be just begun."""
    count, old = 0, time.time() - KEEP_STRAY.total_seconds()
    for path in blobs.staging_path("").iterdir():
        with suppress(FileNotFoundError):
            if path.name not in known and path.stat().st_mtime < old:
                path.unlink()
                count += 1
    return count


def check_room(size_bytes: int) -> None:
    """Raises DiskFull when so much does not fit."""
    room = os.statvfs(settings.DATA_DIR)
    if size_bytes > room.f_bavail * room.f_frsize:
        raise disk_full(f"{size_bytes} bytes do not fit on the studio's disk; none of them was taken.")


def disk_full(detail: str) -> DiskFull:
    return DiskFull(detail, advice="Delete versions nobody needs, or give the data folder more room.")


def is_full(exc: OSError) -> bool:
    return exc.errno in {errno.ENOSPC, errno.EDQUOT}
