"""Which load is measured next, and when more tells nothing new."""

from collections.abc import Sequence
from dataclasses import dataclass

from profiling.plan import Goal, Plan
from profiling.states import Mode

FLAT_GAIN = 1.03
"""Two steps that bring less than 3 % more throughput: it has flattened."""
MOST_ERRORS = 0.01
# Of the highest throughput: loads at which latency is measured by a clock that does not wait for answers.
OPEN_SHARES = (0.5, 0.8)


@dataclass(frozen=True, slots=True)
class Load:
    mode: Mode
    amount: float

    def __str__(self) -> str:
        if self.mode == Mode.CLOSED:
            return f"{self.amount:g} at a time"
        return f"{self.amount:.4g} a second"


@dataclass(frozen=True, slots=True)
class Measured:
    """Of a point, what decides how to go on."""

    load: Load
    throughput: float
    p95_ms: float | None
    requests: int
    errors: int

    @property
    def failing(self) -> bool:
        return self.p95_ms is None or self.errors > MOST_ERRORS * max(1, self.requests)


def next_load(plan: Plan, done: Sequence[Measured], *, brief: bool = False) -> Load | None:
    """What follows on `done` (in any order) on a size; None when it is measured. `brief`: the knee is all one wants."""
    closed = sorted((each for each in done if each.load.mode == Mode.CLOSED), key=lambda each: each.load.amount)
    if not _ends(plan.goal, closed):
        tried = {each.load.amount for each in closed}
        follows = next((n for n in plan.concurrency if n not in tried), None)
        if follows is not None:
            return Load(Mode.CLOSED, float(follows))
    best = max((each.throughput for each in closed if not each.failing), default=0.0)
    if brief or best <= 0:
        return None
    tried = {each.load.amount for each in done if each.load.mode == Mode.OPEN}
    rates = [Load(Mode.OPEN, rate) for rate in open_rates(plan.goal, best, tried)]
    return rates[0] if rates else None


def open_rates(goal: Goal | None, best: float, tried: set[float]) -> list[float]:
    """Those still to measure: the wanted rate where it can be reached at all, and shares of the best throughput.

    What was tried decides by its number alone, for after a crash the best is the same: it was measured before."""
    wanted = goal.requests_per_second if goal else None
    rates = [wanted] if wanted and wanted <= best else []
    rates += [float(f"{best * share:.3g}") for share in OPEN_SHARES]
    return [rate for rate in dict.fromkeys(rates) if rate > 0 and rate not in tried]


def _ends(goal: Goal | None, closed: Sequence[Measured]) -> bool:
    """More at a time brings no more, takes too long, or breaks it."""
    if not closed:
        return False
    last = closed[-1]
    if last.failing or (goal and goal.p95_ms and last.p95_ms > goal.p95_ms):
        return True
    return len(closed) > 2 and last.throughput < FLAT_GAIN * max(each.throughput for each in closed[:-2])


def knee(closed: Sequence[Measured]) -> Measured | None:
    """The least load of those that reach nearly all the throughput there is: more at a time only waits longer."""
    good = [each for each in closed if each.load.mode == Mode.CLOSED and not each.failing]
    best = max((each.throughput for each in good), default=0.0)
    return min(
        (each for each in good if each.throughput * 1.05 >= best), key=lambda each: each.load.amount, default=None
    )
