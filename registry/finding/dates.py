"""`created:` says when: a day, before or after one, between two, or an age."""

import re
from datetime import UTC, datetime, timedelta

_AGE = re.compile(r"(<=?|>=?)([0-9]{1,6})(h|d|w|m|y)")
_DAYS = {"h": 1 / 24, "d": 1, "w": 7, "m": 30, "y": 365}
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?")
_BOUND = re.compile(r"(<=?|>=?)?(.*)", re.DOTALL)


def read(text: str) -> tuple[str, tuple[str, ...]]:
    """Operator and values. Raises ValueError with a sentence."""
    if found := _AGE.fullmatch(text):
        if int(found[2]) * _DAYS[found[3]] > 36_500:
            raise ValueError(f"{found[2]}{found[3]} is more than a hundred years.")
        return found[1], (f"{found[2]}{found[3]}",)
    op, rest = _BOUND.fullmatch(text).groups()
    low, dots, high = rest.partition("..")
    days = (low, high) if dots else (rest,)
    if not any(days) or (dots and op):
        raise ValueError(f"“{text[:40]}” is not a time: write created:>2026-01-01, created:2026-01-01..2026-01-31 "
                         "or created:<30d.")  # fmt: skip
    for day in days:
        if day or not dots:
            _period(day)
    return (".." if dots else op or "="), days


def _period(text: str) -> tuple[datetime, datetime]:
    """The first moment of a year, month or day in UTC, and the first after it."""
    found = _DATE.fullmatch(text)
    if not found:
        said = "is not a date: write 2026-01-31, 2026-01 or 2026, or an age such as created:<30d."
        raise ValueError(f"“{text[:40]}” {said}")
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = datetime(year, month or 1, day or 1, tzinfo=UTC)
        if day:
            return first, first + timedelta(days=1)
        after = datetime(year + 1, 1, 1, tzinfo=UTC) if not month or month == 12 else first.replace(month=month + 1)
    except (ValueError, OverflowError):
        raise ValueError(f"“{text[:40]}” is not in the calendar.") from None
    return first, after


def bounds(op: str, values: tuple[str, ...], now: datetime) -> tuple[datetime | None, datetime | None]:
    """The half-open span of time that is meant: from the first, before the second; None where it is open."""
    if op == "..":
        low, high = values
        return (_period(low)[0] if low else None), (_period(high)[1] if high else None)
    if (unit := values[0][-1]) in _DAYS:
        moment = now - timedelta(days=int(values[0][:-1]) * _DAYS[unit])
        # Younger than an age is later than the moment.
        return (moment, None) if op.startswith("<") else (None, moment)
    first, after = _period(values[0])
    return {">": (after, None), ">=": (first, None), "<": (None, first), "<=": (None, after)}.get(op, (first, after))
