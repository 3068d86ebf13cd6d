"""What the page of one model shows, a tab at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from registry import services
from registry.errors import VersionNotFound
from registry.models import Activity, Alias, DatasetReference, Model, ModelVersion
from registry.pages import charts
from registry.pages.folding import Folded, folded
from registry.services import activity
from registry.services.using import Period
from workspaces.errors import Invalid
from workspaces.models import Workspace
from workspaces.paging import Page, page_of

VERSIONS_AT_ONCE = 50
LINEAGE_AT_ONCE = 30
CHILDREN_AT_ONCE = 5
MOST_CHILDREN = 1000
ALIASES_AT_ONCE = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: `values` are those of the chosen metrics, None where it has none."""

    version: ModelVersion
    aliases: list[str]
    uses: dict[str, bool]
    values: list[float | None]


@dataclass(frozen=True, slots=True)
class Versions:
    rows: list[Row]
    next: str | None
    metrics: list[str]
    offered: list[str]
    charts: list[charts.Chart]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one version came from, and what came of it."""

    version: ModelVersion
    children: Folded[ModelVersion]
    datasets: list[DatasetReference]


def find_model(*, workspace: Workspace, name: str) -> Model:
    """Also one whose versions are all deleted: its activity stays. Raises VersionNotFound."""
    found = Model.objects.filter(workspace=workspace, name=name).first()
    if found is None:
        raise VersionNotFound(
            f"There is no model {name[:300]!r} in workspace {workspace.name!r}.",
            advice="List the models to see which there are.",
        )
    return found


def newest_of(model: Model) -> ModelVersion | None:
    found = model.versions.order_by("-version").select_related("created_by").first()
    if found:
        found.model = model
    return found


def aliases_of(model: Model) -> Folded[Alias]:
    return folded(list(model.aliases.select_related("version")), ALIASES_AT_ONCE)


def versions(model: Model, aliases: Sequence[Alias], *, cursor: str, metrics: Sequence[str] | None) -> Versions:
    """A page of the table. `metrics` are the columns asked for, None when nobody did. Raises Invalid."""
    page = _page(model.versions.select_related("created_by").defer(*_HEAVY), model, cursor, VERSIONS_AT_ONCE)
    offer = charts.offered(page.rows)
    keys = charts.chosen(metrics, offer)
    values = charts.values_of(page.rows, keys) if keys else {}
    uses = services.uses_by_version(page.rows)
    names: dict[int, list[str]] = {}
    for alias in aliases:
        names.setdefault(alias.version_id, []).append(alias.name)
    return Versions(
        rows=[
            Row(row, names.get(row.pk, []), uses[row.pk], [values.get(row.pk, {}).get(key) for key in keys])
            for row in page.rows
        ],
        next=page.next,
        metrics=keys,
        offered=offer,
        charts=charts.charts_of(page.rows[::-1], values, keys),
    )


# The table shows none of these, and one version's may be hundreds of kilobytes.
_HEAVY = ("facts", "sample_input", "sample_output", "description")


def lineage(model: Model, *, cursor: str) -> Page[Origin]:
    """Newest first. Raises Invalid."""
    page = _page(model.versions.select_related("created_by", "parent__model").defer(*_HEAVY), model, cursor,
                 LINEAGE_AT_ONCE)  # fmt: skip
    keys = [row.pk for row in page.rows]
    children: dict[int, list[ModelVersion]] = {}
    descended = ModelVersion.objects.filter(parent__in=keys).select_related("model").defer(*_HEAVY).order_by("pk")
    for child in descended[:MOST_CHILDREN]:
        children.setdefault(child.parent_id, []).append(child)
    datasets: dict[int, list[DatasetReference]] = {}
    for reference in DatasetReference.objects.filter(version__in=keys):
        datasets.setdefault(reference.version_id, []).append(reference)
    origins = [
        Origin(row, folded(children.get(row.pk, []), CHILDREN_AT_ONCE), datasets.get(row.pk, [])) for row in page.rows
    ]
    return Page(origins, page.next)


@dataclass(frozen=True, slots=True)
class Deployments:
    """`now` is by service: (number of a version, whether callers reach it)."""

    now: dict[str, list[tuple[int, bool]]]
    before: list[Period]


def deployments(model: Model) -> Deployments:
    now: dict[str, dict[int, bool]] = {}
    for service, number, serving in services.uses_of_model(model):
        held = now.setdefault(service, {})
        held[number] = held.get(number, False) or serving
    before = [period for period in services.periods_of_model(model) if period.until]
    return Deployments({name: sorted(held.items(), reverse=True) for name, held in now.items()}, before)


@dataclass(frozen=True, slots=True)
class Happened:
    """`there` are the numbers of its versions that still exist."""

    rows: list[Activity]
    next: str | None
    there: set[int]


def activity_of(model: Model, *, cursor: str) -> Happened:
    page = page_of(activity.of_model(workspace=model.workspace, name=model.name), cursor=cursor)
    named = {row.version for row in page.rows if row.version}
    there = model.versions.filter(version__in=named).values_list("version", flat=True)
    return Happened(page.rows, page.next, set(there))


def _page(rows: QuerySet[ModelVersion], model: Model, cursor: str, limit: int) -> Page[ModelVersion]:
    """By the versions' own numbers, for which there is an index that begins with the model."""
    if cursor:
        if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
            raise Invalid(f"{cursor[:40]!r} is not a cursor of this list.", advice="Start from the first page.")
        rows = rows.filter(version__lt=int(cursor))
    found = list(rows.order_by("-version")[: limit + 1])
    for row in found:
        row.model = model
    return Page(found[:limit], str(found[limit - 1].version) if len(found) > limit else None)
