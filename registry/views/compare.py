"""The page that shows versions side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from registry import snippets
from registry.pages import compare as pages
from registry.views.addresses import api_of
from workspaces.models import Workspace
from workspaces.pages import in_workspace

_MOST_READ = 40


@require_safe
@in_workspace
def compare(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    asked = pages.asked_for(user=request.user, workspace=workspace, references=_versions(request))
    metrics = request.GET.getlist("metric") if "metric" in request.GET else None
    only = request.GET.get("only") == "differences"
    table = pages.table(asked.versions, metrics=metrics, only=only, whole="all" in request.GET)
    page = {
        "workspace": workspace,
        "asked": asked,
        "table": table,
        "only": only,
        "columns": [(version, _without(request, asked.references, version.reference)) for version in asked.versions],
        "address": _address(request, asked.references, only=""),
        "address_of_differences": _address(request, asked.references, only="differences"),
        "address_of_all": f"?{_query(request, asked.references)}&all=rows",
        "most": pages.comparing.MOST,
        "snippets": snippets.of_comparison(api_of(request, workspace), asked.references),
    }
    return render(request, "registry/compare.html", page)


@require_safe
@in_workspace
def candidates(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Links that add a version, for what is typed in the field."""
    beside = _versions(request)[: pages.comparing.MOST]
    text = request.GET.get("add", "")[:300]
    found = pages.candidates(user=request.user, workspace=workspace, text=text, beside=beside)
    there = reverse("registry:compare", args=[workspace.name])
    links = [(each, f"{there}?{_query(request, [*beside, each])}") for each in found]
    return render(request, "registry/_candidates.html", {"links": links, "text": text.strip()})


def _versions(request: HttpRequest) -> list[str]:
    """What the address names, and what was typed and sent without JavaScript."""
    typed = request.GET.getlist("add") if "typed" in request.GET else []
    return [text[:300] for text in [*request.GET.getlist("version"), *typed]][:_MOST_READ]


def _without(request: HttpRequest, references: list[str], gone: str) -> str:
    return f"?{_query(request, [each for each in references if each != gone])}"


def _address(request: HttpRequest, references: list[str], *, only: str) -> str:
    return f"?{_query(request, references, only=only)}"


def _query(request: HttpRequest, references: list[str], only: str | None = None) -> str:
    only = request.GET.get("only", "") if only is None else only
    kept = {"version": references, "metric": request.GET.getlist("metric"), "only": [only] if only else []}
    return urlencode({key: value for key, value in kept.items() if value}, doseq=True)
