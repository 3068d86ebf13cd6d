"""Finding versions in any order, page by page, at a cost that does not grow with the table.

Candidates come from an index: all of them when they are few, otherwise as they are walked in the order
asked for. Each is looked at by its primary key. Of every model the newest version that matches is shown:
a candidate is passed over when a newer version of its model matches too."""

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

from django.db.models import Count as CountOf
from django.db.models import Exists, OuterRef, Q, QuerySet

from registry.finding import dates
from registry.finding.among import among
from registry.finding.conditions import Asker, condition, with_defaults
from registry.finding.query import Query
from registry.finding.sorting import Place, Rows, Sort
from registry.finding.sources import Source, by_promise, source_of
from registry.finding.tree import Leaf, Node
from registry.models import Model, ModelVersion

# So many candidates are taken together and put in order, whatever the order is.
FEW = 2_000
# So many are walked for one page before it ends early.
PAGE_STEPS = 20_000
# So many are walked for a count before it says "at least": as long as a count may take however many there are.
COUNT_STEPS = 2_000
MAX_COUNT = 2_000
# Versions get their numbers in the order of time, but for transactions that overlap.
_SLACK = timedelta(hours=1)
_FAR = 1 << 62


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; `capped`: at least so many, nobody counted on."""

    number: int
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of versions in order. `next` is where the list goes on, None at its end; `partial`: the walk ended early."""

    ids: list[int]
    next: Place | None
    partial: bool = False


