"""Which load follows, and when a size is measured."""

from profiling.plan import Goal, Plan
from profiling.search import Load, Measured, knee, next_load
from profiling.states import Mode


def plan(goal: Goal | None = None, concurrency: tuple[int, ...] = (1, 2, 4, 8, 16)) -> Plan:
    return Plan([1.0], [1.0], list(concurrency), goal, 0.5, 15, False, False)


def closed(at_once: float, throughput: float, p95: float | None = 1.0, errors: int = 0) -> Measured:
    return Measured(Load(Mode.CLOSED, at_once), throughput, p95, 1000, errors)


def opened(rate: float, p95: float = 1.0) -> Measured:
    return Measured(Load(Mode.OPEN, rate), rate, p95, 1000, 0)


RISING = [closed(1, 100), closed(2, 200), closed(4, 400), closed(8, 500), closed(16, 520)]


def test_one_at_a_time_comes_first_then_twice_as_many():
    assert next_load(plan(), []) == Load(Mode.CLOSED, 1)
    assert next_load(plan(), RISING[:2]) == Load(Mode.CLOSED, 4)


def test_two_steps_that_bring_nothing_end_the_search():
    flat = [closed(1, 100), closed(2, 101), closed(4, 102)]
    assert next_load(plan(), flat) == Load(Mode.OPEN, 51.0)
    assert next_load(plan(), flat[:2]) == Load(Mode.CLOSED, 4)


def test_latency_beyond_the_goal_ends_it_and_so_do_errors():
    assert next_load(plan(Goal(p95_ms=5)), [closed(1, 100, 4), closed(2, 110, 6)]).mode == Mode.OPEN
    assert next_load(plan(), [closed(1, 100), closed(2, 100, errors=20)]).mode == Mode.OPEN
    assert next_load(plan(), [closed(1, 0, None, errors=1000)]) is None


def test_open_loads_are_shares_of_the_best_each_once():
    assert next_load(plan(), RISING) == Load(Mode.OPEN, 260.0)
    assert next_load(plan(), [*RISING, opened(260)]) == Load(Mode.OPEN, 416.0)
    assert next_load(plan(), [*RISING, opened(260), opened(416)]) is None


def test_the_rate_that_is_wanted_is_measured_when_it_can_be_reached():
    assert next_load(plan(Goal(requests_per_second=50)), RISING) == Load(Mode.OPEN, 50)
    assert next_load(plan(Goal(requests_per_second=5000)), RISING) == Load(Mode.OPEN, 260.0)


def test_a_brief_measuring_has_no_open_loads():
    assert next_load(plan(concurrency=(8,)), [closed(8, 500)], brief=True) is None


def test_the_knee_is_the_least_load_with_nearly_all_the_throughput():
    assert knee(RISING).load.amount == 8
    assert knee([closed(1, 100, None)]) is None


def test_loads_say_themselves():
    assert str(Load(Mode.CLOSED, 8.0)) == "8 at a time"
    assert str(Load(Mode.OPEN, 12.5)) == "12.5 a second"
