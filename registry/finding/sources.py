"""Where candidates for a condition come from: an index that knows them, instead of a look at every version."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from registry.finding import conditions, distinct, text_index
from registry.finding.conditions import Asker
from registry.finding.patterns import compiled
from registry.finding.sorting import Rows
from registry.finding.tree import And, Leaf, Node, Or
from registry.models import ModelVersion


@dataclass(frozen=True, slots=True)
class Source:
    """Every version for which `node` holds, and perhaps a few more.

    `first(n)` gives up to n of their ids, in no order. `in_order`, where there is one, are rows whose index
    lists the ids of versions in order: they can be walked from any place on. `exact`: no version more."""

    node: Node
    first: Callable[[int], list[int]]
    in_order: Rows | None = None
    exact: bool = False


def source_of(node: Node, asker: Asker) -> Source | None:
    """None where only a look at the versions themselves can tell."""
    if isinstance(node, Leaf):
        maker = _LEAVES.get(node.kind)
        return maker(node, asker) if maker else None
    if isinstance(node, And):
        return next((source for part in node.parts if (source := source_of(part, asker))), None)
    if isinstance(node, Or):
        parts = [source_of(part, asker) for part in node.parts]
        return Source(node, lambda limit: _union(parts, limit)) if all(parts) else None
    return None


def _union(sources: list[Source], limit: int) -> list[int]:
    found: dict[int, None] = {}
    for source in sources:
        if len(found) < limit:
            found.update(dict.fromkeys(source.first(limit)))
    return list(found)[:limit]


def _of_rows(node: Leaf, rows: QuerySet, *, ordered: bool, id_name: str = "version_id") -> Source:
    """`rows` carry the id of their version as `id_name`."""
    rows = rows.order_by()
    ids = rows.values_list(id_name, flat=True)
    in_order = Rows(rows, id_name, id_name) if ordered else None
    return Source(node, lambda limit: list(dict.fromkeys(ids[:limit])), in_order, True)


def _labels(leaf: Leaf, asker: Asker) -> Source | None:
    if leaf.op in {"~", "~~"}:
        return _pattern(leaf, asker)
    ordered = leaf.op == "=" and len(leaf.values) == 1
    return _of_rows(leaf, conditions.label_rows(leaf, asker), ordered=ordered)


def _pattern(leaf: Leaf, asker: Asker) -> Source | None:
    """The values that fit, where a key has so few that all can be tried."""
    values = distinct.values(conditions.LABELS[leaf.kind], asker.workspace.pk, leaf.key)
    if values is None:
        return None
    wanted = [compiled(pattern, any_case=leaf.op == "~~") for pattern in leaf.values]
    fitting = tuple(value for value in values if any(pattern.search(value) for pattern in wanted))
    if not fitting:
        return Source(leaf, lambda limit: [], exact=True)
    found = _labels(Leaf(leaf.kind, leaf.key, "=", fitting), asker)
    return Source(leaf, found.first, found.in_order, exact=True)


def _metric(leaf: Leaf, asker: Asker) -> Source:
    return _of_rows(leaf, conditions.metric_rows(leaf, asker), ordered=False)


def _alias(leaf: Leaf, asker: Asker) -> Source:
    single = len(leaf.values) == 1 and "*" not in leaf.values
    return _of_rows(leaf, conditions.alias_rows(leaf, asker), ordered=single)


def _dataset(leaf: Leaf, asker: Asker) -> Source:
    return _of_rows(leaf, conditions.dataset_rows(leaf, asker), ordered=False)


def _versions(asker: Asker, **wanted) -> QuerySet[ModelVersion]:
    return ModelVersion.objects.filter(workspace=asker.workspace, **wanted)


def _column(column: str, values_of: Callable) -> Callable[[Leaf, Asker], Source]:
    def made(leaf: Leaf, asker: Asker) -> Source:
        values = values_of(leaf, asker)
        single = len(values) == 1
        wanted = {column: values[0]} if single else {f"{column}__in": values}
        return _of_rows(leaf, _versions(asker, **wanted), ordered=single, id_name="id")

    return made


def _created(leaf: Leaf, asker: Asker) -> Source:
    rows = _versions(asker).filter(conditions.condition([leaf], asker))
    return _of_rows(leaf, rows, ordered=False, id_name="id")


def _state(leaf: Leaf, asker: Asker) -> Source | None:
    def used(limit: int) -> list[int]:
        found: dict[int, None] = {}
        for rows, name in conditions.using_links():
            here = rows.filter(**{f"{name}__workspace": asker.workspace})
            found.update(dict.fromkeys(here.values_list(f"{name}_id", flat=True).distinct()[:limit]))
        return list(found)[:limit]

    if leaf.values == ("deployed",):
        return Source(leaf, used, exact=False)
    column = {("archived",): {"stage": "Archived"}, ("unsafe",): {"risk": "unsafe"}}.get(leaf.values)
    return _of_rows(leaf, _versions(asker, **column), ordered=True, id_name="id") if column else None


def _name(leaf: Leaf, asker: Asker) -> Source | None:
    if leaf.op == "=":
        return _of_rows(leaf, _versions(asker, model__name__in=leaf.values), ordered=False, id_name="id")
    if leaf.op != ":" or len(leaf.values) > 1 or "*" in leaf.values[0] or len(leaf.values[0]) < text_index.LEAST:
        return None
    return Source(leaf, lambda limit: _named(asker, leaf.values[0], limit))


def _named(asker: Asker, text: str, limit: int) -> list[int]:
    names = list(text_index.models_named(asker.workspace, text).values_list("pk", flat=True)[:limit])
    if len(names) == limit:
        return names
    ids = _versions(asker, model__in=names).order_by().values_list("pk", flat=True)
    return list(ids[:limit]) if names else []


def _text(leaf: Leaf, asker: Asker) -> Source | None:
    text = leaf.values[0]
    if len(text) < text_index.LEAST:
        return None

    def first(limit: int) -> list[int]:
        found = _named(asker, text, limit)
        if len(found) < limit:
            described = text_index.versions_described(asker.workspace, text).values_list("pk", flat=True)[:limit]
            found = list(dict.fromkeys([*found, *described]))
        return found[:limit]

    return Source(leaf, first)


_LEAVES: dict[str, Callable[[Leaf, Asker], Source | None]] = {
    **dict.fromkeys(conditions.LABELS, _labels),
    "alias": _alias,
    "dataset": _dataset,
    "run": _column("run_id", lambda leaf, asker: leaf.values),
    "name": _name,
    "text": _text,
    "metric": _metric,
    "created": _created,
    "is": _state,
    "stage": _column("stage", lambda leaf, asker: conditions.stages(leaf)),
    "owner": _column("created_by", lambda leaf, asker: conditions.owners(leaf, asker)),
    "framework": _column("framework", lambda leaf, asker: conditions.frameworks(leaf)),
    "risk": _column("risk", lambda leaf, asker: leaf.values),
}
# The earlier, the fewer it usually leaves.
_ORDER = list(_LEAVES)


def by_promise(sources: list[Source]) -> list[Source]:
    def promise(source: Source) -> int:
        return _ORDER.index(source.node.kind) if isinstance(source.node, Leaf) else len(_ORDER)

    return sorted(sources, key=promise)
