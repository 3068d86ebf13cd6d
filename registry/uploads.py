"""Files on their way in: kept apart until somebody registers or deploys with them."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from registry import blobs, collecting, staging
from registry.errors import StoreUnavailable, UploadNotFound, UploadUnfinished
from registry.models import Blob, IncomingFile, Upload, UploadFile
from registry.paths import check_no_clash, checked_path
from registry.reading import FactFile, Facts, read_facts
from workspaces.models import User, Workspace

KEEP_IDLE = timedelta(hours=24)


def start_upload(*, workspace: Workspace, by: User) -> Upload:
    return Upload.objects.create(workspace=workspace, created_by=by)


def find_upload(*, workspace: Workspace, upload_id: object, by: User) -> Upload:
    """The user's own upload. Raises UploadNotFound, also for somebody else's."""
    try:
        upload = Upload.objects.filter(pk=upload_id, workspace=workspace, created_by=by).first()
    except ValidationError:  # no UUID
        upload = None
    if upload is None:
        raise UploadNotFound(
            f"There is no upload {str(upload_id)[:40]!r} of yours in workspace {workspace.name!r}.",
            advice="Uploads are dropped a day after their last file; start a new one.",
        )
    return upload


def receive_file(*, upload: Upload, path: str, chunks: Iterable[bytes], size: int | None) -> UploadFile:
    """Keep one file of the upload; the same path again replaces it.

    Raises PathInvalid, UploadBrokenOff or DiskFull; the upload is then as it was."""
    path = checked_path(path)
    check_no_clash(path, paths_of(upload) - {path})
    staging.check_room(size or 0)
    blob = blobs.store(chunks, expected_size=size)
    with transaction.atomic():
        file = keep(upload=upload, path=path, blob=blob)
        staged = upload.incoming.filter(path=path)
        given_up = list(staged.values_list("pk", flat=True))
        staged.delete()
    for file_id in given_up:
        staging.forget(file_id)
    return file


def paths_of(upload: Upload) -> set[str]:
    """Of files that are here and of files on their way."""
    return {*upload.files.values_list("path", flat=True), *upload.incoming.values_list("path", flat=True)}


def keep(*, upload: Upload, path: str, blob: Blob) -> UploadFile:
    """A file that has arrived whole."""
    touch(upload.pk)
    found = {"blob": blob, "brought_time": blob.touched_time}
    return UploadFile.objects.update_or_create(upload=upload, path=path, defaults=found)[0]


def touch(upload_id: UUID) -> None:
    """It is not left alone."""
    Upload.objects.filter(pk=upload_id).update(touched_time=timezone.now())


def check_whole(upload: Upload) -> None:
    """Raises UploadUnfinished while a file of it is on its way."""
    file = upload.incoming.filter(arrived=False).first()
    if file is not None:
        raise UploadUnfinished(
            f"Of {file.path}, {file.offset} of {file.size} bytes are here.",
            advice="Send the rest of it, or take it back with DELETE on its address.",
            path=file.path,
        )


def guess(upload: Upload) -> Facts:
    """What the uploaded files seem to be."""
    files = upload.files.select_related("blob")
    return read_facts(
        [FactFile(file.path, lambda sha=file.blob_id: blobs.open_blob(sha), file.blob_id) for file in files]
    )


def discard_upload(*, upload: Upload) -> None:
    """Its space is given back at once, but for content that somebody else came for."""
    with transaction.atomic():
        locked = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if locked is None:
            return
        staged = list(locked.incoming.values_list("pk", flat=True))
        brought = list(locked.files.exclude(brought_time=None).values_list("blob_id", "brought_time"))
        locked.delete()
    for file_id in staged:
        staging.forget(file_id)
    for sha256, brought_time in brought:
        with suppress(StoreUnavailable):  # the sweep comes for it when the store is back
            collecting.give_back(sha256, brought_time)


def sweep() -> int:
    """Drop uploads left alone for a day, and what was staged for uploads that are gone. Returns how many files and
    rows went."""
    idle = Upload.objects.filter(touched_time__lt=timezone.now() - KEEP_IDLE)
    staged = list(IncomingFile.objects.filter(upload__in=idle).values_list("pk", flat=True))
    count, _ = idle.delete()
    for file_id in staged:
        staging.forget(file_id)
    known = IncomingFile.objects.filter(arrived=False).values_list("pk", flat=True)
    return count + staging.sweep({str(file_id) for file_id in known})
