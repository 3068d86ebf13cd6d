"""What the page of a version changes: each takes a form and answers with the part of the page, or the page."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from registry import services
from registry.errors import VersionInUse
from registry.models import ModelVersion, Stage
from registry.pages import version as pages
from registry.services.verifying import verify_version
from registry.tags import parse_tag
from workspaces.errors import Refusal
from workspaces.models import Workspace
from workspaces.pages import in_workspace

LONGEST_DESCRIPTION = 20_000


@require_POST
@in_workspace
def tags(request: HttpRequest, workspace: Workspace, name: str, number: int) -> HttpResponse:
    """Adds `add` (key=value) or takes away `remove` (a key)."""
    found = _find(request, workspace, name, number)

    def change() -> None:
        add, remove = _pair(request), request.POST.get("remove")
        services.update_version(
            version=found, by=request.user, add_tags=add, remove_tags=[remove] if remove is not None else None
        )

    return _changed(request, workspace, found, change, "registry/_tags.html")


@require_POST
@in_workspace
def properties(request: HttpRequest, workspace: Workspace, name: str, number: int) -> HttpResponse:
    """Adds `add` (key=value), for good."""
    found = _find(request, workspace, name, number)

    def change() -> None:
        services.update_version(version=found, by=request.user, add_properties=_pair(request))

    return _changed(request, workspace, found, change, "registry/_properties.html")


@require_POST
@in_workspace
def aliases(request: HttpRequest, workspace: Workspace, name: str, number: int) -> HttpResponse:
    """Points the alias `add` to this version, wherever it pointed; or takes the alias `remove` away."""
    found = _find(request, workspace, name, number)

    def change() -> None:
        if add := request.POST.get("add", "").strip():
            services.set_alias(model=found.model, name=add, version=found, by=request.user)
        if remove := request.POST.get("remove", ""):
            services.remove_alias(model=found.model, name=remove, by=request.user)

    return _changed(request, workspace, found, change, "registry/_aliases.html")


@require_POST
@in_workspace
def description(request: HttpRequest, workspace: Workspace, name: str, number: int) -> HttpResponse:
    found = _find(request, workspace, name, number)

    def change() -> None:
        text = request.POST.get("description", "").strip()[:LONGEST_DESCRIPTION]
        services.update_version(version=found, by=request.user, description=text)

    return _changed(request, workspace, found, change, "registry/_description.html")


@require_POST
@in_workspace
def stage(request: HttpRequest, workspace: Workspace, name: str, number: int) -> HttpResponse:
    found = _find(request, workspace, name, number)
    was_archived = found.archived
    try:
        services.update_version(version=found, by=request.user, stage=request.POST.get("stage", ""))
    except Refusal as refusal:
        messages.error(request, f"{refusal.detail} {refusal.advice}")
        return _to(workspace, found)
    if found.archived:
        said = _("%(reference)s is archived: lists leave it out, and nothing new deploys it.")
    elif was_archived:
        said = _("%(reference)s is back from the archive.")
    elif found.stage == Stage.NONE:
        said = _("%(reference)s is in no stage.")
    else:
        said = _("%(reference)s is in stage %(stage)s.")
    messages.success(request, said % {"reference": found.reference, "stage": found.get_stage_display()})
    return _to(workspace, found)


@require_POST
@in_workspace
def verify(request: HttpRequest, workspace: Workspace, name: str, number: int) -> HttpResponse:
    """Reads all its files again; the page then shows which are damaged, if any."""
    found = _find(request, workspace, name, number)
    try:
        checks = verify_version(version=found)
    except Refusal as refusal:
        messages.error(request, f"{refusal.detail} {refusal.advice}")
        return _to(workspace, found)
    damaged = sum(check.outcome != "ok" for check in checks)
    if damaged:
        said = ngettext("%(n)s of %(all)s files is damaged.", "%(n)s of %(all)s files are damaged.", damaged)
        messages.error(request, said % {"n": damaged, "all": len(checks)})
    else:
        said = ngettext("%(all)s file was read: it is the one that was registered.",
                        "%(all)s files were read: they are those that were registered.", len(checks))  # fmt: skip
        messages.success(request, said % {"all": len(checks)})
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
    messages.success(request, _("%(reference)s is deleted.") % {"reference": f"{name}:{number}"})
    if found.model.versions.exists():
        return redirect("registry:model", workspace.name, name)
    return redirect("registry:models", workspace.name)


def _changed(
    request: HttpRequest, workspace: Workspace, found: ModelVersion, change: Callable[[], None], part: str
) -> HttpResponse:
    """The part of the page as it is now, for htmx; for a plain form the page, saying what is wrong if anything is."""
    error = ""
    try:
        change()
    except Refusal as refusal:
        said = refusal.detail.lower().endswith(refusal.advice.lower())
        error = refusal.detail if said else f"{refusal.detail} {refusal.advice}"
    if not request.headers.get("HX-Request"):
        if error:
            messages.error(request, error)
        return _to(workspace, found)
    page = {
        "workspace": workspace,
        "version": found,
        "labels": pages.labels_of(found),
        "aliases": pages.aliases_of(found),
        "typed": request.POST.get("add", "") if error else "",
        "error": error,
        "alone": True,
    }
    return render(request, part, page)


def _pair(request: HttpRequest) -> dict[str, str]:
    typed = request.POST.get("add", "").strip()
    return dict([parse_tag(typed)]) if typed else {}


def _find(request: HttpRequest, workspace: Workspace, name: str, number: int) -> ModelVersion:
    return services.find_version(user=request.user, workspace=workspace, name=name, version=number)


def _to(workspace: Workspace, found: ModelVersion) -> HttpResponseRedirect:
    return redirect("registry:version", workspace.name, found.name, found.version)
