"""The page of all profiles."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from profiling import queries, snippets
from profiling.pages.listing import profile_rows, with_progress
from workspaces.models import Workspace
from workspaces.pages import in_workspace
from workspaces.paging import page_of


@require_safe
@in_workspace
def profiles(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Of one model with `?model=NAME`, of one version with `&version=N` too."""
    model, version = request.GET.get("model", ""), _number(request.GET.get("version", ""))
    found = queries.profiles_in(user=request.user, workspace=workspace, model=model, version=version)
    shown = page_of(with_progress(found), cursor=request.GET.get("cursor", ""))
    page = {
        "workspace": workspace,
        "model": model,
        "version": version,
        "rows": profile_rows(shown.rows),
        "next": shown.next,
        "running": any(not row.finished for row in shown.rows),
        "snippets": snippets.of_profiles(request.build_absolute_uri(f"/api/v1/workspaces/{workspace.name}")),
    }
    return render(request, "profiling/profiles.html", page)


def _number(text: str) -> int | None:
    """None for what cannot be a version, as if it had not been asked for."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
