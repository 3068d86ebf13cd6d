"""Where the same thing is without the page."""

from django.http import HttpRequest

from workspaces.models import Workspace


def api_of(request: HttpRequest, workspace: Workspace) -> str:
    """The address of the workspace's REST."""
    return request.build_absolute_uri(f"/api/v1/workspaces/{workspace.name}")
