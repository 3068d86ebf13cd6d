"""Recursive descent over the tokens: `a b OR -(c d)`. Nothing typed is ever an error."""

from dataclasses import dataclass, field

from registry.finding.tokens import Token
from registry.finding.tree import And, Node, Or, negated
from registry.finding.words import NotUnderstood, read

# More than anybody types; each term is a condition in the database's query, each bracket a level of it.
MAX_TERMS = 50
MAX_DEPTH = 15


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
class Part:
    node: Node
    start: int
    end: int


@dataclass(slots=True)
class Parser:
    text: str
    tokens: list[Token]
    hints: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    place: int = 0
    terms: int = 0

    def parse(self) -> list[Part]:
        """The parts that must all hold."""
        parts: list[Part] = []
        while self.place < len(self.tokens):
            parts += self._either(0)
            if self._at(")"):
                self._fault(self._take(), "This bracket closes nothing.")
        return parts

    def _at(self, kind: str) -> bool:
        return self.place < len(self.tokens) and self.tokens[self.place].kind == kind

    def _at_word(self, keyword: str) -> bool:
        return self._at("word") and self.tokens[self.place].keyword == keyword

    def _take(self) -> Token:
        self.place += 1
        return self.tokens[self.place - 1]

    def _fault(self, token: Token, message: str, suggestion: str = "") -> None:
        typed = self.text[token.start : token.end]
        self.faults.append(Fault(token.start, token.end, typed, message, suggestion))

    def _hint(self, said: str) -> None:
        if said not in self.hints:
            self.hints.append(said)

    def _either(self, depth: int) -> list[Part]:
        """Alternatives between ORs; only one means its parts as they are."""
        sides, missing = [], []
        while not sides or self._at_word("OR"):
            word = self._take() if sides else None
            at, said = self.place, len(self.faults)
            sides.append(self._all(depth))
            missing.append(self.place == at and len(self.faults) == said)
            if word and any(missing[-2:]):
                self._fault(word, "OR stands between two things to look for.")
        sides = [side for side in sides if side]
        if len(sides) <= 1:
            return sides[0] if sides else []
        nodes: list[Node] = []
        for side in sides:
            node = _together(side)
            nodes += node.parts if isinstance(node, Or) else [node]
        nodes = list(dict.fromkeys(nodes))
        node = Or(tuple(nodes)) if len(nodes) > 1 else nodes[0]
        return [Part(node, sides[0][0].start, sides[-1][-1].end)]

    def _all(self, depth: int) -> list[Part]:
        parts: list[Part] = []
        while self.place < len(self.tokens) and not self._at(")") and not self._at_word("OR"):
            if self._at_word("AND"):
                word = self._take()
                following = self.tokens[self.place] if self.place < len(self.tokens) else None
                if not parts or not following or following.kind == ")" or following.keyword in {"OR", "AND"}:
                    self._fault(word, "AND stands between two things to look for; a space means the same.")
            else:
                parts += [part for part in self._one(depth) if part.node not in {other.node for other in parts}]
        return parts

    def _one(self, depth: int) -> list[Part]:
        token = self._take()
        if token.kind == "-" or token.keyword == "NOT":
            return self._negation(token, depth)
        if token.kind == "(":
            return self._group(token, depth)
        return self._leaf(token)

    def _negation(self, sign: Token, depth: int) -> list[Part]:
        if self.place == len(self.tokens) or self._at(")") or self.tokens[self.place].keyword in {"AND", "OR"}:
            self._fault(sign, "Nothing follows that could be left out.")
            return []
        if depth >= MAX_DEPTH:
            return self._too_deep(sign)
        found = self._one(depth + 1)
        return [Part(negated(_together(found)), sign.start, found[-1].end)] if found else []

    def _group(self, bracket: Token, depth: int) -> list[Part]:
        if depth >= MAX_DEPTH:
            return self._too_deep(bracket)
        said = len(self.faults)
        found = self._either(depth + 1)
        end = found[-1].end if found else bracket.end
        if self._at(")"):
            end = self._take().end
        else:
            self._hint("A bracket is never closed; it was closed at the end.")
        if not found and len(self.faults) == said:
            self._fault(bracket, "There is nothing between these brackets.")
        return [Part(found[0].node, bracket.start, end)] if len(found) == 1 else found

    def _too_deep(self, token: Token) -> list[Part]:
        self._fault(token, f"Brackets and signs go at most {MAX_DEPTH} deep.")
        return []

    def _leaf(self, token: Token) -> list[Part]:
        self.terms += 1
        if self.terms > MAX_TERMS:
            if self.terms == MAX_TERMS + 1:
                rest = Token("word", token.start, len(self.text))
                self._fault(rest, f"Only the first {MAX_TERMS} terms are looked for.")
            return []
        try:
            return [Part(read(token, self._hint), token.start, token.end)]
        except NotUnderstood as exc:
            self._fault(token, exc.message, exc.suggestion)
            return []


def _together(parts: list[Part]) -> Node:
    """One node for all of them; parts of parts are lifted, so that a tree has one way to be written."""
    nodes: list[Node] = []
    for part in parts:
        nodes += part.node.parts if isinstance(part.node, And) else [part.node]
    nodes = list(dict.fromkeys(nodes))
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))
