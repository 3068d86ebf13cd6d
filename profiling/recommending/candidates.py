"""The sizes that were measured, as what they can do."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from profiling import search
from profiling.keeping import measured_of
from profiling.models import Size
from profiling.plan import Goal
from profiling.search import Measured
from profiling.states import Mode

CPU_HEADROOM = 0.7
"""A size is to be used to 70 % of what it can do: the rest is for peaks."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A size with what was measured on it; `points` are those that did not fail."""

    cpu: float
    memory_bytes: int
    onnx: bool
    peak_memory_bytes: int
    points: tuple[Measured, ...]
    facts: tuple[dict[str, object], ...]

    @property
    def at_rest_ms(self) -> float:
        """p95 with the fewest requests at a time."""
        closed = [each for each in self.points if each.load.mode == Mode.CLOSED]
        return min(closed, key=lambda each: each.load.amount).p95_ms

    @property
    def best(self) -> float:
        """The highest throughput, requests a second."""
        return max(each.throughput for each in self.points)

    @property
    def knee(self) -> Measured:
        return search.knee(self.points)

    def within(self, p95_ms: float | None) -> list[Measured]:
        """Points whose answers came in that time."""
        return [each for each in self.points if p95_ms is None or each.p95_ms <= p95_ms]

    def used_at(self, point: Measured) -> float | None:
        """Cores it used there."""
        for facts, each in zip(self.facts, self.points, strict=True):
            if each is point:
                return facts["cpu"]
        return None


@dataclass(frozen=True, slots=True)
class Fit:
    """How a candidate meets a goal: at which point it is to work, at how many requests a second each, on how many
    replicas."""

    candidate: Candidate
    point: Measured
    each: float
    replicas: int
    meets: bool

    @property
    def in_all_cpu(self) -> float:
        return self.candidate.cpu * self.replicas


def candidates_of(sizes: Iterable[Size]) -> list[Candidate]:
    """Those that can be recommended, smallest CPU first."""
    found = []
    for size in sizes:
        rows = [(measured_of(point), point.facts) for point in size.points.all()]
        good = [(measured, facts) for measured, facts in rows if not measured.failing]
        if any(measured.load.mode == Mode.CLOSED for measured, _ in good):
            peak = size.peak_memory_bytes or 0
            points, facts = zip(*good, strict=True)
            found.append(Candidate(size.cpu, size.memory_bytes, size.onnx, peak, points, facts))
    return sorted(found, key=lambda each: each.cpu)


def fit(candidate: Candidate, goal: Goal | None, *, limits_cpu: bool) -> Fit:
    """With a goal of latency it works where that is kept; otherwise at its knee. `each` leaves head-room."""
    goal = goal or Goal()
    within = candidate.within(goal.p95_ms)
    point = max(within, key=lambda each: each.throughput) if goal.p95_ms and within else candidate.knee
    share = CPU_HEADROOM if limits_cpu else _share(candidate, point)
    each = point.throughput * share
    wanted = goal.requests_per_second
    replicas = max(1, math.ceil(wanted / each - 1e-9)) if wanted else 1
    return Fit(candidate, point, each, replicas, meets=bool(within))


def _share(candidate: Candidate, point: Measured) -> float:
    """Where nothing limits the CPU: how much of the throughput goes with 70 % of the size's CPU."""
    used = candidate.used_at(point)
    return min(1.0, CPU_HEADROOM * candidate.cpu / used) if used else CPU_HEADROOM


def choose(fits: list[Fit], goal: Goal | None, *, one_replica: bool) -> Fit:
    """The smallest that meets the goal; without one, the smallest whose latency at rest is within 10 % of the best."""
    if goal is None:
        best = min(each.candidate.at_rest_ms for each in fits)
        return next(each for each in fits if each.candidate.at_rest_ms <= best * 1.10)
    meeting = [each for each in fits if each.meets] or fits
    if one_replica:
        meeting = [each for each in meeting if each.replicas == 1] or meeting
    return min(meeting, key=lambda each: (round(each.in_all_cpu, 6), each.replicas))
