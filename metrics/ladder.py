"""In which steps time is counted, and how long each is kept: a service takes as many rows whatever its traffic."""

from dataclasses import dataclass

_HOUR_S = 3600
_DAY_S = 24 * _HOUR_S


@dataclass(frozen=True, slots=True)
class Level:
    """Slots of `step_s` seconds, each named by the second it begins at (`at_s`, since the epoch)."""

    step_s: int
    keep_s: int


# Each step divides the next. A level is kept a little longer than the longest range that is drawn from it.
LEVELS = (
    Level(10, 2 * _HOUR_S),
    Level(60, 25 * _HOUR_S),
    Level(600, 8 * _DAY_S),
    Level(3600, 31 * _DAY_S),
)
FINEST, *COARSER = LEVELS
LONGEST_S = LEVELS[-1].keep_s


def slot_of(at_s: float, step_s: int) -> int:
    """Where the slot begins that this second is in."""
    return int(at_s // step_s) * step_s


def slot_just_ended(now: float) -> int:
    """The finest slot that ends about now, a little early or late."""
    return slot_of(now - FINEST.step_s / 2, FINEST.step_s)
