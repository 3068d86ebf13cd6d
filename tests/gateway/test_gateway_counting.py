"""What the gateway counts of requests, and that writing it down costs none of them anything."""

import logging
import threading
import time
from dataclasses import dataclass, field, fields
from typing import get_type_hints

import httpx
import pytest
from upstreams import KEY, PATIENCE_S, Replicas, Served, free_port, wait_until

from gateway import counting
from gateway.app import Gateway
from gateway.counting import CALLER_LEFT, Counted, Counters, CountSink
from gateway.table import RouteSource

BOUNDS_S = [0.001 * 2**n for n in range(16)]
STEP_S = 1
IRIS = ("default", "iris")


@dataclass
class Ledger:
    """What gateways wrote, as the database would keep it: once for each writer and slot."""

    error: Exception | None = None
    hang: threading.Event | None = None
    rows: dict[tuple, Counted] = field(default_factory=dict)
    slots: set[tuple[str, int]] = field(default_factory=set)
    tries: int = 0

    def write(self, writer: str, at_s: int, counted) -> None:
        self.tries += 1
        if self.hang:
            assert self.hang.wait(PATIENCE_S)
        if self.error:
            raise self.error
        self.slots.add((writer, at_s))
        for key, each in counted.items():
            self.rows.setdefault((writer, at_s, *key), each)

    def of(self, *key) -> Counted:
        found = [each for (_, _, *place), each in self.rows.items() if tuple(place[: len(key)]) == key]
        buckets: dict[str, int] = {}
        for number, count in (item for each in found for item in each.buckets.items()):
            buckets[number] = buckets.get(number, 0) + count
        sums = [sum(getattr(each, each_field.name) for each in found) for each_field in fields(Counted)[:-1]]
        return Counted(*sums, buckets)

    @property
    def requests(self) -> int:
        all_ = self.of()
        return all_.ok + all_.client_errors + all_.errors


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def start(routes, monkeypatch):
    """`start(ledger)`: a gateway of the test's own, over the same routes."""
    monkeypatch.setattr(counting, "AGAIN_S", 0.1)
    started: list[Served] = []

    def start(ledger: Ledger) -> Served:
        sink = CountSink(STEP_S, BOUNDS_S, ledger.write)
        app = Gateway(RouteSource(routes.version, routes.load), Replicas(), sink)
        started.append(Served(app))
        return started[-1]

    yield start
    for each in started:
        if each.thread.is_alive():
            each.stop()


def call(served: Served, path: str = "score", key: str = KEY, **options) -> int:
    headers = {"Authorization": f"Bearer {key}"} | options.pop("headers", {})
    url = f"{served.address}/services/default/iris/{path}"
    return httpx.request(options.pop("method", "POST"), url, headers=headers, timeout=PATIENCE_S, **options).status_code


def test_each_request_is_counted_with_its_service_revision_and_outcome(start, ledger, workload, routes):
    gateway = start(ledger)
    assert [call(gateway) for _ in range(3)] == [200, 200, 200]
    assert call(gateway, "meddling") == 418
    assert call(gateway, key="wrong") == 401
    routes.set("iris", f"http://127.0.0.1:{free_port()}")
    routes.settle()
    assert call(gateway) == 503
    gateway.stop()
    assert (ledger.of(*IRIS).ok, ledger.of(*IRIS).client_errors, ledger.of(*IRIS).errors) == (3, 2, 1)
    assert ledger.of(*IRIS, 1).ok == 3
    assert ledger.of(*IRIS, 0).client_errors == 1  # the wrong key: no revision was chosen


def test_latency_is_counted_in_buckets_of_what_went_well(start, ledger, workload):
    gateway = start(ledger)
    for _ in range(5):
        call(gateway)
    call(gateway, "meddling")
    gateway.stop()
    found = ledger.of(*IRIS)
    assert sum(found.buckets.values()) == found.ok == 5
    assert 0 < found.ok_seconds < found.seconds < PATIENCE_S


def test_strangers_cannot_make_up_services_to_be_counted(start, ledger, workload):
    gateway = start(ledger)
    httpx.post(f"{gateway.address}/services/default/made-up/score", headers={"Authorization": "Bearer x"})
    httpx.get(f"{gateway.address}/healthz")
    httpx.get(f"{gateway.address}/nothing/here")
    gateway.stop()
    assert ledger.requests == 0


