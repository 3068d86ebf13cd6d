"""What the cells of a CSV column are: numbers, truth values or texts. One kind for a whole column, for its model was
trained on columns."""

import re
from collections.abc import Iterable
from enum import Enum

from profiling.samples.types import Family, family_of

_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*")
# No larger than a float may be: JSON has no word for infinity.
_NUMBER = re.compile(r"\s*[+-]?([0-9]{1,200}\.?[0-9]{0,200}|\.[0-9]{1,200})([eE](-[0-9]{1,3}|\+?[0-9]{1,2}))?\s*")
_MISSING = frozenset(("", "nan", "na", "n/a", "null", "none"))
_BOOLEANS = frozenset(("true", "false"))


class Kind(Enum):
    NOTHING = "nothing"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"


def kinds(rows: Iterable[list[str]], width: int) -> list[Kind]:
    found = [Kind.NOTHING] * width
    for row in rows:
        for at, cell in enumerate(row):
            kind = found[at]
            # A table may have millions of cells: most are gone through quickly.
            if not cell or kind is Kind.TEXT:
                continue
            known = _INTEGER if kind is Kind.INTEGER else _NUMBER if kind is Kind.NUMBER else None
            if known and known.fullmatch(cell):
                continue
            found[at] = _both(kind, _kind(cell))
    return found


def agreed(kind: Kind, type_: str) -> Kind:
    """What a column is, when a signature says `type_` of it."""
    family = family_of(type_)
    if family in (Family.TEXT, Family.DATETIME, Family.BINARY):
        return Kind.TEXT
    return Kind.NUMBER if type_ and family is Family.NUMBER and kind is Kind.INTEGER else kind


def value(cell: str, kind: Kind) -> str | int | float | bool | None:
    """None for what is missing."""
    if not cell or kind is Kind.TEXT:
        return cell or None
    if kind is Kind.BOOLEAN:
        return {"true": True, "false": False}.get(cell.strip().lower())
    try:
        number = int(cell) if kind is Kind.INTEGER else float(cell)
    except ValueError:
        return None
    return None if number != number else number


def is_value(cell: str) -> bool:
    """Whether no column would be named so."""
    return _kind(cell) is not Kind.TEXT


def _kind(cell: str) -> Kind:
    if _INTEGER.fullmatch(cell):
        return Kind.INTEGER
    if _NUMBER.fullmatch(cell):
        return Kind.NUMBER
    word = cell.strip().lower()
    if word in _MISSING:
        return Kind.NOTHING
    return Kind.BOOLEAN if word in _BOOLEANS else Kind.TEXT


def _both(one: Kind, other: Kind) -> Kind:
    if one is other or other is Kind.NOTHING:
        return one
    if one is Kind.NOTHING:
        return other
    return Kind.NUMBER if {one, other} == {Kind.INTEGER, Kind.NUMBER} else Kind.TEXT
