"""Several versions of the list at once: tags, stage, deleting, comparing."""

from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import services
from registry.errors import TagInvalid
from registry.models import ModelVersion, Stage
from registry.services import bulk as service
from registry.tags import parse_tag
from registry.views.table import back_to_list
from workspaces.access import enter
from workspaces.errors import Refusal
from workspaces.models import Role, Workspace

OUTCOME = "bulk-outcome"
MOST = 255
COMPARED = range(2, 11)


@require_POST
@login_required
def bulk(request: HttpRequest, workspace: str) -> HttpResponse:
    """`version` names them; `do` is tags, delete or compare; `stage` is the one to give them."""
    asked = request.POST.get("do", "")
    workspace = enter(request.user, workspace, at_least=Role.READER if asked == "compare" else Role.CONTRIBUTOR)
    references = list(dict.fromkeys(request.POST.getlist("version")))[:MOST]
    if not references:
        messages.error(request, _("Choose at least one version first."))
        return back_to_list(request, workspace)
    if asked == "compare":
        return _compare(request, workspace, references)
    if asked == "delete" and "confirmed" not in request.POST:
        return _ask(request, workspace, references)
    try:
        change = _change(request)
        outcomes = service.change_many(user=request.user, workspace=workspace, references=references, **change)
    except Refusal as exc:
        messages.error(request, f"{exc.detail} {exc.advice}")
        return back_to_list(request, workspace)
    request.session[OUTCOME] = {
        "deleted": bool(change.get("delete")),
        "done": [outcome.reference for outcome in outcomes if outcome.done],
        "failed": [asdict(outcome) for outcome in outcomes if not outcome.done],
    }
    return back_to_list(request, workspace)


def outcome_of(request: HttpRequest) -> dict | None:
    """What the last change of several versions came to; told once."""
    return request.session.pop(OUTCOME, None)


def _change(request: HttpRequest) -> dict[str, object]:
    posted = request.POST
    if posted.get("do") == "delete":
        return {"delete": True}
    if posted.get("stage") in Stage.values:
        return {"stage": posted["stage"]}
    added, removed = posted.get("add", "").strip(), posted.get("remove", "").strip()
    if not added and not removed:
        raise TagInvalid(_("No tag is written."), advice=_("Write key=value, as in area=mnist."))
    return {"add_tags": dict([parse_tag(added)] if added else []), "remove_tags": [removed] if removed else []}


def _ask(request: HttpRequest, workspace: Workspace, references: list[str]) -> HttpResponse:
    """What deleting would do: which go, and which stay because a service uses them."""
    found = [_find(request, workspace, reference) for reference in references]
    versions = [version for version in found if version is not None]
    users = services.users_by_version(versions)
    page = {
        "workspace": workspace,
        "going": [version for version in versions if not users[version.pk]],
        "staying": [(version, users[version.pk]) for version in versions if users[version.pk]],
        "back": request.POST.get("back", ""),
    }
    fragment = request.headers.get("HX-Request")
    return render(request, "registry/_bulk_delete.html" if fragment else "registry/bulk_delete.html", page)


def _find(request: HttpRequest, workspace: Workspace, reference: str) -> ModelVersion | None:
    try:
        return services.find_reference(user=request.user, workspace=workspace, reference=reference)
    except Refusal:
        return None


def _compare(request: HttpRequest, workspace: Workspace, references: list[str]) -> HttpResponse:
    if len(references) not in COMPARED:
        messages.error(request, _("Choose two to ten versions to compare."))
        return back_to_list(request, workspace)
    address = reverse("registry:compare", args=[workspace.name])
    return redirect(f"{address}?{urlencode({'version': references}, doseq=True)}")
