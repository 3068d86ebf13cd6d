"""What a running service writes, as numbered lines for those who follow it.

There is no row for a line: its number is the time it was written at, in microseconds, so whoever reads the log again
finds the same lines under the same numbers, in this process or in another. The log is what the target keeps of it; here
are its newest lines, for all who follow it together.
"""

import threading
import time
from bisect import bisect_right
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from deployments.errors import TargetUnavailable
from deployments.logs import cut
from deployments.models import Revision
from deployments.service_log import Failure, failures_of, line_of
from deployments.targets import driver_of
from drivers.base import Driver, Handle, LogRecord
from drivers.errors import DriverError
from workspaces.texts import storable

MOST_LINES = 20_000
MOST_CHARACTERS = 4_000_000
# However many follow a log, its target is asked no more often than this, and spends a fifth of the time on it at most.
LOOK_S = 0.4
LONGEST_PAUSE_S = 10.0
# Lines of several streams, or of machines whose clocks differ, come out of order by less than this.
LATE_S = 5.0
_FAILURES_IN = 2000
_LOGS_KEPT = 8
_KEEP_S = 120.0
LEFT_OUT = "Older lines are left out here; the whole log can be downloaded."


def workload_of(service_id: int) -> tuple[Driver, Handle] | None:
    """What serves now, and the driver of its target; None while nothing does. Raises DriverError."""
    serving = Revision.objects.filter(service=service_id, traffic__gt=0, workload__isnull=False)
    revision = serving.select_related("target", "workload").order_by("-number").first()
    if revision is None:
        return None
    driver = driver_of(revision.target)
    return driver, Handle(driver.kind, revision.workload.name)


def unavailable(exc: DriverError) -> TargetUnavailable:
    return TargetUnavailable(f"Its log cannot be read now: {exc}", advice=exc.advice or "Try again later.")


@dataclass(slots=True)
class _Read:
    """How far the log of one workload has been read: the time of its newest line, when that was seen here, and the
    lines of the last seconds before it."""

    newest: float = 0.0
    seen_at: float = 0.0
    recent: Counter[LogRecord] = field(default_factory=Counter)

    @property
    def since(self) -> float:
        """What is yet to come was written after this. The longer nothing has come, the less can still be late."""
        late = LATE_S - (time.monotonic() - self.seen_at)
        return max(0.0, self.newest - max(0.0, late))


@dataclass(frozen=True, slots=True)
class Line:
    seq: int
    record: LogRecord

    def as_event(self) -> dict[str, object]:
        """As `LogLine.as_event`, with the replica for a step, and a `level` where the runtime itself says it."""
        said = line_of(self.record.text)
        return {
            "seq": self.seq,
            "at": datetime.fromtimestamp(self.record.at, UTC).isoformat(timespec="milliseconds"),
            "step": self.record.replica,
            "stream": self.record.stream,
            "text": cut(storable(said.text)),
            "level": "error" if said.tone == "bad" else "",
        }


