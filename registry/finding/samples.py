"""What is counted for facets: the newest matches of some searches, and what these versions have. However many are
asked, all are read in one query, and all their counts in another."""

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from django.db.models import Count, F, QuerySet, Value

from registry.finding.among import among
from registry.finding.conditions import using_links
from registry.finding.search import Search
from registry.models import Alias, ModelVersion, Tag

COLUMNS = ("framework", "stage", "risk", "created_by__username")
# (four texts, a number) each: what they mean is the question's to know.
Rows = list[tuple[str, str, str, str, int]]
# Makes the rows of an answer, each with the name in front by which the answer is known among the others.
Question = Callable[[Value], list[QuerySet]]
_NO_TEXT = [Value("")] * len(COLUMNS)


@dataclass(frozen=True, slots=True)
class Sample:
    """Of each model the newest match, the newest first. `capped`: there may be more."""

    ids: list[int]
    capped: bool

    def columns(self, name: Value) -> list[QuerySet]:
        """Each combination of values of COLUMNS, with how many have it."""
        rows = ModelVersion.objects.filter(among(self.ids)).order_by()
        return [rows.values_list(name, *map(F, COLUMNS)).annotate(count=Count("pk"))]

    def tags(self, name: Value, *, keys: list[str]) -> list[QuerySet]:
        """Key and value, with how many have it."""
        rows = Tag.objects.filter(among(self.ids, "version"), key__in=keys).order_by()
        return [rows.values_list(name, F("key"), F("value"), *_NO_TEXT[2:]).annotate(count=Count("pk"))]

    def aliases(self, name: Value) -> list[QuerySet]:
        """Name, with how many versions have it."""
        rows = Alias.objects.filter(among(self.ids, "version")).order_by()
        return [rows.values_list(name, F("name"), *_NO_TEXT[1:]).annotate(count=Count("pk"))]

    def used(self, name: Value) -> list[QuerySet]:
        """The number is a version's id, once for each kind of row that uses it."""
        links = [(rows.filter(among(self.ids, link)), f"{link}_id") for rows, link in using_links()]
        return [rows.values_list(name, *_NO_TEXT, F(version)).distinct() for rows, version in links]

    def common_keys(self, newest: int) -> QuerySet:
        """Tags' keys of the newest versions: (key, how many have it, how many different values)."""
        rows = Tag.objects.filter(version__in=self.ids[:newest]).order_by().values_list("key")
        return rows.annotate(count=Count("pk"), different=Count("value", distinct=True))


def samples_of(searches: list[Search], limit: int) -> list[Sample]:
    """Among the newest `limit` candidates of each. The searches learn what was read."""
    parts = []
    for at, search in enumerate(searches):
        matches, beyond = search.newest_rows(limit)
        parts.append(matches.values_list(Value(at), F("pk"), F("model_id")))
        if beyond is not None:
            parts.append(beyond.values_list(Value(at), Value(0), Value(0)))
    pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for at, version, model in parts[0].union(*parts[1:], all=True):
        pairs[at].append((version, model))
    return [_sample(search, pairs[at], limit) for at, search in enumerate(searches)]


def _sample(search: Search, pairs: list[tuple[int, int]], limit: int) -> Sample:
    found = [pair for pair in pairs if pair[0]]
    newest: dict[int, int] = {}
    for version, model in found:
        newest[model] = max(version, newest.get(model, 0))
    sample = Sample(sorted(newest.values(), reverse=True), len(found) < len(pairs))
    search.learn(found, sample.ids, sample.capped, limit)
    return sample


def answers(questions: dict[Hashable, Question]) -> dict[Hashable, Rows]:
    parts = [part for at, ask in enumerate(questions.values()) for part in ask(Value(at))]
    found: list[Rows] = [[] for _ in questions]
    for at, *row in parts[0].union(*parts[1:], all=True):
        found[at].append(tuple(row))
    return dict(zip(questions, found, strict=True))
