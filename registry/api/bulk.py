"""The same change to many versions."""

from rest_framework.response import Response

from registry import services
from registry.api.requests import BulkRequest, asked
from registry.api.serializers import OutcomeSerializer
from workspaces.api import WorkspaceView


class Bulk(WorkspaceView):
    """Tags, a stage, or deletion for each of `references`; answers how it went with each."""

    def post(self, request, workspace):
        outcomes = services.change_many(user=request.user, workspace=self.workspace, **asked(BulkRequest, request.data))
        return Response({"value": OutcomeSerializer(outcomes, many=True).data})
