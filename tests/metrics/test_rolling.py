"""Finest slots are added to coarser ones once, whoever dies or works at the same time; old ones go."""

import threading

import pytest
from django.db import connection

from metrics import rolling
from metrics.histogram import percentiles_ms
from metrics.ladder import LEVELS, LONGEST_S, slot_of
from metrics.models import Listening, RequestCount, UsageSample
from metrics.recording import record
from tests.metrics.conftest import NOON_S, counted

pytestmark = pytest.mark.django_db


def totals(step_s: int) -> list[tuple[int, int]]:
    rows = RequestCount.objects.filter(step_s=step_s).order_by("at_s", "revision")
    return [(row.at_s - NOON_S, row.requests) for row in rows]


def test_every_level_has_all_that_was_counted(count):
    for n in range(12):
        count(NOON_S + 10 * n, *[5.0] * (n + 1))
    count(NOON_S + 20, 7.0, writer="b")
    rolling.roll_up()
    assert totals(60) == [(0, 22), (60, 57)]
    assert totals(600) == totals(3600) == [(0, 79)]


def test_percentiles_are_those_of_all_latencies_together(count):
    slow, fast = [80.0] * 10, [2.0] * 90
    count(NOON_S, *slow)
    count(NOON_S + 10, *fast)
    rolling.roll_up()
    hour = RequestCount.objects.get(step_s=3600)
    assert hour.buckets == counted(*slow, *fast).buckets
    assert percentiles_ms(hour.buckets, [0.5, 0.95]) == pytest.approx([2.0, 80.0], rel=0.12)
    assert hour.ok_seconds == pytest.approx(0.98)


def test_cpu_is_the_mean_memory_the_most_and_replicas_the_fewest(sampled):
    sampled(NOON_S, cpu=0.2, memory_bytes=100, replicas=2, wanted_replicas=2)
    sampled(NOON_S + 10, cpu=0.4, memory_bytes=300, replicas=1, wanted_replicas=3)
    sampled(NOON_S + 20, cpu=None, memory_bytes=None, replicas=2, wanted_replicas=2)
    rolling.roll_up()
    hour = UsageSample.objects.get(step_s=3600)
    assert (hour.cpu, hour.cpu_samples) == (pytest.approx(0.3), 2)
    assert (hour.memory_bytes, hour.replicas, hour.wanted_replicas) == (300, 1, 3)


def test_what_comes_late_is_added_to_what_is_there(count, sampled):
    count(NOON_S + 10, 5.0)
    sampled(NOON_S + 10, cpu=0.2)
    rolling.roll_up()
    count(NOON_S, 5.0, errors=1, writer="late")
    sampled(NOON_S, cpu=0.6)
    rolling.roll_up()
    assert totals(60) == totals(3600) == [(0, 3)]
    assert UsageSample.objects.get(step_s=60).cpu == pytest.approx(0.4)


def test_rolling_up_again_changes_nothing(count):
    count(NOON_S, 5.0)
    rolling.roll_up()
    rolling.roll_up()
    assert totals(60) == [(0, 1)]


def test_revisions_stay_apart(count):
    count(NOON_S, 5.0, revision=1)
    count(NOON_S, 5.0, 5.0, revision=2)
    rolling.roll_up()
    assert totals(3600) == [(0, 1), (0, 2)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", range(2, 9))
def test_a_crash_between_any_two_statements_adds_nothing_twice_and_loses_nothing(count, statement):
    class Killed(Exception):
        pass

    def dying(execute, sql, params, many, context, seen=[0]):  # noqa: B006
        seen[0] += 1
        if seen[0] == statement:
            raise Killed
        return execute(sql, params, many, context)

    count(NOON_S, 5.0, 6.0)
    count(NOON_S + 70, 5.0)
    with connection.execute_wrapper(dying), pytest.raises(Killed):
        rolling.roll_up()
    rolling.roll_up()
    assert totals(60) == [(0, 2), (60, 1)]
    assert totals(3600) == [(0, 3)]


@pytest.mark.django_db(transaction=True)
def test_workers_that_roll_up_at_the_same_time_add_everything_once(count, monkeypatch):
    monkeypatch.setattr(rolling, "_BATCH", 5)
    for n in range(40):
        count(NOON_S + 10 * n, 5.0, 6.0)
    faults = []

    def work():
        try:
            rolling.roll_up()
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert totals(3600) == [(0, 80)]


def test_each_level_keeps_its_time_and_no_more(service, count):
    now = NOON_S + 40 * 86_400
    for level in LEVELS:
        old, kept = slot_of(now - level.keep_s - 1, level.step_s), slot_of(now - level.keep_s, level.step_s)
        for at_s in (old, kept + level.step_s):
            RequestCount.objects.create(service=service, revision=1, step_s=level.step_s, at_s=at_s, rolled=True)
            UsageSample.objects.create(service=service, step_s=level.step_s, at_s=at_s, rolled=True)
            Listening.objects.create(step_s=level.step_s, at_s=at_s)
    rolling.prune(now)
    for model in (RequestCount, UsageSample, Listening):
        assert model.objects.count() == len(LEVELS)


def test_what_was_not_rolled_up_yet_is_kept_until_nobody_could_see_it(count):
    count(NOON_S, 5.0)
    rolling.prune(NOON_S + 86_400)
    assert RequestCount.objects.filter(step_s=10).exists()
    rolling.prune(NOON_S + LONGEST_S + 20)
    assert not RequestCount.objects.exists()


def test_a_service_has_as_many_rows_whatever_its_traffic(count):
    """A month of it: the levels are full, and stay so."""
    most = sum(level.keep_s // level.step_s + 1 for level in LEVELS)
    for day in range(33):
        for hour in range(0, 24, 6):
            count(NOON_S + day * 86_400 + hour * 3600, *[1.0] * 50)
        rolling.roll_up()
        rolling.prune(NOON_S + day * 86_400)
    assert RequestCount.objects.filter(step_s=3600).count() <= 31 * 24 + 1
    assert RequestCount.objects.count() <= most


def test_a_deleted_service_takes_its_numbers_along(service, count, sampled):
    count(NOON_S, 5.0)
    sampled(NOON_S)
    rolling.roll_up()
    service.delete()
    assert not RequestCount.objects.exists() and not UsageSample.objects.exists()


def test_services_that_are_gone_are_left_out_of_what_a_gateway_tells(service, count):
    others = {("vision", "gone", 1): counted(5.0), ("elsewhere", service.name, 1): counted(5.0)}
    record("a", NOON_S, others | {("vision", service.name, 1): counted(5.0)})
    assert [row.service for row in RequestCount.objects.all()] == [service]


def test_telling_the_same_slot_again_changes_nothing(count):
    count(NOON_S, 5.0, 6.0)
    count(NOON_S, 5.0, 6.0)
    assert totals(10) == [(0, 2)]
    assert Listening.objects.filter(step_s=10).count() == 1


def test_several_gateways_add_up(count):
    count(NOON_S, 5.0, writer="a")
    count(NOON_S, 5.0, 6.0, writer="b")
    rolling.roll_up()
    assert totals(60) == [(0, 3)]