class Search:
    """The versions for which every node holds; with `newest`, of each model only the newest of these."""

    def __init__(self, asker: Asker, nodes: list[Node], *, newest: bool = True) -> None:
        self.asker = asker
        self.asked = nodes
        self.nodes = with_defaults(nodes)
        self.newest = newest
        self._counts: dict[int, Count] = {}
        self._first: Found | None = None
        found = [asker.once(("source", node), lambda node=node: source_of(node, asker)) for node in nodes]
        self.sources = by_promise([source for source in found if source])

    @classmethod
    def of(cls, asker: Asker, query: Query, **options) -> "Search":
        return cls(asker, query.nodes, **options)

    def page(self, sort: Sort, after: Place | None, limit: int) -> Found:
        first = self._first if self.newest and after is None and str(sort) == "-registered" else None
        if first and (len(first.ids) > limit or not first.partial):
            more = len(first.ids) > limit
            last = first.ids[limit - 1] if more else 0
            return Found(first.ids[:limit], Place(last, last, limit) if more else None)
        # Two steps of a walk say as much as all of the few; unless these have been read already.
        walked = sort.by == "registered" and len(self.sources) == 1 and self.walkable and "few" not in vars(self)
        if walked or self.few is None:
            return self._walked(sort, after, limit)
        newest = _newest_of_each(self.few)
        shown = newest.values() if self.newest else [version for version, _ in self.few]
        rows = sort.of_versions(ModelVersion.objects.filter(among(list(shown))), newest=self.newest)
        places = rows.first(limit + 1, after, descending=sort.descending)
        ids = [place.id for place in places[:limit]]
        if sort.by == "name" and self.newest:
            ids = [newest[model] for model in ids]
        return Found(ids, places[limit - 1] if len(places) > limit else None)

    def count(self, steps: int | None = None) -> Count:
        """How many models match, as far as so many candidates tell."""
        steps = steps or COUNT_STEPS
        if steps not in self._counts:
            self._counts[steps] = self._counted(steps)
        return self._counts[steps]

    def _counted(self, steps: int) -> Count:
        if not self.asked:
            return _capped(self._models[: MAX_COUNT + 1].count(), False)
        if self.few is not None:
            return _capped(len({model for _, model in self.few}), False)
        rows, used = self._in_order()
        candidates = rows.rows.order_by(f"-{rows.id}").values(rows.id)
        found = self._matching(Q(pk__in=candidates[:steps]), used).aggregate(models=CountOf("model", distinct=True))
        return _capped(found["models"], candidates[steps : steps + 1].exists())

    def newest_rows(self, limit: int) -> tuple[QuerySet[ModelVersion], QuerySet[ModelVersion] | None]:
        """The matches among the newest `limit` candidates, in no order; and a row if there are candidates beyond."""
        if self.few_rows is not None:
            return self.few_rows, None
        rows, used = self._in_order()
        candidates = rows.rows.order_by(f"-{rows.id}").values(rows.id)
        beyond = ModelVersion.objects.filter(pk__in=candidates[limit : limit + 1])
        return self._matching(Q(pk__in=candidates[:limit]), used).order_by(), beyond.order_by()

    def learn(self, pairs: list[tuple[int, int]], newest: list[int], more: bool, limit: int) -> None:
        """What a query for several searches read of `newest_rows`, so that it need not be asked again. `newest`: of
        each model the newest match, the newest first."""
        self._first = Found(newest, None, more)
        if self.few_rows is not None:
            self.few = pairs
        elif not more or (self.asked and limit == COUNT_STEPS):
            self._counts[COUNT_STEPS] = _capped(len({model for _, model in pairs}), more)

    @cached_property
    def walkable(self) -> Source | None:
        return next((source for source in self.sources if source.in_order), None)

    @cached_property
    def few(self) -> list[tuple[int, int]] | None:
        """Every match as a pair of version and model, when an index says that there are few; otherwise None."""
        return None if self.few_rows is None else list(self.few_rows.values_list("pk", "model_id"))

    @cached_property
    def few_rows(self) -> QuerySet[ModelVersion] | None:
        """These as rows, in no order."""
        best: tuple[list[int], Source] | None = None
        for source in self.sources[:6]:
            ids = self.asker.once(("first", source.node), lambda source=source: source.first(FEW + 1))
            if len(ids) <= FEW and (best is None or len(ids) < len(best[0])):
                best = ids, source
            if best and len(best[0]) <= FEW // 10:
                break
        return None if best is None else self._matching(among(best[0]), best[1]).order_by()

    def _matching(self, candidates: Q, used: Source | None = None) -> QuerySet[ModelVersion]:
        rest = [node for node in self.nodes if not (used and used.exact and node is used.node)]
        return ModelVersion.objects.filter(candidates, condition(rest, self.asker))

    def _newest_of(self, found: QuerySet[ModelVersion]) -> QuerySet[ModelVersion]:
        newer = ModelVersion.objects.filter(
            condition(self.nodes, self.asker), model=OuterRef("model"), version__gt=OuterRef("version")
        )
        return found.exclude(Exists(newer.order_by())) if self.newest else found

    def _in_order(self) -> tuple[Rows, Source | None]:
        """The shortest walk in order of registration."""
        source = self.walkable
        rows = source.in_order if source else Sort("registered", True).rows(self.asker)
        return Rows(rows.rows.filter(**self._span(rows.id)), rows.value, rows.id), source

    def _span(self, id_name: str) -> dict[str, int]:
        """Bounds of the ids that `created:` leaves."""
        bounds: dict[str, int] = {}
        for leaf in (node for node in self.nodes if isinstance(node, Leaf) and node.kind == "created"):
            first, last = self.asker.once(("span", leaf), lambda leaf=leaf: self._ids_of_time(leaf))
            if last is not None:
                bounds[f"{id_name}__lte"] = min(bounds.get(f"{id_name}__lte", _FAR), last)
            if first is not None:
                bounds[f"{id_name}__gte"] = max(bounds.get(f"{id_name}__gte", 0), first)
        return bounds

    def _ids_of_time(self, leaf: Leaf) -> tuple[int | None, int | None]:
        versions = ModelVersion.objects.filter(workspace=self.asker.workspace)
        since, until = dates.bounds(leaf.op, leaf.values, self.asker.now)
        first = last = None
        if until:
            row = versions.filter(created_time__lt=until + _SLACK).order_by("-created_time").values("pk").first()
            last = row["pk"] if row else 0
        if since:
            row = versions.filter(created_time__gte=since - _SLACK).order_by("created_time").values("pk").first()
            first = row["pk"] if row else _FAR
        return first, last

    def _walked(self, sort: Sort, after: Place | None, limit: int) -> Found:
        rows, used = self._in_order() if sort.by == "registered" else (sort.rows(self.asker, newest=self.newest), None)
        before, shown, steps, size = after.shown if after else 0, [], 0, 2 * limit
        all_there_are: float | None = None
        while steps < PAGE_STEPS:
            places = rows.first(size, after, descending=sort.descending)
            shown += self._seen(places, sort, used)
            if len(shown) > limit:
                return self._found(shown[:limit], replace(shown[limit - 1][0], shown=before + limit))
            if steps > FEW and all_there_are is None:
                all_there_are = self._at_most(before + limit + 1)
            if len(places) < size or (all_there_are is not None and before + len(shown) >= all_there_are):
                return self._found(shown, None)
            steps, after = steps + size, places[-1]
            # As many as it takes if what comes is like what came, and a few more; at the end of a list nothing is.
            wanted = (limit + 1 - len(shown)) * steps / max(1, len(shown)) * 1.25
            size = round(min(max(wanted, 2 * size), 4 * size, FEW))
        return self._found(shown, replace(after, shown=before + len(shown)), partial=True)

    def _seen(self, places: list[Place], sort: Sort, used: Source | None) -> list[tuple[Place, int]]:
        """The versions to show of the candidates at these places, in their order."""
        by = "model_id" if sort.by == "name" and self.newest else "pk"
        found = self._newest_of(self._matching(among([place.id for place in places], by), used))
        version_at = dict(found.order_by().values_list(by, "pk"))
        return [(place, version_at[place.id]) for place in places if place.id in version_at]

    def _at_most(self, number: int) -> float:
        """How many there are, if fewer than `number`: the rest of a walk over versions that newer ones hide is
        spared. What takes long to count is not counted."""
        if not self.newest:
            return math.inf
        if not self.asked:
            return self._models[:number].count()
        count = self.count()
        return math.inf if count.capped else count.number

    @property
    def _models(self) -> QuerySet[Model]:
        """Those that have a version which matches, in no order."""
        there = ModelVersion.objects.filter(condition(self.nodes, self.asker), model=OuterRef("pk"))
        return Model.objects.filter(Exists(there), workspace=self.asker.workspace).order_by()

    def _found(self, shown: list[tuple[Place, int]], after: Place | None, *, partial: bool = False) -> Found:
        return Found([version for _, version in shown], after, partial)


def _newest_of_each(pairs: list[tuple[int, int]]) -> dict[int, int]:
    """The newest version of each model."""
    newest: dict[int, int] = {}
    for version, model in pairs:
        newest[model] = max(version, newest.get(model, 0))
    return newest


def _capped(number: int, more: bool) -> Count:
    return Count(min(number, MAX_COUNT), more or number > MAX_COUNT)
