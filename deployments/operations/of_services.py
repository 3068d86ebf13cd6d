"""Operations on services, described."""

from deployments import api, errors
from deployments.live_log import MOST_LINES
from deployments.operations import answers, examples
from deployments.operations.of_deployments import LAST_EVENT
from deployments.serializers import DeployRequest, ScaleRequest
from registry import errors as registry
from workspaces.errors import Invalid, RoleTooLow
from workspaces.operations import TEXT, Answer, Body, Operation, Operations, Parameter, whole_number

_SERVICES = "services"
_AFTER = Parameter("after_seq", "Only lines after this number.", whole_number(0, 0), 1772443801477000)
_REPLICA = Parameter("replica", "Only what this one wrote.", example="iris-r2-7d9f8c6b5-x2k4q")

OPERATIONS: Operations = {
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
    (api.ScaleService, "POST"): Operation(
        id="scale_service",
        summary="Scale a service",
        description=(
            "Runs that many replicas of what serves now, or as many as `autoscaler` says, until its next revision. "
            "Only on Kubernetes targets."
        ),
        tag=_SERVICES,
        body=Body(ScaleRequest, examples.SCALE),
        answers=[Answer(answers.ServiceDetail, examples.SERVICE_DETAIL, status=202)],
        errors=[
            errors.ServiceNotFound,
            errors.ServiceNotReady,
            errors.ScaleInvalid,
            errors.ConfigInvalid,
            Invalid,
        ],
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
        parameters=[Parameter("tail", "How many lines.", whole_number(0, api.MAX_LOG_LINES), 100), _REPLICA],
        answers=[Answer(answers.Logs, {"content": "model is there\nReady on port 40123"})],
        errors=[errors.ServiceNotFound, errors.TargetUnavailable, Invalid],
    ),
    (api.ServiceLog, "GET"): Operation(
        id="get_service_log",
        summary="Read a service's log line by line",
        description=(
            "Lines after a number, oldest first; requests are told as sentences. A line's number is the time it was "
            "written at, in microseconds. Ask again with `last_seq` for what has been written since. The newest "
            f"{MOST_LINES:,} lines can be asked for; of what went before, the first line says that it is left out."
        ),
        tag=_SERVICES,
        parameters=[
            _AFTER,
            Parameter("limit", "How many lines at most.", whole_number(0, 1000), 500),
            Parameter("tail", "Instead: so many lines, counted from the end.", whole_number(0, 0), 100),
            _REPLICA,
        ],
        answers=[Answer(answers.ServiceLogLines, examples.SERVICE_LOG)],
        errors=[errors.ServiceNotFound, errors.TargetUnavailable, Invalid],
    ),
    (api.ServiceLogStream, "GET"): Operation(
        id="stream_service_log",
        summary="Follow a service's log",
        description=(
            "Server-sent events: each line an event whose id is its number; an event `trouble` when the target cannot "
            "be read, with an empty `detail` when it can again; and `end` when the service is gone. It goes on "
            "whichever revision serves, and while none does."
        ),
        tag=_SERVICES,
        parameters=[_AFTER, LAST_EVENT, _REPLICA],
        answers=[Answer(TEXT, examples.SERVICE_EVENTS, media_type="text/event-stream")],
        errors=[errors.ServiceNotFound, Invalid],
    ),
    (api.ServiceLogText, "GET"): Operation(
        id="download_service_log",
        summary="Download a service's log",
        description="All that the target keeps, as it was written, a line each with its time and replica.",
        tag=_SERVICES,
        parameters=[_REPLICA],
        answers=[Answer(TEXT, examples.SERVICE_LOG_TEXT, media_type="text/plain")],
        errors=[errors.ServiceNotFound, errors.TargetUnavailable],
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
