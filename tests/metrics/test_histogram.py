"""Percentiles from buckets, before and after adding up."""

import random
from itertools import pairwise

import pytest

from metrics.histogram import BOUNDS_S, percentiles_ms
from tests.metrics.conftest import counted

SHARES = (0.5, 0.95, 0.99)


def exact_ms(latencies_ms: list[float], share: float) -> float:
    ordered = sorted(latencies_ms)
    return ordered[max(0, round(share * len(ordered)) - 1)]


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("typical_ms", [0.3, 4.0, 90.0, 2500.0])
def test_a_percentile_is_right_within_a_bucket(typical_ms, share):
    chance = random.Random(7)
    latencies = [typical_ms * chance.lognormvariate(0, 0.5) for _ in range(5000)]
    [told] = percentiles_ms(counted(*latencies).buckets, [share])
    assert told == pytest.approx(exact_ms(latencies, share), rel=0.10)


def test_without_latencies_there_is_no_percentile():
    assert percentiles_ms({}, [0.5, 0.99]) == [None, None]


def test_what_takes_longer_than_the_last_bound_counts_as_that():
    assert percentiles_ms({str(len(BOUNDS_S)): 3}, [0.5]) == [pytest.approx(BOUNDS_S[-1] * 1000)]


def test_what_is_faster_than_the_first_bound_is_told_below_it():
    assert 0 < percentiles_ms({"0": 1}, [0.99])[0] <= BOUNDS_S[0] * 1000


def test_the_bounds_reach_from_a_tenth_of_a_millisecond_to_a_minute():
    assert BOUNDS_S[0] == 0.0001
    assert 60 <= BOUNDS_S[-1] < 70
    assert all(high / low < 1.13 for low, high in pairwise(BOUNDS_S))
