"""What a running workload uses, looked at a few times a second while it is measured."""

import threading
import time
from dataclasses import dataclass

import psutil

from drivers.base import Driver, Handle, Usage
from drivers.errors import DriverError

_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Seen:
    """A reading, and when it was taken by this machine's clock."""

    at: float
    usage: Usage


@dataclass(frozen=True, slots=True)
class Used:
    """Over a time: cores in use, the share of the time that the CPU limit held it back (None where nobody counts), and
    the most memory."""

    cpu: float | None
    throttled: float | None
    memory_bytes: int | None


class Sampler(threading.Thread):
    """Reads until it is stopped. What cannot be read is left out: the workload may be ending."""

    def __init__(self, driver: Driver, handle: Handle) -> None:
        super().__init__(name=f"usage of {handle.name}", daemon=True)
        self._driver, self._handle = driver, handle
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._seen: list[Seen] = []

    def run(self) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            self.look()
            self._over.wait(max(_EVERY_S / 5, _EVERY_S - (time.monotonic() - began)))

    def look(self) -> None:
        before = time.time()
        try:
            usages = self._driver.usage(self._handle)
        except DriverError:
            return
        if usages:
            with self._lock:
                self._seen.append(Seen((before + time.time()) / 2, usages[0]))

    def stop(self) -> None:
        self._over.set()
        if self.ident is not None:
            self.join()

    def seen(self) -> list[Seen]:
        with self._lock:
            return self._seen[:]

    def between(self, begin: float, end: float) -> Used:
        """Of the readings from `begin` to `end`, in seconds since the epoch."""
        return used([seen for seen in self.seen() if begin <= seen.at <= end])


class Machine:
    """What the machine that measures did meanwhile, for targets that run on it."""

    def __init__(self) -> None:
        self._began, self._before = time.monotonic(), psutil.cpu_times()

    def others(self, ours: float) -> dict[str, float]:
        """Since it was made: cores that others than `ours` (cores) used, and cores that nobody used."""
        after, took = psutil.cpu_times(), max(1e-9, time.monotonic() - self._began)
        idle = sum(getattr(after, name, 0) - getattr(self._before, name, 0) for name in ("idle", "iowait")) / took
        cores = float(psutil.cpu_count() or 1)
        return {"others_cpu": round(max(0.0, cores - idle - ours), 3), "idle_cpu": round(min(cores, max(0.0, idle)), 3)}


def used(readings: list[Seen]) -> Used:
    """From the first of `readings` to the last."""
    if not readings:
        return Used(None, None, None)
    first, last = readings[0].usage, readings[-1].usage
    memory = max(seen.usage.memory_bytes for seen in readings)
    took, cpu = last.at - first.at, last.cpu_seconds - first.cpu_seconds
    if took <= 0 or cpu < 0:  # one reading, or it was started again in between
        return Used(None, None, memory)
    throttled = None
    if last.throttled_seconds is not None and first.throttled_seconds is not None:
        throttled = max(0.0, last.throttled_seconds - first.throttled_seconds) / took
    return Used(cpu / took, throttled, memory)


def timeline(readings: list[Seen], begin: float, every_s: float) -> list[tuple[float, float | None, int, float | None]]:
    """(seconds since `begin`, cores, bytes, share of time throttled), one for about `every_s` seconds."""
    found, before = [], None
    for seen in readings:
        if before is not None and seen.at - before.at < every_s:
            continue
        here = used([before, seen]) if before else used([seen])
        found.append((round(seen.at - begin, 2), _rounded(here.cpu), seen.usage.memory_bytes, _rounded(here.throttled)))
        before = seen
    return found


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
