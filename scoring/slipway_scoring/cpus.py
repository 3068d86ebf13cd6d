"""How many processors there are for this process, and as many threads for those who count the machine's instead.

Source of the files: Linux, Documentation/admin-guide/cgroup-v2.rst (cpu.max) and scheduler/sched-bwc.rst
(cpu.cfs_quota_us)."""

import math
import os
from collections.abc import Iterator, MutableMapping
from pathlib import Path, PurePosixPath

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")


def limit(root: Path = Path("/")) -> float:
    """Processors, in parts too: the smallest of what the machine has, this process may run on and its control groups
    are granted. `root` is where the file system begins."""
    granted = [*_quotas(root)]
    try:
        here = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        here = os.cpu_count() or 1
    return min([here, *granted])


def settle_threads(processors: float, variables: MutableMapping[str, str] = os.environ) -> None:
    """For a process that has so many to itself. To be called before numpy is loaded; what is set already stays."""
    threads = str(max(1, math.ceil(processors)))
    for name in _THREADS:
        variables.setdefault(name, threads)


def _quotas(root: Path) -> Iterator[float]:
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        number, controllers, place = line.split(":", 2)
        if number == "0":
            for folder in _upwards(root / "sys/fs/cgroup", place):
                yield from _quota(*_words(folder / "cpu.max"))
        elif "cpu" in controllers.split(","):
            for folder in _upwards(root / "sys/fs/cgroup" / controllers, place):
                quota, period = _words(folder / "cpu.cfs_quota_us"), _words(folder / "cpu.cfs_period_us")
                yield from _quota(*quota, *period)


def _upwards(mounted: Path, place: str) -> Iterator[Path]:
    """The group and all it is part of. In a container, the group's place may be the host's and its files at the top."""
    inside = PurePosixPath(place.lstrip("/"))
    for part in (inside, *inside.parents):
        yield mounted / part


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []


def _quota(*words: str) -> Iterator[float]:
    """Of "max 100000" or "-1 100000" nothing: there is no limit."""
    if len(words) == 2 and words[0].isdigit() and words[1].isdigit() and int(words[1]):
        yield max(int(words[0]) / int(words[1]), 0.01)
