"""How many processors there are for this process, and as many threads for those who count the machine's instead.

Source of the files: Linux, Documentation/admin-guide/cgroup-v2.rst (cpu.max) and scheduler/sched-bwc.rst
(cpu.cfs_quota_us)."""

import math
import os
from collections.abc import Iterator, MutableMapping
from pathlib import Path

from slipway_scoring import cgroups

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")


def limit(root: Path = cgroups.ROOT) -> float:
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
    for version, folder in cgroups.folders("cpu", root):
        if version == 2:
            yield from _quota(*cgroups.words(folder / "cpu.max"))
        else:
            quota, period = (cgroups.words(folder / f"cpu.cfs_{each}_us") for each in ("quota", "period"))
            yield from _quota(*quota, *period)


def _quota(*words: str) -> Iterator[float]:
    """Of "max 100000" or "-1 100000" nothing: there is no limit."""
    if len(words) == 2 and words[0].isdigit() and words[1].isdigit() and int(words[1]):
        yield max(int(words[0]) / int(words[1]), 0.01)
