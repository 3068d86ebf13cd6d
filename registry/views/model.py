"""The page of one model, and its tabs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from registry import snippets
from registry.models import Model
from registry.pages import model as pages
from registry.views.addresses import api_of
from workspaces.models import Workspace
from workspaces.pages import in_workspace

TABS = {
    "versions": _("Versions"),
    "deployments": _("Deployments"),
    "lineage": _("Lineage"),
    "activity": _("Activity"),
}
_CHOSEN = "metric_columns"
_MODELS_REMEMBERED = 100


@require_safe
@in_workspace
def model(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    found = pages.find_model(workspace=workspace, name=name)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "versions"
    aliases = pages.aliases_of(found)
    page = {
        "workspace": workspace,
        "model": found,
        "newest": pages.newest_of(found),
        "aliases": aliases,
        "tab": tab,
        "tabs": [
            {"name": title, "url": "?" if key == "versions" else f"?tab={key}", "current": key == tab}
            for key, title in TABS.items()
        ],
        "snippets": snippets.of_model(api_of(request, workspace), name),
        **_content(request, found, tab, aliases),
    }
    return render(request, "registry/model.html", page)


def _content(request: HttpRequest, found: Model, tab: str, aliases: pages.Folded) -> dict[str, object]:
    cursor = request.GET.get("cursor", "")
    if tab == "deployments":
        return {"deployments": pages.deployments(found)}
    if tab == "lineage":
        return {"lineage": pages.lineage(found, cursor=cursor)}
    if tab == "activity":
        return {"activity": pages.activity_of(found, cursor=cursor)}
    every_alias = [*aliases.head, *aliases.rest]
    return {"table": pages.versions(found, every_alias, cursor=cursor, metrics=_metrics(request, found))}


def _metrics(request: HttpRequest, found: Model) -> list[str] | None:
    """The columns that the address asks for, and otherwise those that it asked for last."""
    kept = request.session.get(_CHOSEN, {})
    key = str(found.pk)
    if "metric" not in request.GET:
        return kept.get(key)
    asked = [metric for metric in request.GET.getlist("metric") if metric][: pages.charts.MOST]
    if kept.get(key) != asked:
        newest = {**{pk: value for pk, value in kept.items() if pk != key}, key: asked}
        request.session[_CHOSEN] = dict(list(newest.items())[-_MODELS_REMEMBERED:])
    return asked
