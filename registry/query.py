"""The words of the search box: `area=mnist` tags that must all hold, and free text."""

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r'"(?P<quoted>[^"]*)"|(?P<word>[^\s"]*"[^"]*"|[^\s"]+)')
# The first branch steps over quoted text, which is taken as it is.
_SPACED = re.compile(r'"[^"]*"|(?<!\S)([^\s"=:]+)(?:\s+[=:]\s*|[=:]\s+|:)("[^"]*"|[^\s"=:]+)(?!\S)')
# More than anybody types; each one is a condition in the database's query.
MAX_TERMS = 30


@dataclass(frozen=True, slots=True)
class Term:
    """A tag that must equal `value`, or a text when `key` is empty."""

    key: str
    value: str

    def __str__(self) -> str:
        value = f'"{self.value}"' if re.search(r"\s", self.value) or not self.value else self.value
        return f"{self.key}={value}" if self.key else value


@dataclass(slots=True)
class Query:
    terms: list[Term] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    def without(self, term: Term) -> "Query":
        return Query([other for other in self.terms if other != term])


def parse_query(text: str) -> Query:
    """What a person typed, understood. `area: mnist`, `area : mnist` and `area = mnist` mean
    `area=mnist` and leave a hint saying so; nothing typed is ever an error."""
    query = Query()

    def settle(found: re.Match) -> str:
        if found[1] is None:
            return found[0]
        term = f"{found[1]}={found[2]}"
        query.hints.append(f"“{found[0]}” was read as {term}. Write it so: no spaces, an equals sign.")
        return term

    text = _SPACED.sub(settle, text)
    if text.count('"') % 2:
        query.hints.append("A quotation mark is never closed; it was left out.")
        head, _, tail = text.rpartition('"')
        text = f"{head} {tail}"
    for found in _TOKEN.finditer(text):
        term = _term(found)
        if term.value and term not in query.terms:
            query.terms.append(term)
    if len(query.terms) > MAX_TERMS:
        query.terms = query.terms[:MAX_TERMS]
        query.hints.append(f"Only the first {MAX_TERMS} terms were looked for.")
    return query


def _term(found: re.Match) -> Term:
    if found["quoted"] is not None:
        return Term("", found["quoted"].strip())
    key, equals, value = found["word"].partition("=")
    if equals and key:
        return Term(key, value.strip('"'))
    return Term("", found["word"].strip('"'))
