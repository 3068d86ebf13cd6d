"""A profile's result under the keys of Azure ML v1 (contract §3.12), and its points as a table."""

import csv
import io
from collections.abc import Iterator

from profiling.models import Point, Profile, Size
from profiling.states import Mode, Purpose, SizeState, Status

# Azure's words for the states of a profile.
_STATE = {
    Status.QUEUED: "NotStarted",
    Status.PREPARING: "Running",
    Status.MEASURING: "Running",
    Status.SUCCEEDED: "Succeeded",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Cancelled",
}
_LATENCIES = {
    "averageLatencyInMs": "mean_ms",
    "latencyPercentile50InMs": "p50_ms",
    "latencyPercentile90InMs": "p90_ms",
    "latencyPercentile95InMs": "p95_ms",
    "latencyPercentile99InMs": "p99_ms",
    "latencyPercentile999InMs": "p999_ms",
}
_COLUMNS = (
    "cpu", "memory_gb", "onnx", "purpose", "mode", "load", "stable", "windows", "requests", "errors", "timeouts",
    "throughput", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms", "cpu_used", "throttled",
    "memory_bytes", "generator_cpu", "generator_bound", "late_ms", "client_ms", "queue_ms", "model_ms", "other_ms",
)  # fmt: skip


def result_of(profile: Profile) -> dict[str, object]:
    """Keys without a value are left out, as the original did. `cpu` and `memoryInGB` are what a deployment's
    `--profile-input` reads. What was measured is that of the recommended size, at its highest throughput."""
    told = profile.recommendation or {}
    size = _size_of(profile, told)
    facts = _best(size)
    goal = profile.plan["goal"] or {}
    failure = profile.failure or {}
    found: dict[str, object] = {
        "name": profile.name,
        "description": profile.description or None,
        "state": _STATE[Status(profile.status)],
        "createdTime": profile.created_time.isoformat(),
        "error": {"code": failure["code"], "message": failure["detail"]} if failure else None,
        "requestedCpu": profile.plan["cpu"][0],
        "requestedMemoryInGB": profile.plan["memory_gb"][0],
        "requestedQueriesPerSecond": goal.get("requests_per_second"),
        "maxUtilizedCpu": max((point.facts["cpu"] or 0 for point in size.points.all()), default=0) if size else None,
        "maxUtilizedMemoryInGB": size.peak_memory_bytes / 1024**3 if size and size.peak_memory_bytes else None,
    }
    if facts:
        succeeded = facts["requests"] - facts["errors"]
        found |= {
            "totalQueries": facts["requests"],
            "successQueries": succeeded,
            "successRate": 100.0 * succeeded / facts["requests"] if facts["requests"] else None,
            "measuredQueriesPerSecond": facts["throughput"],
            **{theirs: facts[ours] for theirs, ours in _LATENCIES.items()},
        }
    if told:
        found |= {"recommendedCpu": told["cpu"], "recommendedMemoryInGB": told["memory_gb"]}
        found |= {"cpu": told["cpu"], "memoryInGB": told["memory_gb"]}
    return {key: value for key, value in found.items() if value is not None}


def _size_of(profile: Profile, told: dict[str, object]) -> Size | None:
    done = [size for size in profile.sizes.all() if size.purpose == Purpose.CPU and size.state == SizeState.DONE]
    chosen = next((size for size in done if size.cpu == told.get("measured_cpu")), None)
    return chosen or next(iter(done), None)


def _best(size: Size | None) -> dict[str, object] | None:
    if size is None:
        return None
    closed = [point.facts for point in size.points.all() if point.mode == Mode.CLOSED]
    return max(closed, key=lambda facts: facts["throughput"], default=None)


def points_csv(profile: Profile) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(profile))
    return text.getvalue()


def _rows(profile: Profile) -> Iterator[dict[str, object]]:
    for size in profile.sizes.all():
        for point in size.points.all():
            yield _row(size, point)


def _row(size: Size, point: Point) -> dict[str, object]:
    stages = {f"{name}_ms": value for name, value in (point.facts.get("stages") or {}).items()}
    where = {"cpu": size.cpu, "memory_gb": size.memory_gb, "onnx": size.onnx, "purpose": size.purpose}
    return {**point.facts, **where, "mode": point.mode, "load": point.load, "cpu_used": point.facts["cpu"], **stages}
