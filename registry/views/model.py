"""The page of one model."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry import services, snippets
from registry.listing import mark_use
from registry.views.addresses import api_of
from workspaces.models import Workspace
from workspaces.pages import in_workspace


@require_safe
@in_workspace
def model(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    newest = services.find_version(user=request.user, workspace=workspace, name=name)
    rows = list(newest.model.versions.select_related("model", "created_by").prefetch_related("tags"))
    mark_use(rows)
    page = {
        "workspace": workspace,
        "newest": newest,
        "versions": rows,
        "snippets": snippets.of_model(api_of(request, workspace), name),
    }
    return render(request, "registry/model.html", page)
