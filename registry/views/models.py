"""The page that finds models."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from registry import services, snippets
from registry.finding import Chip, Fault, Query, list_models, models_there_are
from registry.models import SavedView, Stage
from registry.views.addresses import address_of, api_of
from registry.views.bulk import outcome_of
from registry.views.table import COLUMNS, DENSITIES, metrics_to_offer, table_of
from workspaces.models import Workspace
from workspaces.pages import in_workspace

# Twice what is understood, so that more than that can be told from it.
LONGEST_QUERY = 4000


@dataclass(frozen=True, slots=True)
class Removable:
    """A chip, and the query without it."""

    chip: Chip
    rest: str


@dataclass(frozen=True, slots=True)
class Mended:
    """A part that was not understood, and the query with what is suggested in its place."""

    fault: Fault
    text: str


@require_safe
@in_workspace
def models(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    asked, views = request.GET, list(services.views_of(user=request.user, workspace=workspace))
    default = next((view for view in views if view.default), None)
    if default and not {"q", "sort", "cursor"} & asked.keys():
        return redirect(address_of(workspace, default.query, default.sort, focus=asked.get("focus", "")))
    fragment = request.headers.get("HX-Target") == "results"
    page = _page(request, workspace, views) | {"default_view": default, "fragment": fragment}
    answer = render(request, "registry/found.html" if fragment else "registry/models.html", page)
    # One address, two answers: going back must not show the part as if it were the page.
    patch_vary_headers(answer, ["HX-Target"])
    return answer


def _page(request: HttpRequest, workspace: Workspace, views: list[SavedView]) -> dict[str, object]:
    asked, me = request.GET, {"user": request.user, "workspace": workspace}
    text, sort = asked.get("q", "")[:LONGEST_QUERY], asked.get("sort", "")
    listing = list_models(**me, text=text, sort=sort, cursor=asked.get("cursor", ""), with_facets=True)
    query, table, rows = listing.query, table_of(request), listing.page.rows
    plain = not (rows or query.chips or query.faults)
    return {
        "workspace": workspace,
        "listing": listing,
        "empty": plain and not models_there_are(**me),
        "facets": listing.facets,
        "chips": [Removable(chip, query.without(chip)) for chip in query.chips],
        "echo": echo(query),
        "faults": [Mended(fault, _mended(query, fault)) for fault in query.faults],
        "table": table,
        "columns": COLUMNS.items(),
        "densities": DENSITIES.items(),
        "metrics_to_offer": metrics_to_offer(table, rows),
        "tag_keys": sorted({tag.key for version in rows for tag in version.tags.all()}),
        "stages": Stage.choices,
        "my_views": [view for view in views if view.created_by_id == request.user.pk],
        "shared_views": [view for view in views if view.created_by_id != request.user.pk],
        "view": next((view for view in views if (view.query, view.sort) == (text, sort)), None),
        "outcome": outcome_of(request),
        "snippets": snippets.of_list(api_of(request, workspace), query),
    }


def echo(query: Query) -> list[tuple[str, Fault | None]]:
    """The text as it was typed, in pieces: those that were not understood come with their fault."""
    pieces, at = [], 0
    for fault in sorted(query.faults, key=lambda fault: fault.start):
        start = max(fault.start, at)
        # A fault that starts where it says shows its own text, which is short where the query is too long.
        piece = fault.text if start == fault.start else query.text[start : fault.end]
        pieces += [(query.text[at:start], None), (piece or "…", fault)]
        at = max(fault.end, at)
    return [*pieces, (query.text[at:], None)] if pieces else []


def _mended(query: Query, fault: Fault) -> str:
    if not fault.suggestion:
        return ""
    return f"{query.text[: fault.start]}{fault.suggestion}{query.text[fault.end :]}"
