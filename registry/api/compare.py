"""Versions side by side."""

from rest_framework.response import Response

from registry import services
from registry.api.requests import CompareRequest, asked
from registry.api.serializers import ComparisonSerializer
from registry.services.comparing import MOST
from workspaces.api import WorkspaceView
from workspaces.errors import Invalid


class Compare(WorkspaceView):
    """`version=a:1&version=b@champion`: 2 to 10 of them, their facts as rows."""

    def get(self, request, workspace):
        references = asked(CompareRequest, request.query_params)["version"]
        if len(references) > MOST:
            raise Invalid(f"{len(references)} versions are too many to compare.", advice=f"Choose {MOST} at most.")
        versions = [
            services.find_reference(user=request.user, workspace=self.workspace, reference=reference)
            for reference in references
        ]
        return Response(ComparisonSerializer(services.compare(versions)).data)
