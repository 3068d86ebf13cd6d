"""The page that registers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry import snippets
from registry.models import Framework
from registry.views.addresses import api_of
from workspaces.models import Workspace
from workspaces.pages import in_workspace


@require_safe
@in_workspace
def register(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    page = {
        "workspace": workspace,
        "frameworks": Framework.choices,
        "name": request.GET.get("name", ""),
        "snippets": snippets.of_registering(api_of(request, workspace)),
    }
    return render(request, "registry/register.html", page)