def test_preflights_are_no_requests(start, ledger, workload):
    gateway = start(ledger)
    asks = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    assert httpx.options(f"{gateway.address}/services/default/iris/cors", headers=asks).status_code == 200
    gateway.stop()
    assert ledger.requests == 0


def test_a_caller_that_leaves_counts_as_a_client_error(start, ledger, workload):
    gateway = start(ledger)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{gateway.address}/services/default/iris/gated", headers={"Authorization": f"Bearer {KEY}"}, timeout=0.3
        )
    wait_until(lambda: workload.left_early)
    gateway.stop()
    assert ledger.of(*IRIS).client_errors == 1
    assert CALLER_LEFT == 499


def test_an_answer_that_breaks_off_is_an_error(start, ledger, scripted, routes):
    broken = scripted(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this")
    routes.set("iris", broken.address)
    gateway = start(ledger)
    with pytest.raises(httpx.RemoteProtocolError):
        call(gateway)
    gateway.stop()
    assert (ledger.of(*IRIS).ok, ledger.of(*IRIS).errors) == (0, 1)


def test_slots_are_told_as_they_end_with_or_without_requests(start, ledger, workload):
    gateway = start(ledger)
    call(gateway)
    wait_until(lambda: len(ledger.slots) >= 3)
    assert all(at_s % STEP_S == 0 for _, at_s in ledger.slots)
    assert ledger.requests == 1
    gateway.stop()


def test_what_could_not_be_written_is_written_later_once(start, ledger, workload, caplog):
    gateway = start(ledger)
    ledger.error = RuntimeError("the database is away")
    with caplog.at_level(logging.WARNING, "gateway.counting"):
        for _ in range(4):
            assert call(gateway) == 200
        wait_until(lambda: ledger.tries >= 3)
        assert ledger.requests == 0
        ledger.error = None
        wait_until(lambda: ledger.requests == 4)
        assert [call(gateway) for _ in range(2)] == [200, 200]
        gateway.stop()
    assert ledger.requests == 6
    assert "cannot write what was counted" in caplog.text and "writing what was counted again" in caplog.text
    assert caplog.text.count("cannot write") == 1


def test_a_database_that_hangs_delays_no_request(start, ledger, workload):
    ledger.hang = threading.Event()
    gateway = start(ledger)
    wait_until(lambda: ledger.tries)
    assert [call(gateway) for _ in range(20)] == [200] * 20
    ledger.hang.set()
    gateway.stop()
    assert ledger.requests == 20


def test_several_gateways_write_under_names_of_their_own(start, ledger, workload):
    one, other = start(ledger), start(ledger)
    for gateway in (one, other, other):
        call(gateway)
    one.stop()
    other.stop()
    assert ledger.requests == 3
    assert len({writer for writer, _ in ledger.slots}) == 2


def test_what_is_kept_while_nothing_can_be_written_is_bounded(monkeypatch):
    monkeypatch.setattr(counting, "MOST_SLOTS", 5)
    ledger = Ledger(error=RuntimeError("away"))
    writer = counting._Writer(CountSink(STEP_S, BOUNDS_S, ledger.write))
    for at_s in range(50):
        writer.put(at_s, {})
    writer._take_ended()
    writer._write_left()
    assert [at_s for at_s, _ in writer._left] == [45, 46, 47, 48, 49]


def test_requests_from_many_threads_are_all_counted(start, ledger, workload):
    gateway = start(ledger)

    def several() -> None:
        for _ in range(25):
            call(gateway)

    threads = [threading.Thread(target=several) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gateway.stop()
    assert ledger.requests == 150


def test_a_clock_that_is_set_back_loses_nothing(monkeypatch):
    ledger = Ledger()
    counters = Counters(CountSink(10, BOUNDS_S, ledger.write))
    counters.add("default", "iris", 1, 200, 0.004)
    monkeypatch.setattr(time, "time", lambda: 5.0)
    counters.add("default", "iris", 1, 200, 0.004)
    counters._end_slot()
    counters._writer._take_ended()
    counters._writer._write_left()
    assert ledger.requests == 2


def test_what_it_counts_is_what_the_studio_records():
    pytest.importorskip("django")
    from metrics import recording

    assert get_type_hints(recording.Counted).keys() == {each.name for each in fields(Counted)}
    assert list(recording.BOUNDS_S) == sorted(recording.BOUNDS_S)
    assert 86_400 % recording.STEP_S == 0
