"""Content by its SHA-256: rows here, bytes in the store; never half there, and never lost to the sweep.

Of the two, the row is written first and looked at last:
- `adopt` touches the row, puts the bytes, then locks the row and makes sure that the bytes are there.
- `registry.collecting` locks a row that was not touched lately and that nothing refers to, then removes both.
Whichever has the lock first, content that `adopt` returned is there for an hour at least, time enough to refer to it.
A discarded upload gives content back sooner, where the row is still touched as that upload left it.
A process that ends anywhere in between leaves a row or bytes that nothing refers to: the sweep's to find.
"""

import errno
import hashlib
import os
import secrets
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from registry import stores
from registry.errors import BlobMissing, ChecksumDiffers, DiskFull, UploadBrokenOff
from registry.models import Blob

PIECE = 1024 * 1024


def store(chunks: Iterable[bytes], *, expected_size: int | None, expected_sha256: str = "") -> Blob:
    """Keep what `chunks` hold, never in memory as a whole. Nothing stays behind on an error. As `adopt`, also:

    raises UploadBrokenOff when other than `expected_size` bytes arrive, ChecksumDiffers when they hash to another
    digest than `expected_sha256`, DiskFull when they do not fit."""
    waiting = _local_folder("arriving") / secrets.token_hex(16)
    try:
        with _full_disk_said():
            sha256, size, crc32 = _write(waiting, chunks)
        if expected_size is not None and size != expected_size:
            raise UploadBrokenOff(
                f"{size} of {expected_size} bytes arrived.", advice="Send the file again; nothing was kept of it."
            )
        if expected_sha256 not in {"", sha256}:
            raise ChecksumDiffers(
                f"The file arrived as {sha256}, and {expected_sha256} was announced. Nothing was kept of it.",
                advice="Make sure that nothing writes to the file, then send it again.",
            )
        return adopt(waiting, sha256=sha256, size=size, crc32=crc32)
    finally:
        waiting.unlink(missing_ok=True)


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[str, int, int]:
    digest, size, crc32 = hashlib.sha256(), 0, 0
    with path.open("xb") as file:
        for chunk in chunks:
            digest.update(chunk)
            crc32 = zlib.crc32(chunk, crc32)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size, crc32


def staging_path(id: object) -> Path:
    """Where a file that arrives in pieces waits, on the store's own file system. `adopt` takes it from there."""
    return _local_folder("staging") / str(id)


def arriving() -> list[Path]:
    """What is on its way in, and what killed processes left of it."""
    return list(_local_folder("arriving").iterdir())


def adopt(path: Path, *, sha256: str, size: int, crc32: int | None = None) -> Blob:
    """Take a finished, fsynced local file into the store; afterwards it is gone from `path`. Not in a transaction.

    Content that is there already is replaced, so that damage to it is mended. Raises DiskFull, StoreUnavailable,
    and UploadBrokenOff when the same content was swept meanwhile; the file at `path` may then be gone or not."""
    place = stores.current()
    new = {"size": size, "crc32": crc32}
    Blob.objects.update_or_create(sha256=sha256, defaults={"touched_time": timezone.now()}, create_defaults=new)
    with _full_disk_said():
        place.put(path, sha256)
    found = {"touched_time": timezone.now(), "verified_time": timezone.now(), "damage": Blob.Damage.NONE}
    if crc32 is not None:
        found["crc32"] = crc32
    with transaction.atomic():
        blob, _ = Blob.objects.update_or_create(sha256=sha256, defaults=found, create_defaults=new | found)
        if place.size_of(sha256) != size:
            raise UploadBrokenOff(
                "The same content was removed from the store while it arrived.", advice="Send the file again."
            )
    path.unlink(missing_ok=True)
    return blob


def keep_known(sha256: str, size: int) -> Blob | None:
    """Content that is in the store already, as safe from the sweep as if it had just arrived. None when it is not."""
    with transaction.atomic():
        blob = Blob.objects.select_for_update().filter(sha256=sha256, size=size).first()
        if blob is None or stores.current().size_of(sha256) != size:
            return None
        Blob.objects.filter(pk=sha256).update(touched_time=timezone.now())
    return blob


def open_blob(sha256: str, start: int = 0) -> BinaryIO:
    """The content from byte `start`, to read and to seek in. Raises BlobMissing, StoreUnavailable."""
    return stores.current().open(sha256, start)


def check_there(sha256s: Iterable[str]) -> None:
    """Raises BlobMissing with one that the store has lost."""
    for sha256 in stores.current().missing(sha256s):
        raise BlobMissing.of(sha256)


def pieces_of(sha256: str) -> Iterator[bytes]:
    """All of it, a piece at a time."""
    with open_blob(sha256) as file:
        while piece := file.read(PIECE):
            yield piece


def crc32_of(blob: Blob) -> int:
    """What zip archives want to know. Content that arrived in pieces is read for it, once."""
    if blob.crc32 is None:
        crc32 = 0
        for piece in pieces_of(blob.pk):
            crc32 = zlib.crc32(piece, crc32)
        blob.crc32 = crc32
        Blob.objects.filter(pk=blob.pk).update(crc32=crc32)
    return blob.crc32


@contextmanager
def _full_disk_said() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(
                "The file does not fit on the studio's disk; nothing was kept of it.",
                advice="Delete versions nobody needs, or give the data folder more room.",
            ) from exc
        raise


def _local_folder(name: str) -> Path:
    folder = settings.DATA_DIR / "blobs" / name
    with _full_disk_said():
        folder.mkdir(parents=True, exist_ok=True)
    return folder
