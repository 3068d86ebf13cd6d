"""REST of services and deployments: parse, check, call one service."""

from dataclasses import asdict

from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response

from deployments import keys, logs, queries, services, streams
from deployments.live_log import live_log
from deployments.serializers import (
    DeploymentSerializer,
    DeployRequest,
    RegenerateRequest,
    ScaleRequest,
    ServiceDetailSerializer,
    ServiceSerializer,
)
from registry.uploads import find_upload
from workspaces.access import enter
from workspaces.api import WorkspaceView
from workspaces.errors import Invalid
from workspaces.models import Role
from workspaces.paging import page_of

MAX_LOG_LINES = 5000
# Lines of deployments are counted, those of services go by time; what JavaScript counts exactly is the end of both.
MAX_SEQ = 2**53 - 1


def _after(request) -> int:
    """The number of the last line that the reader has."""
    last = request.headers.get("Last-Event-ID", "")
    known = last.isascii() and last.isdigit() and len(last) < 17
    return min(int(last), MAX_SEQ) if known else _number(request, "after_seq", 0, MAX_SEQ)


def _number(request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 16:
        raise Invalid(f"{name}={text[:40]!r} is not a whole number.", advice=f"Leave it out for {default}.")
    return min(int(text), most)


def _replica(request) -> str:
    return request.query_params.get("replica", "")


class Services(WorkspaceView):
    """All services; deploying makes one, or a new revision of one."""

    def get(self, request, workspace):
        rows = queries.services_in(user=request.user, workspace=self.workspace)
        return Response({"value": ServiceSerializer(rows, many=True).data})

    def post(self, request, workspace):
        asked = DeployRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        upload = fields.pop("source_upload")
        source = find_upload(workspace=self.workspace, upload_id=upload, by=request.user) if upload else None
        deployment = services.deploy(workspace=self.workspace, source=source, by=request.user, **fields)
        return Response(DeploymentSerializer(deployment).data, status=202)


class _OneService(WorkspaceView):
    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        self.service = queries.find_service(user=request.user, workspace=self.workspace, name=kwargs["name"])


class Service(_OneService):
    """One service, with its newest deployment."""

    def get(self, request, workspace, name):
        return Response(ServiceDetailSerializer(self.service).data)

    def delete(self, request, workspace, name):
        services.delete_service(service=self.service, by=request.user)
        self.service.refresh_from_db()
        return Response(ServiceDetailSerializer(self.service).data, status=202)


class Keys(_OneService):
    """The keys callers send; only those who may deploy see them."""

    def get(self, request, workspace, name):
        enter(request.user, workspace, at_least=Role.CONTRIBUTOR)
        return Response(_keys(keys.keys_of(self.service)))


class RegenerateKey(_OneService):
    """A new key in place of an old one."""

    def post(self, request, workspace, name):
        asked = RegenerateRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(_keys(services.regenerate_key(service=self.service, slot=asked.validated_data["key"])))


def _keys(by_slot: dict[str, str]) -> dict[str, str]:
    return {"primary_key": by_slot["Primary"], "secondary_key": by_slot["Secondary"]}


class ScaleService(_OneService):
    """Run more or fewer replicas of what serves now."""

    def post(self, request, workspace, name):
        asked = ScaleRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        services.scale_service(service=self.service, **asked.validated_data)
        return Response(ServiceDetailSerializer(self.service).data, status=202)


class ServiceLogs(_OneService):
    """What the workload that serves now wrote."""

    def get(self, request, workspace, name):
        tail, replica = max(1, _number(request, "tail", MAX_LOG_LINES, MAX_LOG_LINES)), _replica(request)
        return Response({"content": services.service_logs(service=self.service, tail=tail, replica=replica)})


class ServiceLog(_OneService):
    """Lines after a number, oldest first; with `tail` the last ones."""

    def get(self, request, workspace, name):
        after, tail = _number(request, "after_seq", 0, MAX_SEQ), _number(request, "tail", 0, MAX_LOG_LINES)
        limit = max(1, _number(request, "limit", 1000, MAX_LOG_LINES))
        log = live_log(self.service.pk, _replica(request))
        log.look()
        lines = log.newest(tail)[0] if tail else log.after(after, limit)
        return Response({"lines": lines, "last_seq": lines[-1]["seq"] if lines else after, "finished": False})


class ServiceLogText(_OneService):
    """All that the target keeps of the log, as a text file."""

    def get(self, request, workspace, name):
        return streams.raw_service_log(self.service, _replica(request))


class TryService(_OneService):
    """Call the service through the gateway, with its key; the body is passed on as it is."""

    parser_classes = []

    def post(self, request, workspace, name):
        answer = services.try_service(
            service=self.service,
            body=request._request.body,
            content_type=request.META.get("CONTENT_TYPE") or "application/json",
        )
        return Response(asdict(answer))


class Deployments(WorkspaceView):
    """Deployments, newest first."""

    def get(self, request, workspace):
        rows = queries.deployments_in(
            user=request.user, workspace=self.workspace, service=request.query_params.get("service", "")
        )
        page = page_of(rows, cursor=request.query_params.get("cursor", ""), limit=_number(request, "limit", 50, 255))
        return Response({"value": DeploymentSerializer(page.rows, many=True).data, "next": page.next})


class _OneDeployment(WorkspaceView):
    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        self.deployment = queries.find_deployment(
            user=request.user, workspace=self.workspace, deployment_id=kwargs["deployment_id"]
        )


class Deployment(_OneDeployment):
    """One attempt to bring a revision live."""

    def get(self, request, workspace, deployment_id):
        return Response(DeploymentSerializer(self.deployment).data)


class CancelDeployment(_OneDeployment):
    """Stop it; what served before goes on serving."""

    def post(self, request, workspace, deployment_id):
        return Response(DeploymentSerializer(services.cancel_deployment(deployment=self.deployment)).data)


class RetryDeployment(_OneDeployment):
    """Another attempt at the same revision."""

    def post(self, request, workspace, deployment_id):
        deployment = services.retry_deployment(deployment=self.deployment, by=request.user)
        return Response(DeploymentSerializer(deployment).data, status=202)


class DeploymentLog(_OneDeployment):
    """Lines after a number, oldest first."""

    def get(self, request, workspace, deployment_id):
        # The state first: once it is final no line follows, so `finished` never hides one.
        finished = self.deployment.finished
        after = _number(request, "after_seq", 0, MAX_SEQ)
        limit = max(1, _number(request, "limit", 1000, MAX_LOG_LINES))
        lines = logs.read_after(self.deployment.pk, after, limit)
        last = lines[-1]["seq"] if lines else after
        return Response({"lines": lines, "last_seq": last, "finished": finished and len(lines) < limit})


class _EventStream(BaseRenderer):
    """Lets clients ask for `text/event-stream`; the view answers with the stream itself."""

    media_type = "text/event-stream"
    format = "events"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return JSONRenderer().render(data)


class DeploymentLogStream(_OneDeployment):
    """The log as server-sent events, replayed after `Last-Event-ID` or `after_seq`, then live."""

    renderer_classes = [_EventStream, JSONRenderer]

    def get(self, request, workspace, deployment_id):
        return streams.event_stream(self.deployment, _after(request))


class DeploymentLogText(_OneDeployment):
    """The whole log as a text file."""

    def get(self, request, workspace, deployment_id):
        return streams.raw_log(self.deployment)


class ServiceLogStream(_OneService):
    """The log as server-sent events, replayed after `Last-Event-ID` or `after_seq`, then live while somebody reads."""

    renderer_classes = [_EventStream, JSONRenderer]

    def get(self, request, workspace, name):
        return streams.service_event_stream(self.service, request.user, _replica(request), _after(request))
