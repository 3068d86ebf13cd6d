"""Pages of profiles that are there: one with its charts, several side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from deployments.snippets import Snippets
from profiling import queries, snippets
from profiling.pages.comparing import compare_page
from profiling.pages.one import profile_page
from workspaces.models import Workspace
from workspaces.pages import in_workspace


@require_safe
@in_workspace
def profile(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    found = queries.find_profile(user=request.user, workspace=workspace, name=name)
    api = _api(request, workspace)
    page = {
        "workspace": workspace,
        "profile": found,
        "page": profile_page(found, request.GET),
        "api": f"{api}/profiles/{found.name}",
        "snippets": snippets.of_profile(api, found),
    }
    return render(request, "profiling/profile.html", page)


@require_safe
@in_workspace
def compare(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    there = queries.profiles_in(user=request.user, workspace=workspace)
    page = compare_page(there, request.GET)
    told = [snippets.of_profile(_api(request, workspace), side.profile) for side in page.sides]
    return render(
        request, "profiling/compare.html", {"workspace": workspace, "page": page, "snippets": _together(told)}
    )


def _together(told: list[Snippets]) -> Snippets:
    return Snippets(*("\n\n".join(getattr(each, name) for each in told) for name in ("cli", "curl", "python")))


def _api(request: HttpRequest, workspace: Workspace) -> str:
    return request.build_absolute_uri(f"/api/v1/workspaces/{workspace.name}")
