"""Which process is meant: a pid alone may have been handed to another one since."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Identity:
    """`started` is psutil's create_time in seconds."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "Identity":
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process itself, or None when it has ended, even if its pid lives on in another one."""
        try:
            process = psutil.Process(self.pid)
            alive = process.status() != psutil.STATUS_ZOMBIE
            # create_time moves with the wall clock, which time servers nudge; a pid is not reused this soon.
            same = abs(process.create_time() - self.started) < 2.0
        except psutil.Error:
            return None
        return process if alive and same else None
