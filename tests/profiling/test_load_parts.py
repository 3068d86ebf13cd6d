"""The parts of the load generator that need neither clock nor server."""

import json
import math
import random

import pytest

from profiling.load.latencies import Latencies
from profiling.load.plan import PlanInvalid, Rule, read_plan
from profiling.load.schedule import Schedule
from profiling.load.windows import Measuring, Window, agree, warm_at

RULE = Rule(warm_up_s=0.5, window_s=1, max_window_s=5, window_requests=10, agree=3, within=0.1, max_windows=5)


def exact(values: list[float], percent: float) -> float:
    return sorted(values)[max(math.ceil(percent / 100 * len(values)), 1) - 1] * 1000


def filled(*seconds: float) -> Latencies:
    latencies = Latencies()
    for value in seconds:
        latencies.add(value)
    return latencies


def window(throughput: int, latency_s: float = 0.01, errors: int = 0) -> Window:
    made = Window(begun=0.0, cpu_s=0.0)
    for _ in range(throughput):
        made.answered(0.5, 200, latency_s)
    for _ in range(errors):
        made.failed(0.5, 400, "no")
    made.end(1.0, cpu_s=0.5)
    return made


@pytest.mark.parametrize("percent", [50, 90, 95, 99, 99.9])
@pytest.mark.parametrize("scale_s", [0.0005, 0.02, 3.0])
def test_percentiles_are_those_of_the_sorted_latencies(percent, scale_s):
    chance = random.Random(7)
    values = [chance.expovariate(1 / scale_s) for _ in range(5000)]
    assert filled(*values).percentile_ms(percent) == pytest.approx(exact(values, percent), rel=0.002, abs=0.0006)


def test_mean_and_maximum_are_exact():
    latencies = filled(0.001, 0.002, 0.006)
    assert (latencies.count, latencies.max_ms) == (3, 6.0)
    assert latencies.mean_ms == pytest.approx(3)


def test_a_percentile_never_exceeds_the_longest_latency():
    assert filled(0.7).percentile_ms(99) == pytest.approx(700, rel=0.002)
    assert filled(0.7).percentile_ms(99) <= 700


def test_latencies_of_hours_and_of_nothing_are_counted():
    latencies = filled(-0.000001, 0.0, 20_000.0)
    assert latencies.count == 3
    assert latencies.percentile_ms(50) < 0.001


def test_without_latencies_there_are_no_percentiles():
    assert (Latencies().percentile_ms(50), Latencies().mean_ms, Latencies().max_ms) == (None, None, None)


def test_latencies_of_two_windows_add_up():
    both = filled(0.001, 0.002)
    both.include(filled(0.003, 0.1))
    assert (both.count, both.max_ms) == (4, 100.0)
    assert both.percentile_ms(75) == pytest.approx(3, rel=0.002)


def test_the_schedule_keeps_its_rate_over_millions_of_requests():
    schedule = Schedule(begun=10.0, rate=3.0)
    assert [schedule.take() for _ in range(4)] == pytest.approx([10.0, 10 + 1 / 3, 10 + 2 / 3, 11.0])
    for _ in range(3_000_000 - 4):
        schedule.take()
    assert schedule.due == 1_000_010.0


def test_warming_up_lasts_until_each_connection_had_its_answer():
    assert warm_at(now=0.7, begun=0, last=0.6, all_answered=True, rule=RULE) == 0.6
    assert warm_at(now=0.7, begun=0, last=0.6, all_answered=False, rule=RULE) is None
    assert warm_at(now=0.7, begun=0, last=0.3, all_answered=True, rule=RULE) is None


def test_warming_up_lasts_five_times_its_length_at_most():
    assert warm_at(now=2.4, begun=0, last=0.1, all_answered=False, rule=RULE) is None
    assert warm_at(now=2.5, begun=0, last=0.1, all_answered=False, rule=RULE) == 2.5


def answered(times: list[float]) -> Window:
    made = Window(begun=0.0, cpu_s=0.0)
    for moment in times:
        made.answered(moment, 200, 0.01)
    return made


@pytest.mark.parametrize(
    ("times", "now", "ended"),
    [
        ([0.1 * number for number in range(1, 10)], 1.5, None),  # too few
        ([0.1 * number for number in range(1, 10)] + [0.99], 1.5, None),  # too short
        ([0.1 * number for number in range(1, 10)] + [1.2], 1.2, 1.2),
        ([2.0, 4.0], 4.9, None),
        ([2.0, 4.0], 5.0, 4.0),  # at the last answer: two in four seconds, not in five
        ([0.1, 0.2], 5.0, 5.0),  # silent since: the silence belongs to it
        ([], 5.0, 5.0),
    ],
    ids=["few", "short", "enough", "slow, before its end", "slow", "fell silent", "silent"],
)
def test_a_window_ends_by_its_rule(times, now, ended):
    assert answered(times).end_at(now, RULE) == ended


