"""Logs of ended deployments, folded from many rows into one compressed one; readers notice nothing."""

import zlib
from datetime import timedelta
from functools import lru_cache

import orjson
from django.db import transaction
from django.utils import timezone

from deployments.models import Deployment, LogArchive, LogLine
from deployments.states import FINAL

# Long enough that whoever watched the deployment end has read its last lines as rows.
KEEP_ROWS = timedelta(hours=1)
AT_ONCE = 20


def fold_ended() -> None:
    """Fold the logs of some deployments that ended a while ago."""
    ended = Deployment.objects.filter(status__in=FINAL, finished_time__lt=timezone.now() - KEEP_ROWS, archive=None)
    for pk in ended.filter(lines__isnull=False).distinct().values_list("pk", flat=True)[:AT_ONCE]:
        fold(pk)


@transaction.atomic
def fold(deployment_id: int) -> None:
    """Readers look at rows first and here second, so at every moment they find each line in one of the two."""
    rows = LogLine.objects.filter(deployment_id=deployment_id).order_by("seq")
    lines = orjson.dumps([row.as_event() for row in rows])
    LogArchive.objects.create(deployment_id=deployment_id, lines=zlib.compress(lines))
    rows.delete()


def folded_lines(deployment_id: int) -> list[dict[str, object]]:
    """All lines, in order; empty when the log is not folded."""
    archive = LogArchive.objects.filter(deployment_id=deployment_id).values_list("pk", flat=True).first()
    return _unfolded(archive) if archive else []


@lru_cache(maxsize=4)
def _unfolded(archive_id: int) -> list[dict[str, object]]:
    # Kept for a moment: a long log is read page by page, and never changes again.
    archive = LogArchive.objects.get(pk=archive_id)
    return orjson.loads(zlib.decompress(bytes(archive.lines)))
