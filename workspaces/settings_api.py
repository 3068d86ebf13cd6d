"""A workspace's settings over REST."""

from rest_framework import serializers
from rest_framework.response import Response

from workspaces.api import WorkspaceView
from workspaces.changing import change_settings
from workspaces.models import PicklePolicy, Workspace


class SettingsSerializer(serializers.ModelSerializer):
    """`pickle_policy`: allow, refuse-unsafe or known-only."""

    pickle_policy = serializers.ChoiceField(PicklePolicy.choices)

    class Meta:
        model = Workspace
        fields = ["name", "pickle_policy"]
        read_only_fields = ["name"]


class WorkspaceSettings(WorkspaceView):
    """What the workspace takes. Members may look, owners may change it."""

    def get(self, request, workspace):
        return Response(SettingsSerializer(self.workspace).data)

    def patch(self, request, workspace):
        asked = SettingsSerializer(self.workspace, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        policy = asked.validated_data.get("pickle_policy", self.workspace.pickle_policy)
        changed = change_settings(workspace=self.workspace, by=request.user, pickle_policy=policy)
        return Response(SettingsSerializer(changed).data)
