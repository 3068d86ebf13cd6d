"""The door of every page below `/w/{workspace}/`."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from workspaces.access import enter
from workspaces.models import Role

LAST_WORKSPACE = "workspace"


def in_workspace(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets members in only: readers to look, contributors to change. The view gets the Workspace itself
    in place of its name, and pages that belong to none (home, account) stay in the one visited last."""

    @wraps(view)
    @login_required
    def entered(request: HttpRequest, workspace: str, **kwargs: object) -> HttpResponse:
        looking = request.method in {"GET", "HEAD", "OPTIONS"}
        found = enter(request.user, workspace, at_least=Role.READER if looking else Role.CONTRIBUTOR)
        if request.session.get(LAST_WORKSPACE) != found.name:
            request.session[LAST_WORKSPACE] = found.name
        return view(request, found, **kwargs)

    return entered
