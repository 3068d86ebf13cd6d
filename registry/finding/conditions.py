"""A query's tree as a condition on a version. Each part costs at most a few look-ups of one version's rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, reduce
from operator import and_, or_
from typing import TypeVar

from django.db import connection, models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from registry.finding import dates
from registry.finding.patterns import regex_of
from registry.finding.tree import And, Leaf, Node, Not, leaves
from registry.finding.words import FRAMEWORKS, STAGES
from registry.models import HEAD, Alias, DatasetReference, Metric, ModelVersion, Parameter, Property, Risk, Stage, Tag
from workspaces.models import User, Workspace

LABELS = {"tag": Tag, "param": Parameter, "property": Property}
_LOOKUPS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "exact"}
_ARCHIVED = Leaf("is", values=("archived",))
_T = TypeVar("_T")


@dataclass(frozen=True)
class Asker:
    """Whose search it is, where, and at what time."""

    user: User
    workspace: Workspace
    now: datetime = field(default_factory=timezone.now)
    _answers: dict[object, object] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def is_member(self) -> bool:
        """Asked once and not of every row: a workspace's rows are all for its members, and for nobody else."""
        return self.workspace.has_member(self.user)

    def once(self, question: object, ask: Callable[[], _T]) -> _T:
        """What `ask` answers, asked once: searches for the same page share most of their parts."""
        if question not in self._answers:
            self._answers[question] = ask()
        return self._answers[question]


def with_defaults(nodes: list[Node]) -> list[Node]:
    """Archived versions are left out unless the query speaks of them."""
    spoken = any(
        leaf.kind == "stage" or (leaf.kind == "is" and "archived" in leaf.values)
        for node in nodes
        for leaf in leaves(node)
    )
    return nodes if spoken else [*nodes, Not(_ARCHIVED)]


def condition(nodes: list[Node], asker: Asker) -> Q:
    return reduce(and_, (_of(node, asker) for node in nodes), Q())


def _of(node: Node, asker: Asker) -> Q:
    if isinstance(node, Leaf):
        return _LEAVES[node.kind](node, asker)
    if isinstance(node, Not):
        return ~_of(node.part, asker)
    return reduce(and_ if isinstance(node, And) else or_, (_of(part, asker) for part in node.parts))


def _any(conditions) -> Q:
    return reduce(or_, conditions)


def _text(leaf: Leaf, asker: Asker) -> Q:
    return _any(_holding("model__name", text) | _holding("description", text) for text in leaf.values)


def _holding(path: str, text: str) -> Q:
    """Holds the text in either case. SQLite knows only ASCII's cases, so that others are spelled out."""
    if connection.vendor != "sqlite" or text.isascii():
        return Q(**{f"{path}__icontains": text})
    spellings = dict.fromkeys([text, text.lower(), text.upper(), text.capitalize(), text.title()])
    return _any(Q(**{f"{path}__icontains": spelling}) for spelling in spellings)


def matches_pattern(path: str, leaf: Leaf) -> Q:
    lookup = "iregex" if leaf.op == "~~" else "regex"
    atomic = connection.vendor == "sqlite"
    return _any(Q(**{f"{path}__{lookup}": regex_of(pattern, atomic=atomic)}) for pattern in leaf.values)


def label_rows(leaf: Leaf, asker: Asker) -> models.QuerySet:
    """The rows of tags, properties or parameters that fulfil the leaf, whichever version they are of."""
    rows = LABELS[leaf.kind].objects.filter(workspace=asker.workspace)
    if leaf.op == "has":
        return rows.filter(key__in=leaf.values) if len(leaf.values) > 1 else rows.filter(key=leaf.values[0])
    rows = rows.filter(key=leaf.key)
    if leaf.op != "=":
        return rows.filter(matches_pattern("value", leaf))
    heads = {value[:HEAD] for value in leaf.values}
    rows = rows.filter(value_head__in=heads) if len(heads) > 1 else rows.filter(value_head=heads.pop())
    # A head that is shorter than heads can be is the whole value: the index knows all there is to know.
    whole = all(len(value) < HEAD for value in leaf.values)
    return rows if whole else rows.filter(value__in=leaf.values)


def metric_rows(leaf: Leaf, asker: Asker) -> models.QuerySet:
    rows = Metric.objects.filter(workspace=asker.workspace)
    if leaf.op == "has":
        return rows.filter(key__in=leaf.values)
    numbers = [float(value) for value in leaf.values]
    if leaf.op == "..":
        return rows.filter(key=leaf.key, value__gte=numbers[0], value__lte=numbers[1])
    return rows.filter(key=leaf.key, **{f"value__{_LOOKUPS[leaf.op]}": numbers[0]})