class LiveLog:
    """The log of one service: of one replica, or with "" of all. Threads share it."""

    def __init__(self, service_id: int, replica: str) -> None:
        self._service_id, self._replica = service_id, replica
        self._looking, self._changing = threading.Lock(), threading.Lock()
        self._lines: list[Line] = []
        self._characters = 0
        self._last = self._left_out = 0
        self._read: dict[Handle, _Read] = {}
        self._look_after = 0.0
        self._trouble: DriverError | None = None

    def look(self, *, wait: bool = True) -> None:
        """Read on, unless somebody just did; without `wait`, also unless somebody does. Raises TargetUnavailable."""
        if self._looking.acquire(blocking=wait):
            try:
                if time.monotonic() >= self._look_after:
                    self._read_on()
            finally:
                self._looking.release()
        if self._trouble:
            raise unavailable(self._trouble)

    def after(self, seq: int, limit: int) -> list[dict[str, object]]:
        """Up to `limit` lines that follow `seq`, in order; where some are no longer here, the first one says so."""
        with self._changing:
            start = bisect_right(self._lines, seq, key=lambda line: line.seq)
            found, left_out = self._lines[start : start + limit], self._left_out
        events = [line.as_event() for line in found]
        if events and seq < left_out:
            events.insert(0, {**events[0], "seq": left_out, "stream": "slipway", "text": LEFT_OUT, "level": ""})
        return events[:limit]

    def newest(self, count: int) -> tuple[list[dict[str, object]], bool]:
        """The last lines, and whether there are no others."""
        with self._changing:
            found = self._lines[max(0, len(self._lines) - count) :]
            whole = len(found) == len(self._lines) and not self._left_out
        return [line.as_event() for line in found], whole

    def failures(self) -> list[Failure]:
        """What failed lately, the newest first. A traceback's lines stand together in the log of its replica."""
        texts: dict[str, list[str]] = {}
        with self._changing:
            for line in self._lines[-_FAILURES_IN:]:
                texts.setdefault(line.record.replica, []).append(line.record.text)
        found = [failure for written in texts.values() for failure in failures_of("\n".join(written))]
        return sorted(found, key=lambda failure: failure.at, reverse=True) if len(texts) > 1 else found

    def replicas(self) -> list[str]:
        """Those whose lines are here."""
        with self._changing:
            return sorted({line.record.replica for line in self._lines} - {""})

    def _read_on(self) -> None:
        began, trouble = time.monotonic(), None
        try:
            self._keep(*self._fresh())
        except DriverError as exc:
            trouble = exc
        self._trouble, ended = trouble, time.monotonic()
        self._look_after = ended + min(max(LOOK_S, 4 * (ended - began)), LONGEST_PAUSE_S)

    def _fresh(self) -> tuple[Iterable[Line], int]:
        """What has been written since the last look, and the number of the newest line among it that is too many.

        Each look reads the last seconds again: a line that comes late is numbered after those that came before it."""
        found = workload_of(self._service_id)
        if found is None:
            return [], 0
        driver, handle = found
        read, last, left_out = self._read.get(handle) or _Read(), self._last, 0
        newest, known = read.newest, read.recent.copy()
        fresh: deque[Line] = deque(maxlen=MOST_LINES)
        recent: deque[LogRecord] = deque()
        for record in driver.logs(handle, since=read.since, replica=self._replica):
            newest = max(newest, record.at)
            recent.append(record)
            while recent[0].at <= newest - LATE_S:
                recent.popleft()
            if record.at <= read.newest and known[record]:
                known[record] -= 1
                continue
            last = max(round(record.at * 1e6), last + 1)
            if len(fresh) == MOST_LINES:
                left_out = fresh[0].seq
            fresh.append(Line(last, record))
        if fresh:
            self._last, self._read[handle] = last, _Read(newest, time.monotonic(), Counter(recent))
        return fresh, left_out

    def _keep(self, fresh: Iterable[Line], left_out: int) -> None:
        with self._changing:
            self._lines += fresh
            self._characters += sum(len(line.record.text) for line in fresh)
            self._left_out = max(self._left_out, left_out)
            most, gone = len(self._lines) - MOST_LINES, 0
            while gone < most or (self._characters > MOST_CHARACTERS and gone < len(self._lines)):
                self._characters -= len(self._lines[gone].record.text)
                gone += 1
            if gone:
                self._left_out = self._lines[gone - 1].seq
                del self._lines[:gone]


_logs: OrderedDict[tuple[int, str], tuple[float, LiveLog]] = OrderedDict()
_choosing = threading.Lock()


def live_log(service_id: int, replica: str = "") -> LiveLog:
    """The same one for all who ask, while somebody does."""
    key, now = (service_id, replica), time.monotonic()
    with _choosing:
        _, log = _logs.pop(key, (now, None))
        log = log or LiveLog(service_id, replica)
        _logs[key] = now, log
        while len(_logs) > _LOGS_KEPT or now - next(iter(_logs.values()))[0] > _KEEP_S:
            _logs.popitem(last=False)
    return log


def whole_text(service_id: int, replica: str = "") -> str:
    """Everything the target keeps, as it was written, a line each with its time. Raises TargetUnavailable."""
    try:
        found = workload_of(service_id)
        if found is None:
            return ""
        driver, handle = found
        return "".join(_text(record) for record in driver.logs(handle, replica=replica))
    except DriverError as exc:
        raise unavailable(exc) from exc


def _text(record: LogRecord) -> str:
    at = datetime.fromtimestamp(record.at, UTC).isoformat(timespec="milliseconds")
    return " ".join(filter(None, (at, record.replica, storable(record.text)))) + "\n"
