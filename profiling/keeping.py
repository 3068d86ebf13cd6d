"""What was measured, as rows: a point is kept as soon as it is known, and the next worker goes on from there."""

from django.db import transaction

from deployments.failures import Failure
from profiling.models import Point, Size
from profiling.search import Load, Measured
from profiling.states import Mode, SizeState
from workspaces.texts import storable

_MOST_TIMELINE = 2000


def set_state(size: Size, state: SizeState) -> None:
    size.state = state
    size.save(update_fields=["state"])


def set_failed(size: Size, failure: Failure) -> None:
    _end(size, SizeState.FAILED, failure)


def set_skipped(size: Size, failure: Failure) -> None:
    _end(size, SizeState.SKIPPED, failure)


def _end(size: Size, state: SizeState, failure: Failure) -> None:
    size.state = state
    size.failure = {"code": failure.code, "detail": storable(failure.detail)}
    size.save(update_fields=["state", "failure"])


def set_started(size: Size, cold_start: dict[str, float], idle_memory_bytes: int | None) -> None:
    size.cold_start, size.idle_memory_bytes = cold_start, idle_memory_bytes
    size.save(update_fields=["cold_start", "idle_memory_bytes"])


@transaction.atomic
def add_point(size: Size, load: Load, facts: dict[str, object], rows: list[list[float | None]]) -> None:
    """With what the size used meanwhile: `rows` as in `Size.timeline`, counted from when the load began."""
    if facts.get("first_error"):
        facts["first_error"]["body"] = storable(str(facts["first_error"].get("body", "")))
    Point.objects.update_or_create(size=size, mode=load.mode, load=load.amount, defaults={"facts": facts})
    begin = size.timeline[-1][0] + 1 if size.timeline else 0.0
    size.timeline = [*size.timeline, *([round(begin + at, 2), *rest] for at, *rest in rows)][-_MOST_TIMELINE:]
    seen = [size.peak_memory_bytes or 0, facts["memory_bytes"] or 0, *(row[2] for row in rows)]
    size.peak_memory_bytes = max(seen) or None
    size.save(update_fields=["timeline", "peak_memory_bytes"])


def measured(size: Size) -> list[Measured]:
    return [measured_of(point) for point in size.points.all()]


def measured_of(point: Point) -> Measured:
    facts = point.facts
    load = Load(Mode(point.mode), point.load)
    return Measured(load, facts["throughput"], facts["p95_ms"], facts["requests"], facts["errors"])
