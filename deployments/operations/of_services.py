"""Operations on services and targets, described."""

from deployments import api, errors
from deployments.operations import answers, examples
from deployments.serializers import DeployRequest
from registry import errors as registry
from workspaces.errors import Invalid, RoleTooLow
from workspaces.operations import Answer, Body, Operation, Operations, Parameter, whole_number

_SERVICES, _TARGETS = "services", "targets"

OPERATIONS: Operations = {
    (api.Targets, "GET"): Operation(
        id="list_targets",
        summary="List compute targets",
        description="Where workloads can run, and whether each answered when it was last looked at.",
        tag=_TARGETS,
        answers=[Answer(answers.TargetList, {"value": [examples.TARGET]})],
    ),
    (api.Services, "GET"): Operation(
        id="list_services",
        summary="List services",
        description="All services of the workspace, by name.",
        tag=_SERVICES,
        answers=[Answer(answers.ServiceList, {"value": [examples.SERVICE]})],
    ),
    (api.Services, "POST"): Operation(
        id="deploy",
        summary="Deploy",
        description=(
            "Makes a service, or with `overwrite` a new revision of one, and queues its deployment. Follow it with "
            "the log's stream or by reading the deployment. Callers of an existing service notice nothing until the "
            "new revision is live."
        ),
        tag=_SERVICES,
        body=Body(DeployRequest, examples.DEPLOY),
        answers=[Answer(answers.Deployment, examples.DEPLOYMENT, status=202)],
        errors=[
            errors.ServiceNameInvalid,
            errors.ServiceExists,
            errors.ServiceBusy,
            errors.ConfigInvalid,
            errors.EntryScriptNeeded,
            errors.TargetNotFound,
            errors.TargetUnavailable,
            registry.VersionNotFound,
            registry.UploadNotFound,
            registry.TagInvalid,
            registry.BlobMissing,
            Invalid,
        ],
    ),
    (api.Service, "GET"): Operation(
        id="get_service",
        summary="Show a service",
        description="With its newest deployment, and the request its model offers as an example.",
        tag=_SERVICES,
        answers=[Answer(answers.ServiceDetail, examples.SERVICE_DETAIL)],
        errors=[errors.ServiceNotFound],
    ),
    (api.Service, "DELETE"): Operation(
        id="delete_service",
        summary="Delete a service",
        description="Nothing is routed to it from now on; it is gone once its workloads are stopped.",
        tag=_SERVICES,
        answers=[Answer(answers.ServiceDetail, examples.SERVICE_DETAIL | {"state": "Deleting"}, status=202)],
        errors=[errors.ServiceNotFound],
    ),
    (api.Keys, "GET"): Operation(
        id="get_keys",
        summary="Show the keys callers send",
        description="Needs the role contributor.",
        tag=_SERVICES,
        answers=[Answer(answers.Keys, examples.KEYS)],
        errors=[errors.ServiceNotFound, RoleTooLow],
    ),
    (api.RegenerateKey, "POST"): Operation(
        id="regenerate_key",
        summary="Replace a key",
        description="The old one stops working. The other key is not touched, so callers can change over.",
        tag=_SERVICES,
        body=Body(answers.RegenerateRequest, {"key": "Secondary"}),
        answers=[Answer(answers.Keys, examples.KEYS)],
        errors=[errors.ServiceNotFound, Invalid],
    ),
    (api.ServiceLogs, "GET"): Operation(
        id="get_service_logs",
        summary="Read what a service wrote",
        description="The last lines of the workload that serves now; of the newest deployment when nothing serves.",
        tag=_SERVICES,
        parameters=[
            Parameter("tail", "How many lines.", whole_number(0, api.MAX_LOG_LINES), 100),
        ],
        answers=[Answer(answers.Logs, {"content": "model is there\nReady on port 40123"})],
        errors=[errors.ServiceNotFound, errors.TargetUnavailable, Invalid],
    ),
    (api.TryService, "POST"): Operation(
        id="try_service",
        summary="Try a service",
        description=(
            "The body goes to the scoring URI as it is, with the service's primary key. What the service answers, "
            "a refusal too, comes back inside a 200."
        ),
        tag=_SERVICES,
        body=Body({}, {"data": [[5.1, 3.5, 1.4, 0.2]]}, required=False),
        answers=[Answer(answers.TryAnswer, examples.TRY)],
        errors=[errors.ServiceNotFound, errors.ServiceNotReady],
    ),
}
