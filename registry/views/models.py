"""The page that finds models."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry import snippets
from registry.listing import list_models, models_there_are
from registry.models import Framework
from registry.views.addresses import api_of
from workspaces.models import Workspace
from workspaces.pages import in_workspace


@require_safe
@in_workspace
def models(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    asked = request.GET
    listing = list_models(
        user=request.user,
        workspace=workspace,
        text=asked.get("q", "")[:2000],
        framework=asked.get("framework", ""),
        cursor=asked.get("cursor", ""),
    )
    empty = not listing.count and not listing.filtered and not models_there_are(user=request.user, workspace=workspace)
    page = {
        "workspace": workspace,
        "listing": listing,
        "empty": empty,
        "frameworks": Framework.choices,
        "snippets": snippets.of_list(api_of(request, workspace), listing.query),
    }
    only_results = request.headers.get("HX-Target") == "results"
    return render(request, "registry/results.html" if only_results else "registry/models.html", page)
