"""What a person typed, understood."""

from dataclasses import dataclass, field

from registry import query as words


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of the query that must hold: `text` is how it is written, `start` and `end` where it was typed.

    `key`, `op` and `value` are its pieces for showing, as in `area` `=` `mnist`, `-is` `:` `deployed`;
    free text and groups have only a value."""

    text: str
    key: str
    op: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A part that was not understood and is left out: `text[start:end]`. `suggestion` is what to write
    in its place, empty when nobody knows."""

    start: int
    end: int
    text: str
    message: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """`str(query)` is the query in its canonical words."""

    text: str
    chips: list[Chip] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __str__(self) -> str:
        return " ".join(chip.text for chip in self.chips)

    def without(self, chip: Chip) -> str:
        return " ".join(other.text for other in self.chips if other != chip)


def parse_query(text: str) -> Query:
    old = words.parse_query(text)
    chips = [Chip(str(t), t.key, "=" if t.key else "", t.value, 0, len(text)) for t in old.terms]
    return Query(text, chips, old.hints)
