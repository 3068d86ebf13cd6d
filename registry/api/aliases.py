"""Names that point to a version of a model."""

from rest_framework.response import Response

from registry import services
from registry.api.requests import AliasRequest, asked
from workspaces.api import WorkspaceView


class Alias(WorkspaceView):
    """One alias of a model: point it to a version, or take it away."""

    def put(self, request, workspace, name, alias):
        number = asked(AliasRequest, request.data)["version"]
        version = services.find_version(user=request.user, workspace=self.workspace, name=name, version=number)
        services.set_alias(model=version.model, name=alias, version=version, by=request.user)
        return Response({"alias": alias, "version": version.version, "id": version.reference})

    def delete(self, request, workspace, name, alias):
        newest = services.find_version(user=request.user, workspace=self.workspace, name=name)
        services.remove_alias(model=newest.model, name=alias, by=request.user)
        return Response(status=204)
