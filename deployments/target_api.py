"""REST of compute targets: parse, check, call one verb."""

from django.http import HttpResponse
from rest_framework.response import Response

from deployments import clusters, queries
from deployments.models import Target as TargetRow
from deployments.target_serializers import AttachRequest, ReportSerializer, TargetSerializer, UpdateRequest
from workspaces.access import enter
from workspaces.api import WorkspaceView
from workspaces.models import Role


class Targets(WorkspaceView):
    """Compute targets, and whether they answer; attaching one makes another."""

    def get(self, request, workspace):
        targets = TargetRow.objects.filter(workspace=self.workspace, detached=False).select_related("created_by")
        return Response({"value": TargetSerializer(targets, many=True).data})

    def post(self, request, workspace):
        enter(request.user, workspace, at_least=Role.OWNER)
        asked = AttachRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        name = asked.validated_data["name"]
        made = clusters.attach_kubernetes(workspace=self.workspace, name=name, asked=asked.asked, by=request.user)
        return Response(TargetSerializer(made).data, status=201)


class _OneTarget(WorkspaceView):
    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        self.target = queries.find_target_row(workspace=self.workspace, name=kwargs["name"])


class Target(_OneTarget):
    """One compute target. Only owners of the workspace change and detach it."""

    def get(self, request, workspace, name):
        return Response(TargetSerializer(self.target).data)

    def patch(self, request, workspace, name):
        enter(request.user, workspace, at_least=Role.OWNER)
        asked = UpdateRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(TargetSerializer(clusters.update_kubernetes(target=self.target, asked=asked.asked)).data)

    def delete(self, request, workspace, name):
        enter(request.user, workspace, at_least=Role.OWNER)
        clusters.detach(target=self.target)
        return Response(status=204)


class TestTarget(_OneTarget):
    """Look at everything a cluster must allow, one by one."""

    def post(self, request, workspace, name):
        return Response(ReportSerializer(clusters.test_target(target=self.target)).data)


class Rbac(WorkspaceView):
    """The YAML that makes an account with exactly what is needed."""

    def get(self, request, workspace):
        text = clusters.rbac(workspace=self.workspace, namespace=request.query_params.get("namespace", ""))
        return HttpResponse(text, content_type="application/yaml; charset=utf-8")
