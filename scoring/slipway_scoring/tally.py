"""What happened, counted: in memory that all workers of a server share, so that any of them can tell it all.

An increment is one addition in the worker's own row; Prometheus's client writes the text when somebody asks."""

import mmap
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

SCORING = ("score", "invocations", "infer")
ROUTES = (*SCORING, "other")
STATUSES = (200, 400, 404, 405, 408, 413, 415, 431, 500, 503)
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_OTHER_STATUS = len(STATUSES)

_requests_at = 0
_seconds_at = _requests_at + len(ROUTES) * (len(STATUSES) + 1)
_seconds_width = len(SECONDS) + 2  # buckets, beyond them, sum
_batches_at = _seconds_at + len(ROUTES) * _seconds_width
_batches_width = len(BATCHES) + 2
_gauges_at = _batches_at + _batches_width
GAUGES = ("queue", "load_seconds", "process", "starts", "ready", "was_ready", "busy_since", "errors", "queue_seconds",
          "model_seconds")  # fmt: skip
WIDTH = _gauges_at + len(GAUGES)


class Board:
    """A row of counters for each of `workers`. Made before they are forked."""

    def __init__(self, workers: int) -> None:
        self._memory = mmap.mmap(-1, WIDTH * 8 * workers)
        self._cells = memoryview(self._memory).cast("d")
        self.workers = workers

    def row(self, worker: int) -> "Tally":
        return Tally(self._cells[worker * WIDTH : (worker + 1) * WIDTH])

    def rows(self) -> list["Tally"]:
        return [self.row(worker) for worker in range(self.workers)]

    def all_were_ready(self) -> bool:
        """Whether every worker has been; one that is being replaced leaves the others to answer."""
        return all(row.get("was_ready") for row in self.rows())


class Tally:
    """One worker's row."""

    def __init__(self, cells: memoryview) -> None:
        self._cells = cells

    def answered(self, route: str, status: int, seconds: float) -> None:
        cells, place = self._cells, ROUTES.index(route)
        which = STATUSES.index(status) if status in STATUSES else _OTHER_STATUS
        cells[_requests_at + place * (len(STATUSES) + 1) + which] += 1
        at = _seconds_at + place * _seconds_width
        cells[at + bisect_left(SECONDS, seconds)] += 1
        cells[at + _seconds_width - 1] += seconds
        if status >= 500 and route != "other":
            self.add("errors", 1)

    def batched(self, calls: int) -> None:
        self._cells[_batches_at + bisect_left(BATCHES, calls)] += 1
        self._cells[_batches_at + _batches_width - 1] += calls

    def set(self, gauge: str, value: float) -> None:
        self._cells[_gauges_at + GAUGES.index(gauge)] = value

    def add(self, gauge: str, value: float) -> None:
        self._cells[_gauges_at + GAUGES.index(gauge)] += value

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While user code runs: the server ends a process that is in it for too long."""
        self.set("busy_since", time.monotonic())
        try:
            yield
        finally:
            self.set("busy_since", 0)

    def get(self, gauge: str) -> float:
        return self._cells[_gauges_at + GAUGES.index(gauge)]

    def requests(self) -> Iterator[tuple[str, str, float]]:
        """(route, status, how many)."""
        for place, route in enumerate(ROUTES):
            for which, status in enumerate((*map(str, STATUSES), "other")):
                yield route, status, self._cells[_requests_at + place * (len(STATUSES) + 1) + which]

    def seconds(self, route: str) -> list[float]:
        """How many in each bucket of SECONDS and beyond, then the sum."""
        at = _seconds_at + ROUTES.index(route) * _seconds_width
        return list(self._cells[at : at + _seconds_width])

    def batches(self) -> list[float]:
        return list(self._cells[_batches_at : _batches_at + _batches_width])


def added(lists: Iterable[list[float]]) -> list[float]:
    return [sum(column) for column in zip(*lists, strict=True)]
