"""Operations on deployments and their logs, described."""

from deployments import api, errors
from deployments.operations import answers, examples
from workspaces.errors import Invalid
from workspaces.operations import TEXT, Answer, Operation, Operations, Parameter, whole_number

_TAG = "deployments"
_AFTER = Parameter("after_seq", "Only lines after this number.", whole_number(0, 0), 120)
LAST_EVENT = Parameter(
    "Last-Event-ID", "The id of the last event that was read; goes before `after_seq`.", example="120", where="header"
)

OPERATIONS: Operations = {
    (api.Deployments, "GET"): Operation(
        id="list_deployments",
        summary="List deployments",
        description="Newest first, by pages.",
        tag=_TAG,
        parameters=[
            Parameter("service", "Only those of the service of this name.", example="iris"),
            Parameter("limit", "How many a page has at most.", whole_number(0, 50), 50),
            Parameter("cursor", "The `next` of the page before.", example="41"),
        ],
        answers=[Answer(answers.DeploymentPage, {"value": [examples.DEPLOYMENT], "next": None})],
        errors=[Invalid],
    ),
    (api.Deployment, "GET"): Operation(
        id="get_deployment",
        summary="Show a deployment",
        description="One attempt to bring a revision live: its state, its steps and, if it failed, why.",
        tag=_TAG,
        answers=[Answer(answers.Deployment, examples.LIVE)],
        errors=[errors.DeploymentNotFound],
    ),
    (api.CancelDeployment, "POST"): Operation(
        id="cancel_deployment",
        summary="Cancel a deployment",
        description="What served before goes on serving. One that has ended is refused.",
        tag=_TAG,
        answers=[Answer(answers.Deployment, examples.DEPLOYMENT | {"cancel_requested": True})],
        errors=[errors.DeploymentNotFound, errors.DeploymentFinished],
    ),
    (api.RetryDeployment, "POST"): Operation(
        id="retry_deployment",
        summary="Retry a deployment",
        description="Another attempt at the same revision, as a deployment of its own.",
        tag=_TAG,
        answers=[Answer(answers.Deployment, examples.DEPLOYMENT | {"id": 42}, status=202)],
        errors=[
            errors.DeploymentNotFound,
            errors.DeploymentFinished,
            errors.ServiceBusy,
            errors.TargetUnavailable,
        ],
    ),
    (api.DeploymentLog, "GET"): Operation(
        id="get_deployment_log",
        summary="Read a deployment's log",
        description="Lines after a number, oldest first. Ask again with `last_seq` until `finished`.",
        tag=_TAG,
        parameters=[_AFTER, Parameter("limit", "How many lines at most.", whole_number(0, 1000), 500)],
        answers=[Answer(answers.LogLines, examples.LOG)],
        errors=[errors.DeploymentNotFound, Invalid],
    ),
    (api.DeploymentLogStream, "GET"): Operation(
        id="stream_deployment_log",
        summary="Follow a deployment's log",
        description=(
            "Server-sent events: each line an event whose id is its number, an event `state` with the deployment "
            "whenever it changes, and `end` when it has ended, after which the stream closes."
        ),
        tag=_TAG,
        parameters=[_AFTER, LAST_EVENT],
        answers=[Answer(TEXT, examples.EVENTS, media_type="text/event-stream")],
        errors=[errors.DeploymentNotFound, Invalid],
    ),
    (api.DeploymentLogText, "GET"): Operation(
        id="download_deployment_log",
        summary="Download a deployment's log",
        description="The whole log as a text, a line each with its time and step.",
        tag=_TAG,
        answers=[Answer(TEXT, examples.LOG_TEXT, media_type="text/plain")],
        errors=[errors.DeploymentNotFound],
    ),
}
