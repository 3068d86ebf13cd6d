"""Stopping, resuming and deleting a profile from its page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from profiling import queries, services
from workspaces.errors import Refusal
from workspaces.models import Workspace
from workspaces.pages import in_workspace


@require_POST
@in_workspace
def cancel(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    found = queries.find_profile(user=request.user, workspace=workspace, name=name)
    try:
        services.cancel_profile(profile=found)
        messages.success(request, _("%(name)s is being stopped; what was measured stays.") % {"name": name})
    except Refusal as refusal:
        messages.error(request, f"{refusal.detail} {refusal.advice}")
    return redirect("profiling:profile", workspace.name, name)


@require_POST
@in_workspace
def resume(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    found = queries.find_profile(user=request.user, workspace=workspace, name=name)
    try:
        services.resume_profile(profile=found)
        messages.success(request, _("%(name)s goes on with what was not measured.") % {"name": name})
    except Refusal as refusal:
        messages.error(request, f"{refusal.detail} {refusal.advice}")
    return redirect("profiling:profile", workspace.name, name)


@require_POST
@in_workspace
def delete(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    found = queries.find_profile(user=request.user, workspace=workspace, name=name)
    try:
        services.delete_profile(profile=found)
    except Refusal as refusal:
        messages.error(request, f"{refusal.detail} {refusal.advice}")
        return redirect("profiling:profile", workspace.name, name)
    messages.success(request, _("Profile %(name)s is deleted.") % {"name": name})
    return redirect("profiling:profiles", workspace.name)
