"""Content that nothing refers to any more, and what killed processes left: given back. See `registry.blobs`.

Safe to run in several workers at once, beside uploads and registrations."""

import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from registry import blobs, stores
from registry.models import Blob

KEEP_UNREFERRED = timedelta(hours=1)
# Files without a row may be those of a database that somebody is about to restore.
KEEP_STRAY = timedelta(days=1)
KEEP_LEFTOVERS = timedelta(days=1)
_TURN = timedelta(minutes=10)
_AT_ONCE = 1000

log = logging.getLogger("slipway.store")


def sweep() -> int:
    """Forget content nothing refers to any more. Returns how many blobs went."""
    old = timezone.now() - KEEP_UNREFERRED
    idle = Blob.objects.filter(touched_time__lt=old, version_files=None, upload_files=None)
    found = list(idle.values_list("sha256", flat=True)[:_AT_ONCE])
    return sum(_forget(Blob.objects.filter(sha256=sha256, touched_time__lt=old)) for sha256 in found)


def give_back(sha256: str, brought_time: datetime) -> bool:
    """Forget content now, if nothing refers to it and nobody has come for it since `brought_time`."""
    return _forget(Blob.objects.filter(sha256=sha256, touched_time=brought_time))


def _forget(wanted: QuerySet[Blob]) -> bool:
    with transaction.atomic():
        # Who refers to it from now on waits for this lock, and finds it touched or gone.
        blob = wanted.select_for_update().first()
        if blob is None or any(blob_is_used(blob)):
            return False
        sha256 = blob.pk
        blob.delete()
        stores.current().delete(sha256)
    return True


def blob_is_used(blob: Blob) -> Iterable[bool]:
    """For each table that may refer to a blob, whether one of its rows does."""
    for relation in Blob._meta.related_objects:
        yield relation.related_model.objects.filter(**{relation.field.name: blob}).exists()


def shard_of_the_hour(now: datetime) -> str:
    """One of 256 parts of the store, each in its turn: all of them in less than two days."""
    return f"{int(now.timestamp() / _TURN.total_seconds()) % 256:02x}"


def find_strays(shard: str) -> int:
    """Give files of this shard that have no row one, so that they go as other content does. Returns how many.

    Not removed on sight: an upload of the same content may be about to write the row."""
    if not Blob.objects.exists():  # more likely the wrong database than a store full of strays
        return 0
    there = dict(stores.current().names(shard))
    known = set(Blob.objects.filter(sha256__startswith=shard).values_list("sha256", flat=True))
    strays = [sha256 for sha256 in there if sha256 not in known]
    for sha256 in strays:
        log.warning("%s has no row; it goes in a day", sha256)
        late = timezone.now() + KEEP_STRAY - KEEP_UNREFERRED
        Blob.objects.get_or_create(sha256=sha256, defaults={"size": there[sha256], "touched_time": late})
    return len(strays)


def drop_leftovers() -> int:
    """What uploads left half done whose process was killed. What is still arriving changes all the time."""
    dropped, old = 0, time.time() - KEEP_LEFTOVERS.total_seconds()
    for path in blobs.arriving():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < old:
                path.unlink()
                dropped += 1
    return dropped + stores.current().drop_leftovers(KEEP_LEFTOVERS)
