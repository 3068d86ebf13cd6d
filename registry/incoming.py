"""Files that arrive in pieces (tus 1.0): what came is kept, whatever breaks, and the sender goes on from there.

A row's `offset` counts bytes that are on the disk for good. The whole is hashed, taken into the store and made a file
of the upload, in this order; a process that ends in between leaves a row from which the next request goes on."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.db import transaction

from registry import blobs, staging, uploads
from registry.errors import ChecksumDiffers, DiskFull, OffsetDiffers, TusInvalid, UploadBrokenOff, UploadNotFound
from registry.models import IncomingFile, Upload
from registry.paths import check_no_clash, checked_path
from registry.staging import Source

PIECE = 256 * 1024
# So much work at most is lost with a process that is killed.
FLUSH_S = 1.0
_TOUCH_S = 60.0


def begin(*, upload: Upload, path: str, size: int, sha256: str = "") -> IncomingFile:
    """A file of `size` bytes, none of which is here yet; another under the same path gives way to it.

    Raises PathInvalid, DiskFull, UploadBusy, and ChecksumDiffers for nothing that should be something."""
    path = checked_path(path)
    check_no_clash(path, uploads.paths_of(upload) - {path})
    staging.check_room(size)
    for earlier in upload.incoming.filter(path=path):
        discard(file=earlier)
    uploads.touch(upload.pk)
    if size == 0:  # all of it is here
        sha256 = _checked(path, hashlib.sha256().hexdigest(), sha256)
    file = IncomingFile.objects.create(upload=upload, path=path, size=size, sha256=sha256)
    if size == 0:
        file = up_to_date(file=file)
    return file


def find(*, upload: Upload, file_id: UUID) -> IncomingFile:
    """Raises UploadNotFound."""
    file = upload.incoming.filter(pk=file_id).first()
    if file is None:
        raise _gone()
    return file


def expires(upload: Upload) -> datetime:
    touched = Upload.objects.filter(pk=upload.pk).values_list("touched_time", flat=True).first()
    return (touched or upload.touched_time) + uploads.KEEP_IDLE


def up_to_date(*, file: IncomingFile) -> IncomingFile:
    """With the number of bytes that are here. A sender that went silent is let go first, so that all it sent counts.

    Raises UploadBusy, UploadNotFound."""
    if file.arrived:
        return file
    with staging.held(file.pk) as staged:
        file = _as_it_is(file, staged)
        if file.offset == file.size:
            _settle(file, staged)
    return file


def append(
    *, file: IncomingFile, offset: int, source: Source, checksum: tuple[str, bytes] | None = None
) -> IncomingFile:
    """Keep what `source` has, from `offset` on. With `checksum` (algorithm, digest) all of it or nothing.

    Raises OffsetDiffers, UploadBusy, UploadBrokenOff (what came is kept), ChecksumDiffers, DiskFull (then nothing
    is kept), UploadNotFound."""
    with staging.held(file.pk) as staged:
        file = _as_it_is(file, staged)
        if offset != file.offset:
            raise OffsetDiffers(
                f"{file.offset} bytes of {file.path} are here; these would begin at {offset}.",
                advice="Ask for the offset with HEAD and go on from there.",
                offset=file.offset,
            )
        with _room_given_back(file):
            if file.offset < file.size:
                with staging.sending(file.pk, source):
                    _Appending(file, staged, source, checksum).run()
            if file.offset == file.size and not file.arrived:
                _settle(file, staged)
    return file


@contextmanager
def _room_given_back(file: IncomingFile) -> Iterator[None]:
    """Where the disk is full, what cannot become whole goes."""
    try:
        yield
    except DiskFull:
        _forget(file)
        raise
    except OSError as exc:
        if not staging.is_full(exc):
            raise
        _forget(file)
        raise staging.disk_full(f"{file.path} does not fit on the studio's disk; nothing was kept of it.") from exc


def discard(*, file: IncomingFile) -> None:
    """Raises UploadBusy while it is being sent."""
    with staging.held(file.pk):
        _forget(file)


def _forget(file: IncomingFile) -> None:
    IncomingFile.objects.filter(pk=file.pk).delete()
    staging.forget(file.pk)


def _checked(path: str, sha256: str, announced: str) -> str:
    if announced not in {"", sha256}:
        raise ChecksumDiffers(
            f"{path} arrived as {sha256}, and {announced} was announced. Nothing was kept of it.",
            advice="Make sure that nothing writes to the file, then send it again.",
        )
    return sha256


def _gone() -> UploadNotFound:
    return UploadNotFound(
        "There is no such file on its way in this upload.",
        advice="It was taken back, or its upload is used up or was left alone for a day; start again.",
    )


def _as_it_is(file: IncomingFile, staged: BinaryIO) -> IncomingFile:
    """The row as it is now that nobody else writes. The staged file begins with its `offset` bytes."""
    found = IncomingFile.objects.filter(pk=file.pk).first()
    if found is None or found.arrived:
        staging.forget(file.pk)  # asking for it made it
        if found is None:
            raise _gone()
        return found
    there = os.fstat(staged.fileno()).st_size
    if found.offset < found.size and there < found.offset:  # the disk lost what it had promised to keep
        _move(found, there)
    return found


def _move(file: IncomingFile, offset: int, **more: object) -> None:
    """Compare and set: what somebody else moved or took away is not ours to go on with."""
    moved = IncomingFile.objects.filter(pk=file.pk, offset=file.offset, arrived=False).update(offset=offset, **more)
    if not moved:
        staging.forget(file.pk)
        raise _gone()
    file.offset = offset


def _settle(file: IncomingFile, staged: BinaryIO) -> None:
    """All is here and hashed: into the store, and a file of the upload."""
    if os.fstat(staged.fileno()).st_size == file.size:
        blob = blobs.adopt(blobs.staging_path(file.pk), sha256=file.sha256, size=file.size)
    else:  # a process ended after the store had taken it
        staging.forget(file.pk)
        blob = blobs.keep_known(file.sha256, file.size)
    if blob is None:
        _move(file, 0, sha256="")
        return
    with transaction.atomic():
        upload = Upload.objects.select_for_update().filter(pk=file.upload_id).first()
        if upload is None:
            raise _gone()
        uploads.keep(upload=upload, path=file.path, blob=blob)
        IncomingFile.objects.filter(pk=file.pk).update(arrived=True)
    file.arrived = True


class _Appending:
    """One request's bytes, on their way into the staged file."""

    def __init__(self, file: IncomingFile, staged: BinaryIO, source: Source, checksum: tuple[str, bytes] | None):
        self.file, self.staged, self.source, self.checksum = file, staged, source, checksum
        self.start = self.here = file.offset
        # A file that comes in one piece is hashed on its way; others are read once more at the end.
        self.whole = hashlib.sha256() if self.start == 0 else None
        self.part = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
        self.flushed_at = time.monotonic()
        self.touched_at = 0.0

    def run(self) -> None:
        self.staged.truncate(self.start)
        self.staged.seek(self.start)
        while piece := self._read():
            self._take(piece)
        if self.part and self.part.digest() != self.checksum[1]:
            self._take_back("The bytes arrived damaged; none of them was kept.")
        self._flush()

    def _read(self) -> bytes:
        try:
            return self.source.read(PIECE)
        except OSError as exc:
            self._flush_unless_checked()
            raise UploadBrokenOff(
                f"{self.file.offset} of {self.file.size} bytes of {self.file.path} are here.",
                advice="Ask for the offset with HEAD and go on from there.",
            ) from exc

    def _take(self, piece: bytes) -> None:
        if self.here + len(piece) > self.file.size:
            self._flush_unless_checked()
            raise TusInvalid(
                f"More came than the {self.file.size} bytes that {self.file.path} was announced with.",
                advice="Start a new file with the right Upload-Length.",
            )
        staging.write(self.staged, piece)
        self.here += len(piece)
        for digest in (self.whole, self.part):
            if digest:
                digest.update(piece)
        if not self.part and self.here < self.file.size and time.monotonic() - self.flushed_at > FLUSH_S:
            self._flush()

    def _flush(self) -> None:
        os.fsync(self.staged.fileno())
        if self.here == self.file.size:
            self._finish()
        else:
            _move(self.file, self.here)
        self.flushed_at = time.monotonic()
        if self.flushed_at - self.touched_at > _TOUCH_S:
            uploads.touch(self.file.upload_id)
            self.touched_at = self.flushed_at

    def _flush_unless_checked(self) -> None:
        if self.part:  # a part of what a checksum covers cannot be trusted
            self.staged.truncate(self.start)
        else:
            self._flush()

    def _take_back(self, said: str) -> None:
        self.staged.truncate(self.start)
        raise ChecksumDiffers(said, advice="Send them again.")

    def _finish(self) -> None:
        try:
            sha256 = _checked(self.file.path, self._sha256(), self.file.sha256)
        except ChecksumDiffers:
            _forget(self.file)
            raise
        _move(self.file, self.file.size, sha256=sha256)
        self.file.sha256 = sha256

    def _sha256(self) -> str:
        if self.whole:
            return self.whole.hexdigest()
        self.staged.seek(0)
        return hashlib.file_digest(self.staged, "sha256").hexdigest()
