"""Where the list is with a query, and where the same thing is without a page."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from workspaces.models import Workspace


def api_of(request: HttpRequest, workspace: Workspace) -> str:
    """The address of the workspace's REST."""
    return request.build_absolute_uri(f"/api/v1/workspaces/{workspace.name}")


def address_of(workspace: Workspace, query: str = "", sort: str = "", **more: str) -> str:
    """The models page with that query and order. The query is always in it: without one comes the default view."""
    asked = {"q": query} | {name: value for name, value in {"sort": sort, **more}.items() if value}
    return f"{reverse('registry:models', args=[workspace.name])}?{urlencode(asked)}"
