"""A deployment's log. A line is a row first; announcing it comes second and may be lost."""

import re
import threading
from collections.abc import Iterable
from datetime import UTC, datetime

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db.models import Max
from django.utils import timezone

from deployments.models import Deployment, LogLine

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


class LogWriter:
    """Numbers and stores lines, some at a time. Only the holder of the deployment's lease writes."""

    def __init__(self, deployment_id: int, *, secrets: Iterable[str] = ()) -> None:
        self.deployment_id = deployment_id
        self.step = ""
        self._secrets = sorted(set(secrets), key=len, reverse=True)
        self._lock = threading.Lock()
        self._waiting: list[LogLine] = []
        lines = LogLine.objects.filter(deployment_id=deployment_id)
        self._seq = lines.aggregate(last=Max("seq"))["last"] or 0

    def line(self, stream: str, text: str, *, at: float | None = None) -> None:
        """Take one line; `at` is seconds since the epoch, now by default."""
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        if len(text) > MAX_TEXT:
            text = f"{text[:MAX_TEXT]}… ({len(text) - MAX_TEXT} more characters)"
        when = datetime.fromtimestamp(at, UTC) if at else timezone.now()
        with self._lock:
            self._seq += 1
            self._waiting.append(
                LogLine(
                    deployment_id=self.deployment_id,
                    seq=self._seq,
                    at=when,
                    step=self.step,
                    stream=stream,
                    text=text.replace("\x00", "\N{REPLACEMENT CHARACTER}"),  # PostgreSQL has no NUL in texts
                )
            )

    def flush(self) -> None:
        with self._lock:
            if not self._waiting:
                return
            LogLine.objects.bulk_create(self._waiting, batch_size=500)
            self._waiting = []
        announce(self.deployment_id)


def read_after(deployment_id: int, after_seq: int, limit: int = 1000) -> list[dict[str, object]]:
    """Up to `limit` lines that follow `after_seq`, in order."""
    rows = LogLine.objects.filter(deployment_id=deployment_id, seq__gt=after_seq).order_by("seq")[:limit]
    return [row.as_event() for row in rows]


def last_lines(deployment: Deployment, count: int) -> list[dict[str, object]]:
    rows = LogLine.objects.filter(deployment=deployment).order_by("-seq")[:count]
    return [row.as_event() for row in reversed(rows)]
