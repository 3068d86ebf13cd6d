"""What this server has used and done since it began, for whoever sizes it: sums that only grow, so that two readings
make a rate.

Source of the files: Linux, Documentation/admin-guide/cgroup-v2.rst; cgroup-v1/cpuacct.rst, cgroup-v1/memory.rst and
scheduler/sched-bwc.rst."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from slipway_scoring import cgroups
from slipway_scoring.tally import SCORING, SECONDS, Board, added


@dataclass(frozen=True, slots=True)
class Used:
    """By a control group; `at` is of the clock that the rest was read by. None is what nobody tells."""

    at: float
    cpu_seconds: float | None = None
    memory_bytes: int | None = None
    throttled_seconds: float | None = None
    source: str = ""


def document(board: Board, own_cgroup: bool) -> bytes:
    """`own_cgroup`: nobody else is in this process's control group. Where others are, what it tells is theirs too."""
    used = of_cgroup() if own_cgroup else Used(time.monotonic())
    return orjson.dumps(asdict(used) | _done(board))


def of_cgroup(root: Path = cgroups.ROOT) -> Used:
    """By the innermost group this process is in. `root` is where the file system begins."""
    # Both versions may be there at once; then the controllers are those of the first.
    return _of_first(root) if _folder("cpuacct", 1, root) else _of_second(root)


def _of_first(root: Path) -> Used:
    now = time.monotonic()
    nanoseconds = _number(_folder("cpuacct", 1, root), "cpuacct.usage")
    memory = _folder("memory", 1, root)
    held = _without(_number(memory, "memory.usage_in_bytes"), _entry(memory, "memory.stat", "total_inactive_file"))
    throttled = _entry(_folder("cpu", 1, root), "cpu.stat", "throttled_time")
    return Used(now, _times(nanoseconds, 1e-9), held, _times(throttled, 1e-9), "cgroup v1")


def _of_second(root: Path) -> Used:
    now, folder = time.monotonic(), _folder("", 2, root)
    microseconds = _entry(folder, "cpu.stat", "usage_usec")
    if microseconds is None:
        return Used(now)
    held = _without(_number(folder, "memory.current"), _entry(folder, "memory.stat", "inactive_file"))
    throttled = _entry(folder, "cpu.stat", "throttled_usec")
    return Used(now, _times(microseconds, 1e-6), held, _times(throttled, 1e-6), "cgroup v2")


def _folder(controller: str, version: int, root: Path) -> Path | None:
    found = cgroups.folders(controller, root)
    return next((folder for its, folder in found if its == version and folder.is_dir()), None)


def _number(folder: Path | None, name: str) -> int | None:
    words = cgroups.words(folder / name) if folder else []
    return int(words[0]) if words else None


def _entry(folder: Path | None, name: str, key: str) -> int | None:
    """Of a file with a name and a number on each line."""
    words = cgroups.words(folder / name) if folder else []
    return next((int(value) for each, value in zip(words[::2], words[1::2], strict=False) if each == key), None)


def _without(held: int | None, reclaimable: int | None) -> int | None:
    """File pages that nobody used lately go as soon as memory is short."""
    return None if held is None else max(0, held - (reclaimable or 0))


def _times(number: int | None, unit: float) -> float | None:
    return None if number is None else number * unit


def _done(board: Board) -> dict[str, object]:
    """Of requests that were to be scored, by all workers."""
    rows = board.rows()
    *buckets, request_seconds = added(row.seconds(route) for row in rows for route in SCORING)
    return {
        "load_seconds": max(row.get("load_seconds") for row in rows),
        "requests": int(sum(buckets)),
        "errors": int(sum(row.get("errors") for row in rows)),
        "request_seconds": request_seconds,
        "queue_seconds": sum(row.get("queue_seconds") for row in rows),
        "model_seconds": sum(row.get("model_seconds") for row in rows),
        "buckets": {"bounds": SECONDS, "counts": [int(count) for count in buckets]},
    }
