"""Archives that somebody asked to have unpacked: every entry an upload's file, or none.

What comes out of an archive is hostile until each entry has passed; only then does anything of it enter the store."""

import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from registry import blobs, staging, uploads
from registry.archive_entries import Entry, entries
from registry.errors import ArchiveRefused, PathInvalid, UploadNotFound
from registry.models import Upload, UploadFile
from registry.paths import check_together, checked_path

_PIECE = 256 * 1024
_SUFFIXES = (".zip", ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz")
_JUNK = (".DS_Store", "Thumbs.db", "desktop.ini")


def unpack(*, upload: Upload, path: str) -> list[UploadFile]:
    """Replace the archive at `path` by the files in it.

    They lie where it lay; in a folder of its name, unless all are in one folder already. Raises UploadNotFound,
    ArchiveRefused, DiskFull; the upload is then as it was."""
    archive = upload.files.select_related("blob").filter(path=path).first()
    if archive is None:
        raise UploadNotFound(f"The upload has no file {path[:80]!r}.", advice="Upload the archive first.")
    unpacked: list[_Unpacked] = []
    try:
        _take_out(archive, unpacked)
        others = uploads.paths_of(upload) - {path}
        _name(archive, unpacked, others)
        return _keep(archive, unpacked)
    except OSError as exc:
        if not staging.is_full(exc):
            raise
        raise staging.disk_full(f"What {path} holds does not fit on the studio's disk; none of it was kept.") from exc
    finally:
        for file in unpacked:
            staging.forget(file.id)


@dataclass
class _Unpacked:
    id: uuid.UUID
    name: str
    sha256: str = ""
    size: int = 0


def _take_out(archive: UploadFile, unpacked: list[_Unpacked]) -> None:
    with blobs.open_blob(archive.blob_id) as raw:
        for entry in entries(raw, archive.path, archive.blob.size):
            name = _checked(archive, entry)
            if _is_junk(name):
                continue
            file = _Unpacked(uuid.uuid4(), name)
            unpacked.append(file)
            _write(file, entry)
    if not unpacked:
        raise ArchiveRefused(f"{archive.path} holds no file.", advice="Send the files themselves.")


def _checked(archive: UploadFile, entry: Entry) -> str:
    try:
        return checked_path(entry.name)
    except PathInvalid as exc:
        raise _refused(archive, exc.detail) from None


def _refused(archive: UploadFile, detail: str) -> ArchiveRefused:
    return ArchiveRefused(f"{archive.path}: {detail}", advice="Pack it again without that, or send the folder itself.")


def _is_junk(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1] in _JUNK


def _write(file: _Unpacked, entry: Entry) -> None:
    staging.check_room(entry.size)
    digest = hashlib.sha256()
    with open(blobs.staging_path(file.id), "xb", buffering=0) as staged:
        for piece in _pieces(entry):
            staging.write(staged, piece)
            digest.update(piece)
            file.size += len(piece)
        os.fsync(staged.fileno())
    file.sha256 = digest.hexdigest()


def _pieces(entry: Entry) -> Iterator[bytes]:
    while piece := entry.read(_PIECE):
        yield piece


def _name(archive: UploadFile, unpacked: list[_Unpacked], others: set[str]) -> None:
    """The paths they will have. Raises ArchiveRefused where two of them, or one of `others`, cannot lie together."""
    above = archive.path.rpartition("/")[0]
    tops = {file.name.split("/")[0] for file in unpacked}
    together = len(tops) == 1 and (len(unpacked) == 1 or all("/" in file.name for file in unpacked))
    folder = [part for part in (above, "" if together else _stem(archive.path)) if part]
    try:
        for file in unpacked:
            file.name = checked_path("/".join([*folder, file.name]))
        check_together((file.name for file in unpacked), others)
    except PathInvalid as exc:
        raise _refused(archive, exc.detail) from None


def _stem(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    suffix = max((suffix for suffix in _SUFFIXES if name.lower().endswith(suffix)), key=len, default="")
    return name[: len(name) - len(suffix)] if suffix and len(name) > len(suffix) else f"{name}.unpacked"


def _keep(archive: UploadFile, unpacked: list[_Unpacked]) -> list[UploadFile]:
    kept = [blobs.adopt(blobs.staging_path(file.id), sha256=file.sha256, size=file.size) for file in unpacked]
    with transaction.atomic():
        upload = Upload.objects.select_for_update().filter(pk=archive.upload_id).first()
        gone, _ = UploadFile.objects.filter(pk=archive.pk, blob_id=archive.blob_id).delete()
        if upload is None or not gone:
            raise UploadNotFound(
                f"{archive.path} was taken away while it was being unpacked.", advice="Upload it again."
            )
        files = [
            UploadFile(upload=upload, path=file.name, blob=blob, brought_time=blob.touched_time)
            for file, blob in zip(unpacked, kept, strict=True)
        ]
        uploads.touch(upload.pk)
        return UploadFile.objects.bulk_create(files)
