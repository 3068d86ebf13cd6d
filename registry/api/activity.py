"""What was done in the registry."""

from rest_framework.response import Response

from registry.api.requests import ActivityRequest, asked
from registry.api.serializers import ActivitySerializer
from registry.services import activity
from workspaces.api import WorkspaceView
from workspaces.paging import page_of


class Activity(WorkspaceView):
    """Newest first, of the workspace, of one `model`, or of one `version` of it; deleted ones are told of too."""

    def get(self, request, workspace):
        wanted = asked(ActivityRequest, request.query_params)
        rows = activity.of_workspace(workspace=self.workspace)
        if wanted["model"]:
            rows = activity.of_model(workspace=self.workspace, name=wanted["model"])
        if wanted["version"] is not None:
            rows = rows.filter(version=wanted["version"])
        page = page_of(rows, cursor=wanted["cursor"], limit=wanted["limit"])
        return Response({"value": ActivitySerializer(page.rows, many=True).data, "next": page.next})
