"""A time limit on user code, by SIGALRM as Azure's server does it: the code runs in the main thread.

It interrupts Python and waiting (sleep, sockets); a C extension is interrupted when it returns."""

import signal
from collections.abc import Callable
from typing import Any

from slipway_scoring.errors import ScoringTimedOut


class _Expired(BaseException):
    """Not an Exception, so that a script's `except Exception` cannot take it for its own."""


def _expire(signum: int, frame: object) -> None:
    raise _Expired


def arm() -> None:
    """To be called once in the main thread, after the user's init(), which may have used SIGALRM itself."""
    signal.signal(signal.SIGALRM, _expire)


def within(timeout_ms: int | None, run: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """What `run` returns. Raises ScoringTimedOut when it takes longer; None is no limit."""
    if timeout_ms is None:
        return run(*args, **kwargs)
    try:
        signal.setitimer(signal.ITIMER_REAL, timeout_ms / 1000)
        try:
            return run(*args, **kwargs)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except _Expired:
        raise ScoringTimedOut(timeout_ms) from None
