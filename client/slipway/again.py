"""Going on after a broken connection: a few times, with longer and longer waits, as long as nothing moves."""

import time
from collections.abc import Callable

from slipway.errors import ApiError, ConnectionBroken, SlipwayError, StudioNotAnswering

WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
# 423: the studio has not noticed yet that the last connection is gone. The others are a proxy's, or a studio's that
# is being started again.
_PASSING = {423, 502, 503, 504}


class Patience:
    """How long to go on trying. `wait` raises the error when that is over; each byte that moved begins it anew."""

    def __init__(self, on_wait: Callable[[str], None]) -> None:
        self._on_wait = on_wait
        self._failed, self._reached = 0, -1

    def wait(self, error: SlipwayError, reached_bytes: int) -> None:
        if not passes(error):
            raise error
        if reached_bytes > self._reached:
            self._failed, self._reached = 0, reached_bytes
        if self._failed >= len(WAITS_S):
            raise error
        self._on_wait("waiting for the connection")
        time.sleep(WAITS_S[self._failed])
        self._failed += 1


def passes(error: SlipwayError) -> bool:
    """What may be otherwise in a moment."""
    if isinstance(error, ApiError):
        return error.status in _PASSING and error.code != "disk-full"
    return isinstance(error, ConnectionBroken | StudioNotAnswering)
