"""The tally of all workers as Prometheus reads it."""

import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from slipway_scoring.tally import BATCHES, ROUTES, SECONDS, Board, added

CONTENT_TYPE = b"content-type: text/plain; version=0.0.4; charset=utf-8\r\n"


def exposition(board: Board) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Tallies(board))
    return generate_latest(registry)


class _Tallies(Collector):
    def __init__(self, board: Board) -> None:
        self._rows = board.rows()

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily("slipway_requests", "Requests answered.", labels=["route", "status"])
        counts = added([[count for *_, count in row.requests()] for row in self._rows])
        for (route, status, _), count in zip(self._rows[0].requests(), counts, strict=True):
            if count:
                requests.add_metric([route, status], count)
        yield requests
        seconds = HistogramMetricFamily(
            "slipway_request_seconds", "From a request's last byte here to its answer.", labels=["route"]
        )
        for route in ROUTES:
            *buckets, total = added([row.seconds(route) for row in self._rows])
            if any(buckets):
                seconds.add_metric([route], _cumulated(SECONDS, buckets), total)
        yield seconds
        batches = HistogramMetricFamily("slipway_batch_requests", "Requests scored by one call of the model.")
        *buckets, total = added([row.batches() for row in self._rows])
        batches.add_metric([], _cumulated(BATCHES, buckets), total)
        yield batches
        yield self._counter(
            "slipway_queue_seconds", "From a request's last byte here to its turn, of all requests.", "queue_seconds"
        )
        yield self._counter(
            "slipway_model_seconds", "In the model or script, its batch's for each request.", "model_seconds"
        )
        yield self._gauge("slipway_queue_requests", "Requests that wait for the model or are in it.", "queue")
        yield self._gauge("slipway_model_load_seconds", "How long loading took.", "load_seconds")
        memory = GaugeMetricFamily("slipway_memory_bytes", "Resident memory.", labels=["worker"])
        for worker, row in enumerate(self._rows):
            memory.add_metric([str(worker)], _resident(int(row.get("process"))))
        yield memory
        yield self._counter("slipway_worker_starts", "Workers started, those after a crash among them.", "starts")

    def _counter(self, name: str, about: str, sums: str) -> Metric:
        family = CounterMetricFamily(name, about)
        family.add_metric([], sum(row.get(sums) for row in self._rows))
        return family

    def _gauge(self, name: str, about: str, gauge: str) -> Metric:
        family = GaugeMetricFamily(name, about, labels=["worker"])
        for worker, row in enumerate(self._rows):
            family.add_metric([str(worker)], row.get(gauge))
        return family


def _cumulated(bounds: tuple[float, ...], buckets: list[float]) -> list[tuple[str, float]]:
    """Counts of each bucket, as Prometheus wants them: of all up to its bound."""
    names, running, found = [*map(_bound, bounds), "+Inf"], 0.0, []
    for name, count in zip(names, buckets, strict=True):
        running += count
        found.append((name, running))
    return found


def _bound(value: float) -> str:
    return repr(float(value))


def _resident(process: int) -> float:
    """Bytes; 0 where there is no /proc."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except OSError:
        return 0.0
    return float(pages) * os.sysconf("SC_PAGESIZE")
