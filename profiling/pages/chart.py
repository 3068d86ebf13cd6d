"""A drawing with the sentence that sums it up, and its numbers as a table."""

from dataclasses import dataclass, field

from profiling.pages.sheets import Sheet
from profiling.states import SizeState


@dataclass(frozen=True, slots=True)
class Chart:
    """`sentence` says why there is nothing to see where `rows` is empty; `note` what its marks mean."""

    name: str
    title: str
    sentence: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    note: str = ""


def died(sheets: list[Sheet]) -> list[Sheet]:
    return [sheet for sheet in sheets if sheet.size.state == SizeState.FAILED]
