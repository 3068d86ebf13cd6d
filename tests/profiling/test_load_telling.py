"""What the load generator tells of itself: whether it, not the server, was the limit."""

import json

import pytest

from profiling.load.plan import Plan, read_plan
from profiling.load.telling import result_line
from profiling.load.windows import Measuring, Window

PLAN = {"url": "http://127.0.0.1/", "bodies": ["{}"], "concurrency": 1, "rate": 100, "agree": 1, "max_windows": 1}
CALENDAR = 1_000_000.0


def told(*, mode: str = "closed", cpu_s: float = 0.5, latency_s: float = 0.01, late_s: float = 0.0) -> dict:
    """The result of one window of a second with 100 answers."""
    plan: Plan = read_plan(json.dumps(PLAN | {"mode": mode}))
    measuring = Measuring(plan.rule, begun=0.0, cpu_s=lambda: 0.0)
    window = Window(begun=5.0, cpu_s=2.0)
    for _ in range(100):
        window.answered(5.5, 200, latency_s)
        window.late.add(late_s)
    window.end(6.0, cpu_s=2.0 + cpu_s)
    measuring.windows.append(window)
    return result_line(plan, measuring, lambda moment: moment + CALENDAR)


@pytest.mark.parametrize(("cpu_s", "bound"), [(0.84, False), (0.86, True)])
def test_a_generator_that_was_busy_most_of_the_time_says_so(cpu_s, bound):
    result = told(cpu_s=cpu_s)
    assert (result["generator_cpu"], result["generator_bound"]) == (cpu_s, bound)


@pytest.mark.parametrize(
    ("late_s", "latency_s", "bound"),
    [(0.005, 0.02, True), (0.005, 0.2, False), (0.0009, 0.002, False)],
    ids=["a quarter of the latency", "a fortieth", "under a millisecond"],
)
def test_a_generator_that_sends_late_says_so(late_s, latency_s, bound):
    result = told(mode="open", late_s=late_s, latency_s=latency_s)
    assert result["late_ms"] == pytest.approx(late_s * 1000, rel=0.01)
    assert result["generator_bound"] is bound


def test_lateness_and_a_rate_belong_to_open_load_alone():
    closed, opened = told(), told(mode="open")
    assert (closed["late_ms"], closed["offered"]) == (None, None)
    assert (opened["late_ms"], opened["offered"]) == (0, 100)


def test_moments_are_told_by_the_calendar():
    result = told()
    assert (result["from"], result["to"], result["throughput"]) == (CALENDAR + 5, CALENDAR + 6, 100)
