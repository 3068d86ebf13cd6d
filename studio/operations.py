"""REST that belongs to no workspace, described; and where all rooms' operations come together."""

from rest_framework import serializers

from deployments.operations import OPERATIONS as _DEPLOYMENTS
from metrics.operations import OPERATIONS as _METRICS
from profiling.operations import OPERATIONS as _PROFILES
from registry.operations import OPERATIONS as _REGISTRY
from studio import api
from workspaces import settings_api
from workspaces.errors import Invalid, RoleTooLow
from workspaces.models import Role
from workspaces.operations import Answer, Body, Operation, Operations

_TAG = "studio"


class _Workspace(serializers.Serializer):
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class Me(serializers.Serializer):
    version = serializers.CharField(help_text="The studio's.")
    user = serializers.CharField()
    gateway_url = serializers.CharField()
    workspaces = _Workspace(many=True)


_OWN: Operations = {
    (api.Root, "GET"): Operation(
        id="get_me",
        summary="Who am I, and where is what",
        description="The name the token or session stands for, your workspaces and roles, the gateway's address.",
        tag=_TAG,
        answers=[
            Answer(
                Me,
                {
                    "version": "0.1.0",
                    "user": "olga",
                    "gateway_url": "http://127.0.0.1:8001",
                    "workspaces": [{"name": "default", "role": "owner"}],
                },
            )
        ],
    ),
    (api.OpenApi, "GET"): Operation(
        id="get_openapi",
        summary="This document",
        description="OpenAPI 3.1, of the studio that answers.",
        tag=_TAG,
        answers=[Answer({"type": "object"}, {"openapi": "3.1.0", "info": {"title": "Slipway", "version": "0.1.0"}})],
    ),
}

_SETTINGS = {"name": "default", "pickle_policy": "refuse-unsafe"}
_OF_WORKSPACE: Operations = {
    (settings_api.WorkspaceSettings, "GET"): Operation(
        id="get_settings",
        summary="Show a workspace's settings",
        description="What it takes.",
        tag="workspace",
        answers=[Answer(settings_api.SettingsSerializer, _SETTINGS)],
    ),
    (settings_api.WorkspaceSettings, "PATCH"): Operation(
        id="change_settings",
        summary="Change a workspace's settings",
        description="Needs the role owner. What is registered already stays as it is.",
        tag="workspace",
        body=Body(settings_api.SettingsSerializer, {"pickle_policy": "refuse-unsafe"}),
        answers=[Answer(settings_api.SettingsSerializer, _SETTINGS)],
        errors=[RoleTooLow, Invalid],
    ),
}

OPERATIONS: Operations = _REGISTRY | _DEPLOYMENTS | _PROFILES | _METRICS | _OF_WORKSPACE | _OWN

TAGS = {
    "models": "Versions of models: find, register, show, change, compare, delete.",
    "uploads": "Files on their way in, whole or in pieces.",
    "views": "Searches that are kept.",
    "services": "What people call: deploy, keys, logs, try.",
    "deployments": "Attempts to bring a revision live, and their logs.",
    "profiles": "What models need and what load they take: measure, stop, read the results.",
    "targets": "Where workloads run.",
    "workspace": "Rules of the workspace.",
    "studio": "What belongs to no workspace.",
}
