"""What a person typed, understood."""

from dataclasses import dataclass, field

from registry.finding import mlflow
from registry.finding.grammar import Fault, Parser, Part
from registry.finding.tokens import cleaned, tokens_of
from registry.finding.tree import And, Leaf, Node, leaves, pieces, written

__all__ = ["MAX_LENGTH", "Chip", "Fault", "Query", "parse_query", "query_of"]

MAX_LENGTH = 2000
# Of a text that is too long, as much is shown as tells which one it was.
_SHOWN = 40


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
    node: Node = field(repr=False)


@dataclass(frozen=True, slots=True)
class Query:
    """`str(query)` is the query in its canonical words."""

    text: str
    chips: list[Chip] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __str__(self) -> str:
        return _text_of([chip.node for chip in self.chips])

    @property
    def nodes(self) -> list[Node]:
        return [chip.node for chip in self.chips]

    @property
    def leaves(self) -> list[Leaf]:
        return [leaf for chip in self.chips for leaf in leaves(chip.node)]

    def without(self, *gone: Chip) -> str:
        return _text_of([chip.node for chip in self.chips if chip not in gone])

    def replaced(self, chip: Chip | None, node: Node | None) -> str:
        """The text with `node` in the place of `chip`: at the end without a chip, nothing without a node."""
        nodes = [node if other == chip else other.node for other in self.chips] + ([] if chip else [node])
        return _text_of([other for other in nodes if other])


def parse_query(text: str) -> Query:
    """Nothing typed is an error: what is not understood becomes a fault, and the rest holds."""
    if len(text) > MAX_LENGTH:
        return Query(text, faults=[_too_long(text)])
    typed = cleaned(text)
    filters = mlflow.read(typed)
    if filters:
        parts = [Part(node, start, end) for found, start, end in filters for node in _lifted(found)]
        return Query(text, _chips(parts), ["This was read as a filter of MLflow's, with its meaning of !=."])
    tokens, unclosed = tokens_of(typed)
    parser = Parser(typed, tokens)
    parts = parser.parse()
    if unclosed:
        parser.hints.append("A quotation mark is never closed; everything behind it was taken as quoted.")
    return Query(text, _chips(parts), parser.hints, parser.faults)


def _too_long(text: str) -> Fault:
    """A part of such a text may mean anything, as half a word finds nothing."""
    message = f"A query has at most {MAX_LENGTH:,} characters. This one is longer, so nothing of it is looked for."
    return Fault(0, len(text), f"{cleaned(text[:_SHOWN])}…", message)


def query_of(*nodes: Node) -> Query:
    """A query that was not typed."""
    return Query("", _chips([Part(node, 0, 0) for node in nodes]))


def _lifted(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, And) else (node,)


def _chips(parts: list[Part]) -> list[Chip]:
    once = {part.node: part for part in reversed(parts)}
    return [_chip(part) for part in parts if once[part.node] is part]


def _chip(part: Part) -> Chip:
    return Chip(written(part.node), *pieces(part.node), part.start, part.end, part.node)


def _text_of(nodes: list[Node]) -> str:
    return written(nodes[0]) if len(nodes) == 1 else written(And(tuple(nodes)))
