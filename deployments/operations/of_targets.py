"""Operations on compute targets, described."""

from deployments import errors, target_api
from deployments.operations import answers, examples
from deployments.target_serializers import AttachRequest, ReportSerializer, UpdateRequest
from workspaces.errors import Invalid, RoleTooLow
from workspaces.operations import TEXT, Answer, Body, Operation, Operations, Parameter

_TAG = "targets"
_UNUSABLE = [errors.ConfigInvalid, errors.TargetUnavailable, errors.ClusterUnusable, Invalid, RoleTooLow]

OPERATIONS: Operations = {
    (target_api.Targets, "GET"): Operation(
        id="list_targets",
        summary="List compute targets",
        description="Where workloads can run, and whether each answered when it was last looked at.",
        tag=_TAG,
        answers=[Answer(answers.TargetList, {"value": [examples.TARGET, examples.CLUSTER]})],
    ),
    (target_api.Targets, "POST"): Operation(
        id="attach_target",
        summary="Attach a Kubernetes cluster",
        description=(
            "Its connection, permissions and registry are tested first; nothing is kept of a cluster that could not "
            "be used. Credentials are encrypted, and never shown again. Needs the role owner."
        ),
        tag=_TAG,
        body=Body(AttachRequest, examples.ATTACH),
        answers=[Answer(answers.Target, examples.CLUSTER, status=201)],
        errors=[errors.TargetNameInvalid, errors.TargetExists, *_UNUSABLE],
    ),
    (target_api.Target, "GET"): Operation(
        id="get_target",
        summary="Show a compute target",
        description="With how it is reached, without its secrets.",
        tag=_TAG,
        answers=[Answer(answers.Target, examples.CLUSTER)],
        errors=[errors.TargetNotFound],
    ),
    (target_api.Target, "PATCH"): Operation(
        id="update_target",
        summary="Change how a cluster is reached",
        description="Other credentials, another registry; what is left out stays. What runs is not touched.",
        tag=_TAG,
        body=Body(UpdateRequest, {"registry_username": "slipway", "registry_password": "…"}),
        answers=[Answer(answers.Target, examples.CLUSTER)],
        errors=[errors.TargetNotFound, errors.TargetBuiltIn, errors.TargetInUse, *_UNUSABLE],
    ),
    (target_api.Target, "DELETE"): Operation(
        id="detach_target",
        summary="Detach a cluster",
        description="Forgets it and its credentials. Refused while services run on it. Needs the role owner.",
        tag=_TAG,
        answers=[Answer(status=204)],
        errors=[errors.TargetNotFound, errors.TargetBuiltIn, errors.TargetInUse, RoleTooLow],
    ),
    (target_api.TestTarget, "POST"): Operation(
        id="test_target",
        summary="Test a cluster's connection",
        description="Version, nodes, room that is left, every permission that is missing, and the registry.",
        tag=_TAG,
        answers=[Answer(ReportSerializer, examples.REPORT)],
        errors=[errors.TargetNotFound, errors.TargetBuiltIn, errors.TargetUnavailable],
    ),
    (target_api.Rbac, "GET"): Operation(
        id="kubernetes_rbac",
        summary="The permissions a cluster must grant",
        description="YAML for `kubectl apply`: a namespace, an account with exactly what is needed, and its token.",
        tag=_TAG,
        parameters=[Parameter("namespace", "Empty: the workspace's own.", example="slipway-default")],
        answers=[Answer(TEXT, "apiVersion: v1\nkind: Namespace\n…", media_type="application/yaml")],
        errors=[Invalid],
    ),
}
