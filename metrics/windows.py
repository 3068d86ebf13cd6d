"""Ranges of time that people look at, and the slots that show them."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from metrics.errors import RangeInvalid
from metrics.ladder import FINEST, LEVELS, LONGEST_S, Level, slot_of

_AHEAD_S = 60.0  # how far a caller's clock may be ahead of ours


@dataclass(frozen=True, slots=True)
class Range:
    """`step_s` is a level's step, `table_step_s` a multiple of it; `during` goes into sentences."""

    name: str
    seconds: int
    step_s: int
    table_step_s: int
    title: str | Promise
    during: str | Promise


RANGES = {
    range_.name: range_
    for range_ in (
        Range("15m", 900, 10, 30, gettext_lazy("15 min"), gettext_lazy("15 minutes")),
        Range("1h", 3600, 10, 120, gettext_lazy("1 h"), gettext_lazy("hour")),
        Range("6h", 6 * 3600, 60, 600, gettext_lazy("6 h"), gettext_lazy("6 hours")),
        Range("1d", 86_400, 600, 3600, gettext_lazy("1 d"), gettext_lazy("day")),
        Range("7d", 7 * 86_400, 3600, 4 * 3600, gettext_lazy("7 d"), gettext_lazy("7 days")),
        Range("30d", 30 * 86_400, 3600, 86_400, gettext_lazy("30 d"), gettext_lazy("30 days")),
    )
}
DEFAULT = "1h"


@dataclass(frozen=True, slots=True)
class Window:
    """From `from_s` to `to_s`, seconds since the epoch, in slots of `level`.

    The first slot is whole, the last one may still be under way."""

    range: Range
    from_s: int
    to_s: int
    level: Level

    @property
    def step_s(self) -> int:
        return self.level.step_s

    @property
    def slots(self) -> range:
        return range(self.from_s, self.to_s, self.step_s)

    def covered_s(self, at_s: int) -> int:
        """How much of the slot is in the window."""
        return min(at_s + self.step_s, self.to_s) - at_s


def read_window(range_name: str = "", until: str = "", now: float | None = None) -> Window:
    """Raises RangeInvalid."""
    now = time.time() if now is None else now
    chosen = RANGES.get(range_name or DEFAULT)
    if chosen is None:
        raise RangeInvalid(f"range={range_name[:40]!r} is not known.", advice=f"It can be {', '.join(RANGES)}.")
    ends = _until(until, now) if until else None
    level = _finest_kept(chosen, now if ends is None else ends, now)
    # A window of the past ends with a whole slot: rows of a coarse level cannot be cut.
    to_s = slot_of(now, FINEST.step_s) if ends is None else slot_of(ends, level.step_s)
    return Window(chosen, slot_of(to_s - chosen.seconds, level.step_s), to_s, level)


def _finest_kept(chosen: Range, ends: float, now: float) -> Level:
    """The range's own level, or where that is not kept for so long any more, the next that is."""
    levels = [level for level in LEVELS if level.step_s >= chosen.step_s]
    return next((level for level in levels if ends - chosen.seconds >= now - level.keep_s), LEVELS[-1])


def _until(text: str, now: float) -> float:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        said = f"until={text[:40]!r} is not a time."
        raise RangeInvalid(said, advice="Write it like 2026-03-02T09:30:00Z; a + is %2B in an address.")
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if seconds > now + _AHEAD_S:
        raise RangeInvalid(f"until={text[:40]} is still to come.", advice="Leave it out for now.")
    if seconds < now - LONGEST_S:
        days = LONGEST_S // 86_400
        raise RangeInvalid(f"until={text[:40]} is too long ago.", advice=f"Metrics are kept for {days} days.")
    return min(seconds, now)


def moment_of(at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
