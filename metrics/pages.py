"""What the page of a service's metrics shows: for each chart what its sentence tells and its table, and the numbers
that static/js/metrics.js draws."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from metrics.models import RequestCount
from metrics.series import Mark, Measured, Point, Series, whole_of
from metrics.windows import RANGES, Range, moment_of

DRAWN = (
    "p50_ms", "p95_ms", "p99_ms", "cpu", "cpu_limit", "memory_bytes", "memory_limit_bytes", "replicas",
    "wanted_replicas",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chart:
    """`columns` are what the table tells: names of `Measured`, and their titles. `why` is where to look when it is
    high; of replicas, when they are few."""

    name: str
    title: str | Promise
    unit: str | Promise
    columns: dict[str, str | Promise]
    why: str | Promise

    def cells(self, measured: Measured) -> list[str]:
        return [_text(name, getattr(measured, name)) for name in self.columns]


_TRAFFIC = (
    Chart(
        "requests",
        _("Requests"),
        _("a second"),
        {
            "requests": _("Requests"),
            "requests_per_second": _("A second"),
            "client_errors": _("Client errors"),
            "errors": _("Errors"),
            "in_flight": _("Under way"),
        },
        _(
            "Client errors are answers 4xx: a wrong key, a body the model cannot read. Errors are 5xx: the model "
            "failed, or nobody was free to answer in time; the tab Logs says which."
        ),
    ),
    Chart(
        "latency",
        _("Latency"),
        _("of requests that went well"),
        {"p50_ms": "p50 ms", "p95_ms": "p95 ms", "p99_ms": "p99 ms", "mean_ms": _("Mean ms")},
        _(
            "It counts from the request's arrival to the end of its answer. When it grows with the requests, they "
            "wait for one another: more CPU or replicas help. When it grows alone, requests have become larger, or "
            "what the model itself asks for is slow."
        ),
    ),
)
_USE = (
    Chart(
        "cpu",
        _("CPU"),
        _("cores"),
        {"cpu": _("Cores"), "cpu_limit": _("Limit")},
        _("At its limit, a service answers more slowly: deploy it with more CPU, or with more replicas."),
    ),
    Chart(
        "memory",
        _("Memory"),
        "",
        {"memory_bytes": _("Most, MB"), "memory_limit_bytes": _("Limit, MB")},
        _(
            "What cannot be given back, without files that are only cached. A service that comes to its limit is "
            "ended and started again; steady growth is a leak in the entry script."
        ),
    ),
    Chart(
        "replicas",
        _("Replicas"),
        "",
        {"replicas": _("Ready, fewest"), "wanted_replicas": _("Wanted")},
        _("Fewer than wanted are ready while some start, have crashed, or find no room: the tab Logs says why."),
    ),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What sentences are made of: the window as a whole, its newest measurement, its highest points."""

    whole: Measured
    now: Measured
    most: Measured
    error_percent: float | None
    always_ready: bool


@dataclass(frozen=True, slots=True)
class MetricsPage:
    range: Range
    ranges: list[Range]
    counted: bool
    """Whether any request was ever counted, as far back as is kept."""
    charts: list[tuple[Chart, list[tuple[datetime, list[str]]]]]
    told: Told
    marks: list[tuple[datetime, Mark]]
    numbers: str


def metrics_page(series: Series) -> MetricsPage:
    measured = [(point, point.measured) for point in series.points]
    range_ = series.window.range
    steps = series.in_steps_of(max(range_.table_step_s, series.window.step_s))
    told = _told(whole_of(steps).measured, [each for _, each in measured])
    counted = bool(told.whole.requests) or RequestCount.objects.filter(service=series.service).exists()
    rows = [(moment_of(point.at_s), point.measured) for point in reversed(steps)]
    charts = [*(_TRAFFIC if counted else ()), *_USE]
    return MetricsPage(
        range=range_,
        ranges=list(RANGES.values()),
        counted=counted,
        charts=[(chart, [(moment, chart.cells(row)) for moment, row in rows]) for chart in charts],
        told=told,
        marks=[(moment_of(mark.at_s), mark) for mark in series.marks],
        numbers=_numbers(series, measured),
    )


def _told(whole: Measured, measured: list[Measured]) -> Told:
    used = [each for each in measured if each.wanted_replicas is not None]
    names = ("requests_per_second", "cpu", "memory_bytes")
    most = Measured(**{name: max(_known(measured, name), default=None) for name in names})
    return Told(
        whole=whole,
        now=used[-1] if used else Measured(),
        most=most,
        error_percent=100 * whole.errors / whole.requests if whole.requests else None,
        always_ready=all(each.replicas >= each.wanted_replicas for each in used),
    )


def _text(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return (
        f"{value / 1e6:.1f}" if name.endswith("_bytes") else f"{value:.4g}" if isinstance(value, float) else str(value)
    )


def _known(measured: Iterable[Measured], name: str) -> list[float]:
    return [value for each in measured if (value := getattr(each, name)) is not None]


def _numbers(series: Series, measured: list[tuple[Point, Measured]]) -> str:
    """JSON: columns of equal length, by name; requests a second by what became of them."""
    columns: dict[str, list[float | None]] = {name: [getattr(each, name) for _, each in measured] for name in DRAWN}
    for name in ("ok", "client_errors", "errors"):
        counts = [(getattr(each, name), point.covered_s) for point, each in measured]
        columns[name] = [None if count is None else round(count / covered_s, 4) for count, covered_s in counts]
    window = series.window
    told = {"from": window.from_s, "to": window.to_s, "step": window.step_s, "columns": columns}
    told["marks"] = [{"at": mark.at_s, "text": mark.text} for mark in series.marks]
    return json.dumps(told, separators=(",", ":"))
