"""Files on their way in: kept apart until somebody registers or deploys with them."""

from collections.abc import Iterable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from registry import blobs
from registry.errors import UploadNotFound
from registry.facts import FactFile, Facts, read_facts
from registry.models import Upload, UploadFile
from registry.paths import check_no_clash, checked_path
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
    check_no_clash(path, set(upload.files.exclude(path=path).values_list("path", flat=True)))
    blob = blobs.store(chunks, expected_size=size)
    with transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(touched_time=timezone.now())
        kept, _ = UploadFile.objects.update_or_create(upload=upload, path=path, defaults={"blob": blob})
    return kept


def guess(upload: Upload) -> Facts:
    """What the uploaded files seem to be."""
    files = upload.files.select_related("blob")
    return read_facts([FactFile(file.path, lambda sha=file.blob_id: blobs.open_blob(sha)) for file in files])


def discard_upload(*, upload: Upload) -> None:
    upload.delete()


def sweep() -> int:
    """Drop uploads left alone for a day. Returns how many."""
    count, _ = Upload.objects.filter(touched_time__lt=timezone.now() - KEEP_IDLE).delete()
    return count
