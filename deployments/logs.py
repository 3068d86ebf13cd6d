"""The log of a deployment, or of other long work. A line is a row first; announcing it comes second and may be lost."""

import re
import threading
from collections.abc import Iterable
from datetime import UTC, datetime

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.db.models import Max, Model
from django.utils import timezone

from deployments.log_archive import folded_lines
from deployments.models import Deployment, LogLine
from deployments.states import Step
from workspaces.texts import storable

MAX_TEXT = 16_000
_MASK = "••••••"
_SECRET_NAME = re.compile(r"key|secret|token|passw|credential", re.IGNORECASE)


def group(deployment_id: int) -> str:
    return f"deployment-{deployment_id}"


def announce(deployment_id: int) -> None:
    """Wake those who follow the deployment; where there is no channel layer they look by themselves."""
    layer = get_channel_layer()
    if layer is not None:
        async_to_sync(layer.group_send)(group(deployment_id), {"type": "log.changed"})


def secrets_among(variables: dict[str, str]) -> list[str]:
    """Values of variables whose names say they are secret, for masking."""
    return [value for name, value in variables.items() if _SECRET_NAME.search(name) and len(value) >= 4]


def cut(text: str) -> str:
    """A line no longer than people read."""
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}… ({len(text) - MAX_TEXT} more characters)"


class LogWriter:
    """Numbers and stores lines, some at a time. Only lines of the holder of the work's lease are stored.

    What it is the log of are rows of `work` (with a lease), which lines name by their foreign key `parent`."""

    work: type[Model] = Deployment
    lines: type[Model] = LogLine
    parent = "deployment"

    def __init__(self, work_id: int, worker: str, *, secrets: Iterable[str] = ()) -> None:
        self.work_id = work_id
        self.step = ""
        self._worker = worker
        self._secrets = sorted(set(secrets), key=len, reverse=True)
        # Lines are taken while others are being stored, which may have to wait for the database.
        self._taking, self._storing = threading.Lock(), threading.Lock()
        self._waiting: list[Model] = []

    def clean(self, text: str) -> str:
        """`text` without secrets, fit to be stored."""
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        return storable(text)

    def line(self, stream: str, text: str, *, at: float | None = None) -> None:
        """Take one line; `at` is seconds since the epoch, now by default."""
        text = cut(self.clean(text))
        when = datetime.fromtimestamp(at, UTC) if at else timezone.now()
        row = self.lines(at=when, step=self.step, stream=stream, text=text, **self._whose)
        with self._taking:
            self._waiting.append(row)

    def flush(self) -> None:
        """Store what waits. Lines of a worker that has lost its lease are forgotten."""
        with self._storing:
            with self._taking:
                rows = self._waiting[:]
            if not rows:
                return
            self._store(rows)
            with self._taking:
                del self._waiting[: len(rows)]
        self.announce()

    def announce(self) -> None:
        announce(self.work_id)

    @property
    def _whose(self) -> dict[str, int]:
        return {f"{self.parent}_id": self.work_id}

    @transaction.atomic
    def _store(self, rows: list[Model]) -> None:
        # Locked, so that of two workers that both believe they hold the lease only one numbers lines.
        holders = self.work.objects.select_for_update().filter(pk=self.work_id, lease_owner=self._worker)
        if not holders.values_list("pk").first():
            return
        lines = self.lines.objects.filter(**self._whose)
        last = lines.aggregate(last=Max("seq"))["last"] or 0
        for seq, row in enumerate(rows, last + 1):
            row.seq = seq
        self.lines.objects.bulk_create(rows, batch_size=500)


def last_copied(deployment_id: int) -> float:
    """When the last line was written that was copied from a workload, in seconds since the epoch; 0 without any."""
    copied = LogLine.objects.filter(deployment_id=deployment_id, step=Step.CHECK).exclude(stream="slipway")
    last = copied.aggregate(last=Max("at"))["last"]
    # Rows keep microseconds, and what was written within the same one was copied along.
    return last.timestamp() + 1e-6 if last else 0.0


def read_after(deployment_id: int, after_seq: int, limit: int = 1000) -> list[dict[str, object]]:
    """Up to `limit` lines that follow `after_seq`, in order."""
    rows = LogLine.objects.filter(deployment_id=deployment_id, seq__gt=after_seq).order_by("seq")[:limit]
    return [row.as_event() for row in rows] or folded_lines(deployment_id)[after_seq : after_seq + limit]


def last_lines(deployment: Deployment, count: int) -> list[dict[str, object]]:
    rows = LogLine.objects.filter(deployment=deployment).order_by("-seq")[:count]
    return [row.as_event() for row in reversed(rows)] or folded_lines(deployment.pk)[-count:]
