"""The base of REST views below `/workspaces/{workspace}/`."""

from rest_framework.permissions import SAFE_METHODS
from rest_framework.views import APIView

from workspaces.access import enter
from workspaces.models import Role


class WorkspaceView(APIView):
    """Lets members in only: readers to look, contributors to change. `self.workspace` is theirs."""

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        role = Role.READER if request.method in SAFE_METHODS else Role.CONTRIBUTOR
        self.workspace = enter(request.user, kwargs["workspace"], at_least=role)
