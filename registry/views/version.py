"""The page of one version."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry import services, snippets
from registry.models import Stage
from registry.pages import version as pages
from registry.views.addresses import api_of
from workspaces.models import Workspace
from workspaces.pages import in_workspace


@require_safe
@in_workspace
def version(request: HttpRequest, workspace: Workspace, name: str, number: int) -> HttpResponse:
    found = services.find_version(user=request.user, workspace=workspace, name=name, version=number)
    api = api_of(request, workspace)
    sheet = pages.sheet(found, all_files=request.GET.get("files") == "all")
    page = {
        "workspace": workspace,
        "version": found,
        "sheet": sheet,
        "labels": sheet.labels,
        "aliases": sheet.aliases,
        "stages": [Stage.NONE, Stage.STAGING, Stage.PRODUCTION],
        "json_url": f"{api}/models/{found.name}/versions/{found.version}",
        "snippets": snippets.of_version(api, found),
    }
    return render(request, "registry/version.html", page)
