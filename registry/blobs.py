"""Content by its SHA-256, in a folder: written aside, fsynced, renamed; never half there."""

import errno
import hashlib
import os
import secrets
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from registry.errors import BlobMissing, DiskFull, UploadBrokenOff
from registry.models import Blob

KEEP_UNREFERRED = timedelta(hours=1)


def store(chunks: Iterable[bytes], *, expected_size: int | None) -> Blob:
    """Keep what `chunks` hold, never in memory as a whole. Nothing stays behind on an error.

    Raises UploadBrokenOff when other than `expected_size` bytes arrive, DiskFull when they do not fit.
    """
    waiting = _folder() / "arriving" / secrets.token_hex(16)
    waiting.parent.mkdir(parents=True, exist_ok=True)
    try:
        sha256, size = _write(waiting, chunks)
        if expected_size is not None and size != expected_size:
            raise UploadBrokenOff(
                f"{size} of {expected_size} bytes arrived.", advice="Send the file again; nothing was kept of it."
            )
        return _keep(waiting, sha256, size)
    except OSError as exc:
        if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(
                "The file does not fit on the studio's disk; nothing was kept of it.",
                advice="Delete versions nobody needs, or give the data folder more room.",
            ) from exc
        raise
    finally:
        waiting.unlink(missing_ok=True)


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def staging_path(id: object) -> Path:
    """Where a file that arrives in pieces waits, on the store's own file system. `adopt` takes it from there."""
    folder = _folder() / "staging"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / str(id)


def adopt(path: Path, *, sha256: str, size: int) -> Blob:
    """Take a finished, fsynced local file into the store; afterwards it is gone from `path`."""
    return _keep(path, sha256, size)


def _keep(waiting: Path, sha256: str, size: int) -> Blob:
    # The row first: from here on `sweep` leaves the blob alone, so the file cannot vanish under us.
    blob, _ = Blob.objects.update_or_create(
        sha256=sha256, defaults={"touched_time": timezone.now()}, create_defaults={"size": size}
    )
    place = path_of(sha256)
    place.parent.mkdir(parents=True, exist_ok=True)
    os.chmod(waiting, 0o444)
    os.replace(waiting, place)
    return blob


def open_blob(sha256: str) -> BinaryIO:
    """The content, to read. Raises BlobMissing when the store has lost it."""
    try:
        return path_of(sha256).open("rb")
    except FileNotFoundError:
        raise BlobMissing(
            f"The content {sha256} is not in the store.", advice="Ask the operator to restore the blobs folder."
        ) from None


def path_of(sha256: str) -> Path:
    return _folder() / sha256[:2] / sha256


def sweep() -> int:
    """Forget content nothing refers to any more. Returns how many blobs went."""
    old = timezone.now() - KEEP_UNREFERRED
    idle = Blob.objects.filter(touched_time__lt=old, version_files=None, upload_files=None)
    return sum(_forget(sha256, old) for sha256 in list(idle.values_list("sha256", flat=True)[:1000]))


def _forget(sha256: str, old) -> bool:
    with transaction.atomic():
        blob = Blob.objects.select_for_update().filter(sha256=sha256, touched_time__lt=old).first()
        if blob is None or any(blob_is_used(blob)):
            return False
        blob.delete()
        path_of(sha256).unlink(missing_ok=True)
    return True


def blob_is_used(blob: Blob) -> Iterable[bool]:
    """For each table that may refer to a blob, whether one of its rows does."""
    for relation in Blob._meta.related_objects:
        yield relation.related_model.objects.filter(**{relation.field.name: blob}).exists()


def _folder() -> Path:
    return settings.DATA_DIR / "blobs"
