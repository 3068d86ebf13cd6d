"""What is told: one JSON object a line."""

from collections.abc import Callable

from profiling.load.latencies import Latencies
from profiling.load.plan import Plan
from profiling.load.windows import Measuring, Window

_BUSY_CORES = 0.85


def window_line(index: int, window: Window, at: Callable[[float], float]) -> dict:
    """`at` makes seconds of the calendar from seconds of the generator's clock."""
    return {
        "kind": "window",
        "index": index,
        "from": round(at(window.begun), 3),
        "to": round(at(window.ended), 3),
        "requests": window.requests,
        "errors": window.errors,
        "throughput": round(window.throughput, 3),
        "p95_ms": _rounded(window.p95_ms),
    }


def result_line(plan: Plan, measuring: Measuring, at: Callable[[float], float]) -> dict:
    windows = measuring.counted
    latencies, late = Latencies(), Latencies()
    statuses: dict[str, int] = {}
    for window in windows:
        latencies.include(window.latencies)
        late.include(window.late)
        for status, count in window.statuses.items():
            statuses[str(status)] = statuses.get(str(status), 0) + count
    seconds = sum(window.seconds for window in windows)
    cores = sum(window.cpu_s for window in windows) / seconds
    late_ms = late.percentile_ms(99) if plan.mode == "open" else None
    return {
        "kind": "result",
        "stable": measuring.stable,
        "windows": len(windows),
        "from": round(at(windows[0].begun), 3),
        "to": round(at(windows[-1].ended), 3),
        "requests": sum(window.requests for window in windows),
        "errors": sum(window.errors for window in windows),
        "timeouts": sum(window.timeouts for window in windows),
        "throughput": round(latencies.count / seconds, 3),
        "offered": plan.rate if plan.mode == "open" else None,
        "mean_ms": _rounded(latencies.mean_ms),
        "p50_ms": _rounded(latencies.percentile_ms(50)),
        "p90_ms": _rounded(latencies.percentile_ms(90)),
        "p95_ms": _rounded(latencies.percentile_ms(95)),
        "p99_ms": _rounded(latencies.percentile_ms(99)),
        "p999_ms": _rounded(latencies.percentile_ms(99.9)),
        "max_ms": _rounded(latencies.max_ms),
        "statuses": dict(sorted(statuses.items())),
        "first_error": next((window.first_error for window in windows if window.first_error), None),
        "generator_cpu": round(cores, 3),
        "generator_bound": cores > _BUSY_CORES or _too_late(late_ms, latencies.percentile_ms(99)),
        "late_ms": _rounded(late_ms),
    }


def _too_late(late_ms: float | None, p99_ms: float | None) -> bool:
    """The generator's own delay makes up more than a tenth of what was measured; under a millisecond it is noise."""
    return late_ms is not None and late_ms > 1 and late_ms > 0.1 * (p99_ms or 0)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
