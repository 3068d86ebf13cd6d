"""The bytes of a version's files."""

from dataclasses import asdict

from rest_framework.response import Response

from registry import services
from registry.downloads import archive_response, file_response
from workspaces.api import WorkspaceView


class VersionFile(WorkspaceView):
    """The bytes of one file."""

    http_method_names = ["get", "head", "options"]

    def get(self, request, workspace, name, number, path):
        version = services.find_version(user=request.user, workspace=self.workspace, name=name, version=number)
        return file_response(request, version, path)


class VersionArchive(WorkspaceView):
    """All files as one zip archive."""

    http_method_names = ["get", "head", "options"]

    def get(self, request, workspace, name, number):
        version = services.find_version(user=request.user, workspace=self.workspace, name=name, version=number)
        return archive_response(request, version)


class VersionVerify(WorkspaceView):
    """Read the stored bytes again and compare them with what was registered."""

    http_method_names = ["post", "options"]

    def post(self, request, workspace, name, number):
        version = services.find_version(user=request.user, workspace=self.workspace, name=name, version=number)
        checks = services.verify_version(version=version)
        intact = all(check.outcome == "ok" for check in checks)
        return Response({"id": version.reference, "intact": intact, "files": [asdict(check) for check in checks]})
