"""The door of every page below `/w/{workspace}/`."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from workspaces.access import enter, workspaces_of
from workspaces.models import Role

LAST_WORKSPACE = "slipway_workspace"
_YEAR_S = 31_536_000


def in_workspace(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets members in only: readers to look, contributors to change. The view gets the Workspace itself
    in place of its name, and pages that belong to none (home, account) stay in the one visited last: a cookie
    names it, so that looking at a page writes nothing."""

    @wraps(view)
    @login_required
    def entered(request: HttpRequest, workspace: str, **kwargs: object) -> HttpResponse:
        looking = request.method in {"GET", "HEAD", "OPTIONS"}
        # All of them in one query: the frame around the page names the others.
        request.memberships = list(workspaces_of(request.user))
        role = Role.READER if looking else Role.CONTRIBUTOR
        found = enter(request.user, workspace, at_least=role, among=request.memberships)
        answer = view(request, found, **kwargs)
        if request.COOKIES.get(LAST_WORKSPACE) != found.name:
            answer.set_cookie(
                LAST_WORKSPACE, found.name, _YEAR_S, samesite="Lax", secure=request.is_secure(), httponly=True
            )
        return answer

    return entered
