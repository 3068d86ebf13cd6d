"""One builder at a time: two workers asked for the same thing must not make it twice or halfway."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from drivers.base import Log


@contextmanager
def exclusive(path: Path, *, log: Log | None = None, what: str = "") -> Iterator[None]:
    """Hold the lock file `path`. The kernel frees it when its holder dies, so it is never stale."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if log:
            log("slipway", f"Waiting for another worker that is making the same {what}")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