def test_windows_agree_when_throughput_and_p95_do():
    assert agree([window(100), window(105), window(109)], RULE)
    assert not agree([window(100), window(105), window(112)], RULE)
    assert not agree([window(100), window(100), window(100, latency_s=0.012)], RULE)


def test_only_the_last_windows_have_to_agree():
    assert not agree([window(100), window(100)], RULE)
    assert agree([window(10), window(100), window(100), window(100)], RULE)


def test_windows_of_errors_alone_agree():
    assert agree([window(0, errors=20)] * 3, RULE)
    assert not agree([window(0, errors=20), window(0, errors=20), window(20)], RULE)


def fed(measuring: Measuring, rates: list[int]) -> list[Window]:
    """Windows of a second each, of so many answers; a first second of warm-up. Returns what has ended."""
    ended = []
    for second, rate in enumerate([20, *rates]):
        for number in range(rate):
            measuring.now_in.answered(second + (number + 1) / rate, 200, 0.01)
        ended.append(measuring.tick(second + 1, all_answered=True))
    return [each for each in ended if each]


def test_measuring_stops_at_the_first_windows_that_agree():
    measuring = Measuring(RULE, begun=0.0, cpu_s=iter(range(100)).__next__)
    windows = fed(measuring, [50, 100, 101])
    assert not measuring.over
    assert [each.requests for each in windows] == [50, 100, 101]
    for number in range(99):
        measuring.now_in.answered(4 + (number + 1) / 99, 200, 0.01)
    measuring.tick(5, all_answered=True)
    assert (measuring.over, measuring.stable) == (True, True)
    assert [each.requests for each in measuring.counted] == [100, 101, 99]


def test_windows_that_never_agree_end_at_the_most_there_may_be():
    measuring = Measuring(RULE, begun=0.0, cpu_s=lambda: 0.0)
    fed(measuring, [20, 40, 80, 160, 320])
    assert (measuring.over, measuring.stable, len(measuring.counted)) == (True, False, 5)


def test_windows_follow_each_other_without_a_gap():
    measuring = Measuring(RULE, begun=0.0, cpu_s=lambda: 0.0)
    windows = fed(measuring, [20, 40, 80])
    assert [(each.begun, each.ended) for each in windows] == [(1, 2), (2, 3), (3, 4)]


PLAN = {"url": "http://127.0.0.1:1/score", "bodies": ["{}"], "mode": "closed", "concurrency": 2}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"speed": 1}, "no speed"),
        ({"rule": {}}, "no rule"),
        ({"mode": "fast"}, '"closed" or "open"'),
        ({"concurrency": None}, "concurrency is needed"),
        ({"mode": "open"}, "rate is needed"),
        ({"concurrency": 0}, "concurrency has to be a whole number from 1"),
        ({"concurrency": 1.5}, "whole number"),
        ({"concurrency": True}, "whole number"),
        ({"mode": "open", "rate": 0}, "rate has to be a number from"),
        ({"mode": "open", "rate": math.nan}, "rate has to be a number from"),
        ({"timeout_s": "1"}, "timeout_s has to be a number"),
        ({"window_s": 9, "max_window_s": 1}, "at least window_s"),
        ({"agree": 5, "max_windows": 4}, "at least agree"),
        ({"url": "https://127.0.0.1/"}, "http://"),
        ({"url": "http://127.0.0.1:99999/"}, "http://"),
        ({"url": "http://127.0.0.1/a b"}, "http://"),
        ({"url": 7}, "http://"),
        ({"bodies": []}, "bodies"),
        ({"bodies": [{}]}, "bodies"),
        ({"bodies": ["\ud800"]}, "UTF-8"),
        ({"headers": {"A b": "1"}}, "header A b"),
        ({"headers": {"A": "1\r\nB: 2"}}, "header A"),
        ({"headers": {"Host": "x"}}, "set by the generator"),
        ({"headers": ["A"]}, "headers"),
    ],
    ids=lambda value: ascii(value) if isinstance(value, dict) else "",
)
def test_a_plan_that_cannot_be_followed_is_refused(changed, said):
    with pytest.raises(PlanInvalid, match=said):
        read_plan(json.dumps(PLAN | changed))


@pytest.mark.parametrize(("text", "said"), [("", "not JSON"), ("[]", "JSON object")])
def test_a_plan_that_is_no_object_is_refused(text, said):
    with pytest.raises(PlanInvalid, match=said):
        read_plan(text)


def test_a_request_is_made_of_address_headers_and_body():
    plan = read_plan(json.dumps(PLAN | {"url": "http://localhost:81/a?b=1", "headers": {"A": "1"}, "bodies": ["é"]}))
    head = b"POST /a?b=1 HTTP/1.1\r\nHost: localhost:81\r\nA: 1\r\nContent-Length: 2\r\n\r\n"
    assert plan.requests() == (head + "é".encode(),)


def test_what_a_plan_leaves_out_has_its_default():
    plan = read_plan(json.dumps(PLAN | {"agree": None, "within": 0.2}))
    assert (plan.rule, plan.timeout_s) == (Rule(within=0.2), 60.0)
