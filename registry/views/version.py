"""The page of one version, and what it changes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from registry import services, snippets
from registry.errors import TagInvalid, VersionInUse
from registry.models import ModelVersion
from registry.tags import parse_tag
from registry.views.addresses import api_of
from workspaces.models import Workspace
from workspaces.pages import in_workspace


@require_safe
@in_workspace
def version(request: HttpRequest, workspace: Workspace, name: str, number: int) -> HttpResponse:
    found = _find(request, workspace, name, number)
    page = {
        "workspace": workspace,
        "version": found,
        "files": found.files.select_related("blob"),
        "used_by": services.users_of(found),
        "snippets": snippets.of_version(api_of(request, workspace), found),
    }
    return render(request, "registry/version.html", page)


@require_POST
@in_workspace
def tags(request: HttpRequest, workspace: Workspace, name: str, number: int) -> HttpResponse:
    """Adds `add` (key=value) or takes away `remove` (a key); answers with the fragment, or the page."""
    found = _find(request, workspace, name, number)
    typed, error = request.POST.get("add", ""), ""
    changed = found.tag_map
    try:
        if typed.strip():
            changed |= [parse_tag(typed)]
        changed.pop(request.POST.get("remove", ""), None)
        services.update_version(version=found, by=request.user, tags=changed)
    except TagInvalid as exc:
        error = exc.detail
    found = _find(request, workspace, name, number)
    if request.headers.get("HX-Request"):
        page = {"workspace": workspace, "version": found, "typed": typed if error else "", "error": error}
        return render(request, "registry/tags.html", page)
    if error:
        messages.error(request, error)
    return _to(workspace, found)


@require_POST
@in_workspace
def description(request: HttpRequest, workspace: Workspace, name: str, number: int) -> HttpResponse:
    found = _find(request, workspace, name, number)
    text = request.POST.get("description", "").strip()[:20_000]
    services.update_version(version=found, by=request.user, description=text)
    return _to(workspace, found)


@require_POST
@in_workspace
def delete(request: HttpRequest, workspace: Workspace, name: str, number: int) -> HttpResponse:
    found = _find(request, workspace, name, number)
    try:
        services.delete_version(version=found, by=request.user)
    except VersionInUse as exc:
        messages.error(request, f"{exc.detail} {exc.advice}")
        return _to(workspace, found)
    messages.success(request, f"{name}:{number} is deleted.")
    if found.model.versions.exists():
        return redirect("registry:model", workspace.name, name)
    return redirect("registry:models", workspace.name)


def _find(request: HttpRequest, workspace: Workspace, name: str, number: int) -> ModelVersion:
    return services.find_version(user=request.user, workspace=workspace, name=name, version=number)


def _to(workspace: Workspace, found: ModelVersion) -> HttpResponseRedirect:
    return redirect("registry:version", workspace.name, found.name, found.version)
