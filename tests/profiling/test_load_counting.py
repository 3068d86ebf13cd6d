"""No request is lost and none is counted twice: what the generator counts is what the server was asked."""

import json
import threading
from collections.abc import Callable
from time import perf_counter

import pytest

from profiling.load.connection import Connection
from profiling.load.loads import ClosedLoad, Load, OpenLoad
from profiling.load.plan import read_plan
from profiling.load.running import reach
from profiling.load.waiting import Waiting
from tests.profiling.load_server import OK, CountingServer

ANSWERED = 500
REFUSED = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"


def made(kind: type[Load], server: CountingServer, **changes: object) -> tuple[Load, Waiting]:
    """A load that stays in its warm-up, so that one window holds all."""
    asked = {"url": server.url, "bodies": ["a", "b"], "mode": "closed", "concurrency": 7, "warm_up_s": 600, **changes}
    plan = read_plan(json.dumps(asked))
    waiting = Waiting()
    return kind(plan, reach(plan), waiting), waiting


def drive(load: Load, waiting: Waiting, done: Callable[[], bool]) -> None:
    deadline = perf_counter() + 60
    while not done():
        assert perf_counter() < deadline
        waiting.wait(min(load.wait_s(perf_counter()), 0.01))
        load.tick(perf_counter())


@pytest.mark.parametrize(
    ("kind", "changes"),
    [(ClosedLoad, {}), (OpenLoad, {"mode": "open", "rate": 3000, "max_in_flight": 7})],
    ids=["closed", "open"],
)
def test_every_request_is_counted_once(kind, changes):
    held = threading.Event()

    def answer(number: int, body: bytes) -> bytes:
        """After 500 requests nobody is answered any more; of those, every 10th is refused and every 25th breaks."""
        if number > ANSWERED:
            held.wait(30)
        if number % 25 == 0:
            return b""
        return REFUSED if number % 10 == 0 else OK

    with CountingServer(answer) as server:
        load, waiting = made(kind, server, **changes)
        # Those that are not answered stay under way, one on every connection, and are not counted.
        drive(load, waiting, lambda: len(server.bodies) == ANSWERED + 7 and load.measuring.now_in.requests == ANSWERED)
        assert len(load.busy) == 7
        counted = load.measuring.now_in
        held.set()
    assert (counted.requests, counted.latencies.count) == (ANSWERED, 440)
    assert (counted.errors, counted.statuses) == (60, {200: 440, 500: 40})
    for connection in load.busy:
        connection.close()


class Heard:
    """An owner that writes down what it is told."""

    def __init__(self) -> None:
        self.answers: list[tuple[float, int, str]] = []

    def answered(self, connection, now, latency_s, status, text):
        self.answers.append((latency_s, status, text))

    def failed(self, connection, now, why, *, timed_out=False):
        raise AssertionError(why)


def test_latency_counts_from_the_moment_a_request_was_due():
    with CountingServer() as server:
        plan = read_plan(json.dumps({"url": server.url, "bodies": ["a"], "mode": "open", "rate": 1}))
        heard, waiting = Heard(), Waiting()
        connection = Connection(*reach(plan), waiting, heard)
        for due_before_s in (None, None, 5.0):
            now = perf_counter()
            connection.start(plan.requests()[0], now, None if due_before_s is None else now - due_before_s)
            while connection.busy:
                waiting.wait(1)
        connection.close()
    (connecting, _, _), (plain, _, _), (late, _, _) = heard.answers
    assert max(connecting, plain) < 5 <= late
