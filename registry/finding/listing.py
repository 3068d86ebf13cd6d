"""Lists of versions: what matches the search box, and how to say so."""

from dataclasses import dataclass, field

from registry import services
from registry.finding.conditions import Asker
from registry.finding.facets import Facet, facets_of
from registry.finding.fetching import fetch_labels
from registry.finding.query import Chip, Query, parse_query
from registry.finding.samples import samples_of
from registry.finding.search import Count, Search
from registry.finding.sorting import Sort, cursor_of, parse_sort, place_of
from registry.models import ModelVersion
from workspaces.models import User, Workspace
from workspaces.paging import MAX_LIMIT, Page

__all__ = ["Count", "Listing", "WayOut", "list_models", "list_versions", "mark_use", "models_there_are"]

# A way out need not be counted to the end to be shown.
_WAY_OUT_STEPS = 2_000
_WAYS_OUT = 8
# What no list shows.
_LARGE = ("facts", "signature", "sample_input", "sample_output")


@dataclass(frozen=True, slots=True)
class WayOut:
    """With nothing found: leaving out `chip` gives `count`; `rest` is the text of the query without it."""

    chip: Chip
    rest: str
    count: Count


@dataclass(frozen=True, slots=True)
class Listing:
    """`sort` is the order in force. `partial`: the search stopped before it filled the page; `page.next` goes on.

    `facets` are there when they were asked for."""

    query: Query
    page: Page[ModelVersion]
    count: Count
    ways_out: list[WayOut]
    sort: str
    partial: bool = False
    facets: list[Facet] = field(default_factory=list)

    @property
    def filtered(self) -> bool:
        return bool(self.query.chips)


def list_models(
    *,
    user: User,
    workspace: Workspace,
    text: str,
    sort: str = "",
    cursor: str = "",
    limit: int = 50,
    with_facets: bool = False,
) -> Listing:
    """The newest matching version of every model. Raises Invalid for a sort or cursor this list does not know."""
    query, order = parse_query(text), parse_sort(sort)
    search = Search.of(Asker(user, workspace), query)
    common = facets_of(search, query) if with_facets else []
    page, partial = _page(search, order, cursor, limit)
    mark_use(page.rows)
    count = search.count() if search.asker.is_member else Count(0)
    if len(page.rows) > count.number:
        count = Count(len(page.rows), count.capped)
    ways_out = [] if page.rows or cursor or partial or not search.asker.is_member else _ways_out(search.asker, query)
    return Listing(query, page, count, ways_out, str(order), partial, common)


def list_versions(
    *, user: User, workspace: Workspace, query: Query, newest: bool, sort: str = "", cursor: str = "", limit: int = 50
) -> Page[ModelVersion]:
    """Versions that match, every one of them or, with `newest`, one of each model. Raises Invalid as list_models."""
    search = Search.of(Asker(user, workspace), query, newest=newest)
    return _page(search, parse_sort(sort), cursor, limit)[0]


def _page(search: Search, sort: Sort, cursor: str, limit: int) -> tuple[Page[ModelVersion], bool]:
    after = place_of(cursor, sort) if cursor else None
    if not search.asker.is_member:
        return Page([], None), False
    found = search.page(sort, after, max(1, min(limit, MAX_LIMIT)))
    shown = ModelVersion.objects.filter(pk__in=found.ids).select_related("model", "created_by").defer(*_LARGE)
    rows = {row.pk: row for row in shown}
    fetch_labels(list(rows.values()))
    page = Page([rows[pk] for pk in found.ids if pk in rows], cursor_of(sort, found.next) if found.next else None)
    return page, found.partial


def _ways_out(asker: Asker, query: Query) -> list[WayOut]:
    """Each chip left out in turn, the most fruitful first."""
    chips = query.chips[:_WAYS_OUT]
    if not chips:
        return []
    searches = [Search(asker, [other.node for other in query.chips if other != chip]) for chip in chips]
    counts = [Count(len(sample.ids), sample.capped) for sample in samples_of(searches, _WAY_OUT_STEPS)]
    ways = [WayOut(chip, query.without(chip), count) for chip, count in zip(chips, counts, strict=True)]
    return sorted((way for way in ways if way.count.number), key=lambda way: -way.count.number)


def mark_use(versions: list[ModelVersion]) -> None:
    """Gives each version its `used_by`: names of the services that use it."""
    users = services.users_by_version(versions)
    for version in versions:
        version.used_by = users[version.pk]


def models_there_are(*, user: User, workspace: Workspace) -> bool:
    return ModelVersion.objects.visible_to(user).filter(workspace=workspace).exists()