def alias_rows(leaf: Leaf, asker: Asker) -> models.QuerySet:
    rows = Alias.objects.filter(workspace=asker.workspace)
    return rows if "*" in leaf.values else rows.filter(name__in=leaf.values)


def dataset_rows(leaf: Leaf, asker: Asker) -> models.QuerySet:
    return DatasetReference.objects.filter(workspace=asker.workspace, dataset__in=leaf.values)


def using_links() -> list[tuple[models.QuerySet, str]]:
    """Rows of other rooms that use versions, with the name of their reference: those that protect it."""
    found = []
    for link in ModelVersion._meta.related_objects:
        if link.on_delete is models.PROTECT:
            found.append((link.related_model.objects.order_by(), link.field.name))
    return found


def profiled_links() -> list[tuple[models.QuerySet, str]]:
    """Rows of other rooms that tell of a version's measuring, with the name of their reference: those of models that
    know what is `measured`."""
    links = [link for link in ModelVersion._meta.related_objects if hasattr(link.related_model, "measured")]
    return [(link.related_model.measured(), link.field.name) for link in links]


def _exists(rows) -> Q:
    return Q(Exists(rows.order_by().filter(version=OuterRef("pk"))))


def _state(leaf: Leaf, asker: Asker) -> Q:
    return _any(_STATES[value]() for value in leaf.values)


def _deployed() -> Q:
    return _any(Q(Exists(rows.filter(**{name: OuterRef("pk")}))) for rows, name in using_links())


def _profiled() -> Q:
    return _any(Q(Exists(rows.filter(**{name: OuterRef("pk")}))) for rows, name in profiled_links())


_STATES = {
    "deployed": _deployed,
    "profiled": _profiled,
    "archived": lambda: Q(stage=Stage.ARCHIVED),
    "unsafe": lambda: Q(risk=Risk.UNSAFE),
    "pickle": lambda: ~Q(risk=Risk.NONE),
}


def owners(leaf: Leaf, asker: Asker) -> list[int]:
    names = {name for name in leaf.values if name != "me"}
    mine = [asker.user.pk] if "me" in leaf.values else []
    named = User.objects.filter(username__in=names).values_list("pk", flat=True)
    return mine + asker.once(("owners", leaf), lambda: list(named)) if names else mine


def _created(leaf: Leaf, asker: Asker) -> Q:
    since, until = dates.bounds(leaf.op, leaf.values, asker.now)
    return Q(**({"created_time__gte": since} if since else {}), **({"created_time__lt": until} if until else {}))


def _version(leaf: Leaf, asker: Asker) -> Q:
    numbers = [int(value) for value in leaf.values]
    if leaf.op == "..":
        return Q(version__gte=numbers[0], version__lte=numbers[1])
    return Q(version__in=numbers) if leaf.op == "=" else Q(**{f"version__{_LOOKUPS[leaf.op]}": numbers[0]})


def name_condition(leaf: Leaf, path: str = "model__name") -> Q:
    if leaf.op == "=":
        return Q(**{f"{path}__in": leaf.values})
    if leaf.op != ":":
        return matches_pattern(path, leaf)
    wild = [value for value in leaf.values if "*" in value or "?" in value]
    plain = [_holding(path, value) for value in leaf.values if value not in wild]
    return _any([*plain, *([matches_pattern(path, Leaf("name", op="~~", values=tuple(wild)))] if wild else [])])


def stages(leaf: Leaf) -> list[str]:
    return [STAGES[value] for value in leaf.values]


def frameworks(leaf: Leaf) -> list[str]:
    return [FRAMEWORKS[value] for value in leaf.values]


_LEAVES = {
    "text": _text,
    **{kind: lambda leaf, asker: _exists(label_rows(leaf, asker)) for kind in LABELS},
    "metric": lambda leaf, asker: _exists(metric_rows(leaf, asker)),
    "alias": lambda leaf, asker: _exists(alias_rows(leaf, asker)),
    "dataset": lambda leaf, asker: _exists(dataset_rows(leaf, asker)),
    "stage": lambda leaf, asker: Q(stage__in=stages(leaf)),
    "framework": lambda leaf, asker: Q(framework__in=frameworks(leaf)),
    "risk": lambda leaf, asker: Q(risk__in=leaf.values),
    "is": _state,
    "owner": lambda leaf, asker: Q(created_by__in=owners(leaf, asker)),
    "created": _created,
    "version": _version,
    "name": lambda leaf, asker: name_condition(leaf),
    "run": lambda leaf, asker: Q(run_id__in=leaf.values),
}
