"""A window's points: what was counted, zeros where nothing came, gaps where nobody looked."""

import pytest

from metrics import rolling
from metrics.errors import RangeInvalid
from metrics.recording import record
from metrics.series import series_of, whole_of
from metrics.windows import RANGES, moment_of, read_window
from tests.metrics.conftest import NOON_S

pytestmark = pytest.mark.django_db
STEPS_S = {"15m": 10, "1h": 10, "6h": 60, "1d": 600, "7d": 3600, "30d": 3600}


def points(service, name="15m", now=NOON_S + 60):
    series = series_of(service, read_window(name, now=now))
    return {point.at_s - NOON_S: point.measured for point in series.points}


def test_a_point_tells_all_that_is_known_of_its_slot(service, count, sampled):
    count(NOON_S, *[4.0] * 118, client_errors=1, errors=1)
    sampled(NOON_S, cpu=0.4, cpu_limit=1.0)
    found = points(service)[0]
    assert (found.requests, found.requests_per_second) == (120, 12.0)
    assert (found.ok, found.client_errors, found.errors) == (118, 1, 1)
    assert found.p50_ms == pytest.approx(4.0, rel=0.12) and found.p99_ms == pytest.approx(4.0, rel=0.12)
    assert found.mean_ms == 4.0
    assert found.in_flight == pytest.approx(0.0472)
    assert (found.cpu, found.cpu_limit, found.memory_bytes) == (0.4, 1.0, 90_000_000)
    assert (found.replicas, found.wanted_replicas) == (1, 1)


def test_no_requests_are_zero_where_a_gateway_listened_and_unknown_where_none_did(service, count):
    record("a", NOON_S, {})
    found = points(service)
    assert (found[0].requests, found[0].errors, found[0].p50_ms, found[0].in_flight) == (0, 0, None, 0)
    assert found[10].requests is None and found[10].requests_per_second is None
    assert found[10].cpu is None and found[10].replicas is None


def test_before_a_service_was_made_nobody_could_count_for_it(service):
    made = int(service.created_time.timestamp()) // 10 * 10
    record("a", made - 60, {})
    record("a", made + 60, {})
    series = series_of(service, read_window("15m", now=made + 120))
    known = [point.at_s - made for point in series.points if point.counts]
    assert known == [60]


@pytest.mark.parametrize(("name", "step_s"), STEPS_S.items())
def test_every_range_sees_what_was_counted_whether_it_was_rolled_up_or_not(service, count, name, step_s):
    now = NOON_S + 2 * 3600
    count(now - 300, 5.0, 5.0)
    rolling.roll_up()
    count(now - 20, 5.0)
    window = read_window(name, now=now + 5)
    series = series_of(service, window)
    assert window.step_s == step_s and window.to_s == now
    assert len(series.points) <= 1009
    assert whole_of(series.points).counts.requests == 3
    assert sum(point.covered_s for point in series.points) == window.to_s - window.from_s


def test_the_rate_of_a_slot_under_way_is_of_the_time_that_has_passed(service, count):
    count(NOON_S, *[5.0] * 100)
    found = points(service, "30d", now=NOON_S + 20)[0]
    assert (found.requests, found.requests_per_second) == (100, 5.0)


def test_two_revisions_in_one_slot_are_one_service(service, count):
    count(NOON_S, 2.0, revision=1)
    count(NOON_S, 8.0, revision=2)
    found = points(service)[0]
    assert (found.requests, found.mean_ms) == (2, 5.0)


def test_a_coarser_view_of_a_window_has_the_same_requests(service, count):
    for n in range(6):
        count(NOON_S + 10 * n, 5.0, errors=n)
    series = series_of(service, read_window("15m", now=NOON_S + 60))
    steps = series.in_steps_of(30)
    assert [point.measured.errors for point in steps[-2:]] == [3, 12]
    assert sum(point.covered_s for point in steps) == 60


def test_a_deployment_that_went_live_is_a_mark(service):
    gone_live = service.newest_deployment.finished_time.timestamp()
    [mark] = series_of(service, read_window("15m", now=gone_live + 10)).marks
    assert mark.text == "Revision 1 live"
    assert mark.deployment == service.newest_deployment.pk


def test_a_window_of_the_past_is_drawn_from_what_is_still_kept(service):
    until = moment_of(NOON_S).isoformat()
    window = read_window("15m", until, now=NOON_S + 5 * 86_400)
    assert (window.step_s, window.to_s, window.from_s) == (600, NOON_S, NOON_S - 1200)
    assert read_window("15m", until, now=NOON_S + 60).step_s == 10
    assert read_window("15m", until, now=NOON_S + 20 * 86_400).step_s == 3600


@pytest.mark.parametrize(
    ("name", "until", "said"),
    [
        pytest.param("2h", "", "range='2h' is not known", id="unknown range"),
        pytest.param("1h", "yesterday", "is not a time", id="no time"),
        pytest.param("1h", "2030-13-45T00:00:00Z", "is not a time", id="impossible time"),
        pytest.param("1h", moment_of(NOON_S + 3600).isoformat(), "still to come", id="future"),
        pytest.param("1h", moment_of(NOON_S - 40 * 86_400).isoformat(), "too long ago", id="long ago"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused_with_advice(name, until, said):
    with pytest.raises(RangeInvalid, match=said) as refused:
        read_window(name, until, now=NOON_S)
    assert refused.value.advice


def test_a_time_without_a_zone_is_utc():
    assert read_window("1h", f"{moment_of(NOON_S):%Y-%m-%dT%H:%M:%S}", now=NOON_S + 30).to_s == NOON_S


def test_steps_of_ranges_and_tables_divide_one_another():
    for each in RANGES.values():
        assert each.seconds % each.table_step_s == each.table_step_s % each.step_s == 0
        assert each.seconds / each.table_step_s <= 48
