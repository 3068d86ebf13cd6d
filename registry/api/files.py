"""The bytes of a version's files."""

from registry import services
from registry.downloads import file_response
from workspaces.api import WorkspaceView


class VersionFile(WorkspaceView):
    """The bytes of one file."""

    http_method_names = ["get", "head", "options"]

    def get(self, request, workspace, name, number, path):
        version = services.find_version(user=request.user, workspace=self.workspace, name=name, version=number)
        return file_response(request, version, path)
