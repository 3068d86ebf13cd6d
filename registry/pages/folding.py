"""Long lists: what is shown at once, and what waits behind a count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Folded(Generic[Row]):
    """`head` is shown, `rest` when somebody asks for it."""

    head: Sequence[Row]
    rest: Sequence[Row]

    @property
    def count(self) -> int:
        return len(self.head) + len(self.rest)


def folded(rows: Sequence[Row], most: int) -> Folded[Row]:
    """A rest of one or two is not worth a fold."""
    at = len(rows) if len(rows) <= most + 2 else most
    return Folded(rows[:at], rows[at:])
