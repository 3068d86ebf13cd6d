"""A service's numbers over a window of time, slot by slot."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from django.db.models import Q

from deployments.models import Deployment, Service
from deployments.states import Status
from metrics.histogram import percentiles_ms
from metrics.ladder import FINEST, slot_of
from metrics.models import Listening, RequestCount, UsageSample
from metrics.windows import Window, moment_of


@dataclass(slots=True)
class Point:
    """What is known of the `covered_s` seconds from `at_s` on. `counts` None: nobody counted; `usage` None: nobody
    measured."""

    at_s: int
    covered_s: int
    counts: RequestCount | None = None
    usage: UsageSample | None = None

    def take(self, finer: "Point", step_s: int, at_s: int) -> None:
        """Add a part of this one."""
        self.covered_s += finer.covered_s if finer.counts else 0
        self.counts = _added(self.counts, finer.counts, step_s, at_s)
        self.usage = _added(self.usage, finer.usage, step_s, at_s)

    @property
    def measured(self) -> "Measured":
        return Measured(**_traffic(self), **_used(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """As REST tells it; None is what nobody measured. Latencies are of requests that went well."""

    requests: int | None = None
    requests_per_second: float | None = None
    ok: int | None = None
    client_errors: int | None = None
    errors: int | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    mean_ms: float | None = None
    in_flight: float | None = None
    cpu: float | None = None
    memory_bytes: int | None = None
    cpu_limit: float | None = None
    memory_limit_bytes: int | None = None
    replicas: int | None = None
    wanted_replicas: int | None = None


NAMES = tuple(each.name for each in fields(Measured))


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened to the service."""

    at_s: int
    text: str
    deployment: int


@dataclass(frozen=True, slots=True)
class Series:
    service: Service
    window: Window
    points: list[Point]
    marks: list[Mark] = field(default_factory=list)

    def in_steps_of(self, step_s: int) -> list[Point]:
        """The same in coarser steps, a multiple of the window's."""
        found: dict[int, Point] = {}
        for point in self.points:
            at_s = slot_of(point.at_s, step_s)
            into = found.setdefault(at_s, Point(at_s, 0))
            into.take(point, step_s, at_s)
        return list(found.values())


def whole_of(points: list[Point]) -> Point:
    """All of them as if they were one slot."""
    whole = Point(points[0].at_s, 0)
    for point in points:
        whole.take(point, 0, whole.at_s)
    return whole


def series_of(service: Service, window: Window) -> Series:
    points = {at_s: Point(at_s, window.covered_s(at_s)) for at_s in window.slots}
    for row in _rows(RequestCount, service, window):
        point = points[slot_of(row.at_s, window.step_s)]
        point.counts = _added(point.counts, row, window.step_s, point.at_s)
    for row in _rows(UsageSample, service, window):
        point = points[slot_of(row.at_s, window.step_s)]
        point.usage = _added(point.usage, row, window.step_s, point.at_s)
    for at_s in _listened(service, window):
        points[at_s].counts = points[at_s].counts or RequestCount(service_id=service.pk, revision=0)
    return Series(service, window, list(points.values()), _marks(service, window))


def _rows(model, service: Service, window: Window) -> Iterable:
    """Those of the window's level, and the finest that were not added to it yet: what was counted a moment ago."""
    level = Q(step_s=window.level.step_s)
    if window.level != FINEST:
        level |= Q(step_s=FINEST.step_s, rolled=False)
    return model.objects.filter(level, service=service, at_s__gte=window.from_s, at_s__lt=window.to_s).order_by("at_s")


def _listened(service: Service, window: Window) -> set[int]:
    """The slots in which requests to the service would have been counted."""
    made = service.created_time.timestamp()
    rows = Listening.objects.filter(step_s=window.level.step_s, at_s__gte=window.from_s, at_s__lt=window.to_s)
    return {at_s for at_s in rows.values_list("at_s", flat=True) if at_s + window.step_s > made}


def _added(into, row, step_s: int, at_s: int):
    if row is None:
        return into
    if into is None:
        into = row.coarser(step_s, at_s)  # never the row itself, which another sum may still need as it is
    into.take(row)
    return into


def _marks(service: Service, window: Window) -> list[Mark]:
    live = Deployment.objects.filter(revision__service=service, status=Status.LIVE)
    between = (moment_of(window.from_s), moment_of(window.to_s))
    rows = live.filter(finished_time__range=between).order_by("finished_time")
    return [
        Mark(int(finished.timestamp()), f"Revision {number} live", pk)
        for pk, number, finished in rows.values_list("pk", "revision__number", "finished_time")
    ]


def _traffic(point: Point) -> dict[str, float | int | None]:
    counts = point.counts
    if counts is None:
        return {}
    seconds = point.covered_s or 1
    half, most, nearly_all = percentiles_ms(counts.buckets, (0.5, 0.95, 0.99))
    return {
        "requests": counts.requests,
        "requests_per_second": _rounded(counts.requests / seconds),
        "ok": counts.ok,
        "client_errors": counts.client_errors,
        "errors": counts.errors,
        "p50_ms": _rounded(half),
        "p95_ms": _rounded(most),
        "p99_ms": _rounded(nearly_all),
        "mean_ms": _rounded(1000 * counts.ok_seconds / counts.ok) if counts.ok else None,
        "in_flight": _rounded(counts.seconds / seconds),
    }


def _used(point: Point) -> dict[str, float | int | None]:
    usage = point.usage
    if usage is None:
        return {}
    return {
        "cpu": _rounded(usage.cpu),
        "memory_bytes": usage.memory_bytes,
        "cpu_limit": usage.cpu_limit,
        "memory_limit_bytes": usage.memory_limit_bytes,
        "replicas": usage.replicas,
        "wanted_replicas": usage.wanted_replicas,
    }


def _rounded(number: float | None) -> float | None:
    """To four digits: more than was measured would be noise."""
    return None if number is None else float(f"{number:.4g}")
