"""What the page that compares versions shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Q

from registry.models import Model, ModelVersion
from registry.pages.charts import Chart, charts_of, chosen
from registry.pages.folding import Folded, folded
from registry.services import comparing, find_reference, parse_reference
from workspaces.errors import Refusal
from workspaces.models import User, Workspace

CANDIDATES = 8
ROWS_AT_ONCE = 80


@dataclass(frozen=True, slots=True)
class Asked:
    """The versions of an address, in its order; `problems` tells of those that are not there."""

    versions: list[ModelVersion]
    problems: list[str]
    left_out: int = 0

    @property
    def references(self) -> list[str]:
        return [version.reference for version in self.versions]


@dataclass(frozen=True, slots=True)
class Section:
    """`count` rows there are; shown are those asked for, a long list folded. `number`: its cells are numbers."""

    title: str
    count: int
    differing: int
    rows: Folded[comparing.Row]
    number: bool


@dataclass(frozen=True, slots=True)
class Table:
    """`comparison` is None when there is nothing to compare it with."""

    comparison: comparing.Comparison | None
    sections: list[Section] = field(default_factory=list)
    differing: int = 0
    metrics: list[str] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)


def asked_for(*, user: User, workspace: Workspace, references: Sequence[str]) -> Asked:
    """`name:version`s in one query; `name` and `name@alias` are looked up as what they mean now."""
    wanted = list(dict.fromkeys(text.strip() for text in references if text.strip()))
    left_out = max(0, len(wanted) - comparing.MOST)
    wanted = wanted[: comparing.MOST]
    exact = {text: parsed for text in wanted if (parsed := _exact(text))}
    found = {version.reference: version for version in _numbered(user, workspace, list(exact.values()))}
    versions, problems = {}, []
    for text in wanted:
        try:
            version = found.get(f"{exact[text][0]}:{exact[text][1]}") if text in exact else None
            version = version or find_reference(user=user, workspace=workspace, reference=text)
            versions[version.pk] = version
        except Refusal as refusal:
            problems.append(refusal.detail)
    return Asked(list(versions.values()), problems, left_out)


def _exact(text: str) -> tuple[str, int] | None:
    try:
        parsed = parse_reference(text)
    except Refusal:
        return None
    return (parsed.name, parsed.version) if parsed.version else None


def _numbered(user: User, workspace: Workspace, pairs: list[tuple[str, int]]) -> list[ModelVersion]:
    if not pairs:
        return []
    either = Q()
    for name, number in pairs:
        either |= Q(model__name=name, version=number)
    rows = ModelVersion.objects.visible_to(user).filter(either, workspace=workspace)
    return list(rows.select_related("model", "created_by", "parent__model"))


def table(
    versions: list[ModelVersion], *, metrics: Sequence[str] | None, only: bool = False, whole: bool = False
) -> Table:
    """`metrics` are those to draw, None when nobody chose: then those that differ come first. With `only`, nothing is
    shown or drawn that is the same in all; `whole` unfolds long lists."""
    if len(versions) < comparing.FEWEST:
        return Table(None)
    comparison = comparing.compare(versions)
    values = {version.pk: version.metric_map for version in versions}
    sections = [_section(section, only, whole) for section in comparison.sections if section.differing or not only]
    told = next(([*section.rows.head, *section.rows.rest] for section in sections if section.number), [])
    offer = [row.key for row in sorted(told, key=lambda row: (row.same, row.cells.count(None)))]
    keys = chosen(metrics, offer)
    # The drawing reads the table, so a row that is drawn is a row that is there.
    sections = [replace(each, rows=_with_drawn(each.rows, keys)) if each.number else each for each in sections]
    return Table(
        comparison=comparison,
        sections=sections,
        differing=sum(section.differing for section in comparison.sections),
        metrics=keys,
        offered=offer,
        charts=charts_of(versions, values, keys),
    )


def _section(section: comparing.Section, only: bool, whole: bool) -> Section:
    rows = [row for row in section.rows if not (only and row.same)]
    return Section(
        title=section.title,
        count=len(section.rows),
        differing=section.differing,
        rows=folded(rows, len(rows) if whole else ROWS_AT_ONCE),
        number=section.title == "Metrics",
    )


def _with_drawn(rows: Folded[comparing.Row], keys: Sequence[str]) -> Folded[comparing.Row]:
    drawn = [row for row in rows.rest if row.key in keys]
    return Folded([*rows.head, *drawn], [row for row in rows.rest if row.key not in keys])


def candidates(*, user: User, workspace: Workspace, text: str, beside: Sequence[str]) -> list[str]:
    """References that what is typed may mean; with nothing typed, other versions of the models beside it."""
    name, _, number = text.strip().partition(":")
    rows = ModelVersion.objects.visible_to(user).filter(workspace=workspace)
    if not name:
        rows = rows.filter(model__name__in={reference.rpartition(":")[0] for reference in beside})
    elif ":" in text:
        rows = rows.filter(model__name=name)
        rows = rows.filter(version=int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else rows
    else:
        names = Model.objects.filter(workspace=workspace, name__icontains=name).values("pk")[:CANDIDATES]
        rows = rows.filter(model__in=list(names.values_list("pk", flat=True)))
    newest = rows.order_by("-pk").values_list("model__name", "version")[: CANDIDATES + len(beside)]
    found = [f"{model}:{version}" for model, version in newest]
    return [reference for reference in found if reference not in beside][:CANDIDATES]
