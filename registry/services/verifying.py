"""Whether stored bytes are still those that were registered."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.utils import timezone

from registry import blobs, stores
from registry.errors import BlobDamaged, BlobMissing
from registry.models import Blob, ModelVersion, VersionFile

Outcome = Literal["ok", "missing", "changed"]
MEND = (
    "Register the same file again, which puts it back for every version that holds it, or have the operator restore "
    "the store from a backup and run `manage.py verify`."
)


@dataclass(frozen=True, slots=True)
class FileCheck:
    """`outcome` says what the stored bytes of a version's file are now."""

    path: str
    sha256: str
    size: int
    outcome: Outcome


def verify_version(*, version: ModelVersion, seen: Callable[[int], None] | None = None) -> list[FileCheck]:
    """Read and hash every file of the version. Raises StoreUnavailable."""
    outcomes: dict[str, Outcome] = {}
    checks = []
    for file in version.files.select_related("blob"):
        if file.blob_id not in outcomes:
            outcomes[file.blob_id] = verify_blob(file.blob, seen)
        checks.append(FileCheck(file.path, file.blob_id, file.blob.size, outcomes[file.blob_id]))
    return checks


def verify_blob(blob: Blob, seen: Callable[[int], None] | None = None) -> Outcome:
    """Read and hash the content, and keep what was found. `seen` is told the bytes as they are read."""
    damage = Blob.Damage.NONE
    try:
        digest = hashlib.sha256()
        for piece in blobs.pieces_of(blob.pk):
            digest.update(piece)
            if seen:
                seen(len(piece))
        if digest.hexdigest() != blob.pk:
            damage = Blob.Damage.CHANGED
    except BlobMissing:
        damage = Blob.Damage.MISSING
    as_it_was = Blob.objects.filter(pk=blob.pk, touched_time=blob.touched_time)
    if as_it_was.update(damage=damage, verified_time=timezone.now()) or not damage:
        return damage.value or "ok"
    # While it was read the same content came again, which mended it, or it was swept away.
    again = Blob.objects.filter(pk=blob.pk).first()
    return verify_blob(again, seen) if again else "ok"


def check_intact(version: ModelVersion, path: str | None = None) -> None:
    """That the files are there, and not known to be damaged; they are not read.

    Raises BlobDamaged or BlobMissing with the first file's name, StoreUnavailable."""
    files = version.files.select_related("blob").filter(**{"path": path} if path is not None else {})
    missing = stores.current().missing(file.blob_id for file in files)
    for file in files:
        if file.blob_id in missing:
            raise BlobMissing(f"The file {file.path} of {version.reference} is not in the store.", advice=MEND)
        if file.blob.damage == Blob.Damage.CHANGED:
            said = f"The file {file.path} of {version.reference} is damaged: the stored bytes are not those registered."
            raise BlobDamaged(said, advice=MEND)


def hit_by_damage(blob: Blob) -> list[str]:
    """Where the content is used, for people: files of versions, uploads that are under way, sources of services."""
    files = VersionFile.objects.filter(blob=blob).select_related("version__model", "version__workspace")
    hit = [f"{file.path} of {file.version.reference} in workspace {file.version.workspace.name}" for file in files]
    for link in Blob._meta.related_objects:
        if link.related_model is not VersionFile:
            hit += [str(row) for row in link.related_model.objects.filter(**{link.field.name: blob})]
    return hit
