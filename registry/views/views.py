"""Saved views: the page that manages them, and what it and the menu send."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from registry import services
from registry.models import SavedView
from registry.views.addresses import address_of
from workspaces.access import enter
from workspaces.errors import Refusal
from workspaces.models import Role


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def views(request: HttpRequest, workspace: str) -> HttpResponse:
    """All that somebody sees; POST saves another one. Readers, too, keep views of their own."""
    found = enter(request.user, workspace)
    owner = found.memberships.filter(user=request.user, role=Role.OWNER).exists()
    if request.method == "POST":
        query, sort = request.POST.get("query", ""), request.POST.get("sort", "")
        try:
            saved = services.save_view(
                user=request.user, workspace=found, query=query, sort=sort, **_fields(request, owner)
            )
        except Refusal as exc:
            messages.error(request, f"{exc.detail} {exc.advice}")
            return redirect(address_of(found, query, sort))
        messages.success(request, _("The view “%(name)s” is saved.") % {"name": saved.name})
        return redirect(address_of(found, saved.query, saved.sort))
    seen = services.views_of(user=request.user, workspace=found)
    rows = [(view, _is_mine(request, view), owner or _is_mine(request, view)) for view in seen]
    return render(request, "registry/views.html", {"workspace": found, "views": rows})


@require_POST
@login_required
def saved_view(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """`do` is change or delete."""
    found = enter(request.user, workspace)
    me = {"user": request.user, "workspace": found, "view_id": pk}
    try:
        if request.POST.get("do") == "delete":
            services.delete_view(**me)
            messages.success(request, _("The view is deleted."))
        else:
            owner = found.memberships.filter(user=request.user, role=Role.OWNER).exists()
            services.change_view(**me, **_fields(request, owner))
            messages.success(request, _("The view is changed."))
    except Refusal as exc:
        messages.error(request, f"{exc.detail} {exc.advice}")
    return redirect("registry:views", found.name)


def _fields(request: HttpRequest, owner: bool) -> dict[str, object]:
    """The first view is the owners' to choose; the forms of others do not ask for it."""
    posted = request.POST
    fields = {"name": posted.get("name", "").strip(), "shared": "shared" in posted}
    return fields | {"default": "default" in posted} if owner else fields


def _is_mine(request: HttpRequest, view: SavedView) -> bool:
    return view.created_by_id == request.user.pk
