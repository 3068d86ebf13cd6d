"""What the pages of services and deployments show, gathered from rows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, F, Max, Prefetch, Q, QuerySet

from deployments import recipes
from deployments.log_view import LogView, log_view
from deployments.models import Deployment, DeploymentStep, Revision, RevisionModel, Service, Target
from deployments.states import Status, Step
from deployments.targets import in_order
from drivers.base import ReplicaState
from drivers.scaling import Scale
from registry.models import Framework
from workspaces.models import Workspace

# A revision's models in one query instead of three.
_MODELS = Prefetch("model_links", RevisionModel.objects.select_related("version__model"))

_SAMPLES = {
    Framework.MLFLOW: {"dataframe_split": {"columns": ["a", "b"], "data": [[0.0, 0.0]]}},
}
_SAMPLE = {"data": [[0.0, 0.0, 0.0, 0.0]]}


@dataclass(frozen=True, slots=True)
class StepRow:
    name: str
    title: str
    outcome: str
    detail: str = ""
    started_time: datetime | None = None
    ended_time: datetime | None = None
    duration: float | None = None


def step_rows(deployment: Deployment) -> list[StepRow]:
    """Every step in order, those still ahead as waiting."""
    begun = {step.name: _step_row(step) for step in deployment.steps.all()}
    pushed = deployment.revision.target.kind == Target.Kind.KUBERNETES
    steps = [step for step in Step if pushed or step != Step.PUSH]
    return [begun.get(step) or StepRow(step, step.label, "waiting") for step in steps]


def _step_row(step: DeploymentStep) -> StepRow:
    took = (step.ended_time - step.started_time).total_seconds() if step.ended_time else None
    return StepRow(
        step.name, step.get_name_display(), step.outcome, step.detail, step.started_time, step.ended_time, took
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """A deployment with its steps, log and cause of failure: what `_attempt.html` shows."""

    deployment: Deployment
    steps: list[StepRow]
    log: LogView
    failed_step: str

    @property
    def took(self) -> float | None:
        return took(self.deployment)


def attempt(workspace: Workspace, deployment: Deployment, *, with_lines: bool = True) -> Attempt:
    steps = step_rows(deployment)
    failed = next((step.title for step in steps if step.outcome == "failed"), "")
    return Attempt(deployment, steps, log_view(workspace, deployment, with_lines=with_lines), failed)


def took(deployment: Deployment) -> float | None:
    """Seconds from being asked for to its end; None while it is under way."""
    ended = deployment.finished_time
    return (ended - deployment.created_time).total_seconds() if ended else None


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    deployment: Deployment
    took: float | None
    cause: str


def deployment_rows(deployments: Iterable[Deployment]) -> list[DeploymentRow]:
    return [DeploymentRow(row, took(row), (row.failure or {}).get("detail", "")) for row in deployments]


@dataclass(frozen=True, slots=True)
class ServiceRow:
    service: Service
    revision: Revision | None
    newest: Deployment | None


def service_rows(services: Iterable[Service]) -> list[ServiceRow]:
    """Each service with the revision that serves (else its newest) and its newest deployment."""
    services = list(services)
    telling = Q(traffic__gt=0) | Q(number=F("service__last_revision"))
    revisions = Revision.objects.filter(telling, service__in=services).select_related("target")
    shown: dict[int, Revision] = {}
    for revision in revisions.prefetch_related(_MODELS).order_by("traffic", "number"):
        shown[revision.service_id] = revision
    of_service = Deployment.objects.filter(revision__service__in=services).order_by()
    newest = of_service.values("revision__service").annotate(newest=Max("pk")).values("newest")
    attempts = Deployment.objects.filter(pk__in=newest).select_related("revision")
    attempt_of = {row.revision.service_id: row for row in attempts}
    return [ServiceRow(service, shown.get(service.pk), attempt_of.get(service.pk)) for service in services]


def revisions_of(service: Service) -> QuerySet[Revision]:
    found = service.revisions.select_related("target", "created_by")
    return found.prefetch_related(_MODELS, "deployments")


def serving_revision(service: Service) -> Revision | None:
    found = service.revisions.filter(traffic__gt=0).select_related("target", "created_by", "workload")
    return found.prefetch_related(_MODELS).first()


def sample_for(revision: Revision | None) -> str:
    """A request to try the service with: what its runtime offered, else a shape its framework reads."""
    if revision is None:
        return ""
    if revision.sample_request is not None:
        return pretty(revision.sample_request)
    links = list(revision.model_links.all())
    framework = links[0].version.framework if len(links) == 1 else Framework.MULTI
    return pretty(_SAMPLES.get(framework, _SAMPLE))


def pretty(value: object) -> str:
    """JSON with one row of numbers a line, as people write samples."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= 72 or not isinstance(value, dict):
        return text
    members = [f"  {json.dumps(key, ensure_ascii=False)}: {_member(item)}" for key, item in value.items()]
    return "{\n" + ",\n".join(members) + "\n}"


def _member(value: object) -> str:
    rows = value if isinstance(value, list) and value and all(isinstance(row, list) for row in value) else None
    if rows is None:
        return json.dumps(value, ensure_ascii=False)
    return "[\n    " + ",\n    ".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n  ]"


def targets_in(workspace: Workspace) -> list[Target]:
    """Those of the workspace, each with how many services it serves now (`serving`)."""
    serving = Count("revisions__service", filter=Q(revisions__traffic__gt=0), distinct=True)
    return in_order(workspace.targets.filter(detached=False).annotate(serving=serving))


def shows_attempt(newest: Deployment | None) -> bool:
    """The service page shows a deployment that is under way, or that ended without going live."""
    return newest is not None and newest.status != Status.LIVE


@dataclass(frozen=True, slots=True)
class TryResult:
    status: int
    elapsed_ms: float
    body: str
    ok: bool


def try_result(answer) -> TryResult:
    try:
        body = pretty(json.loads(answer.body))
    except ValueError:
        body = answer.body
    return TryResult(answer.status, answer.elapsed_ms, body, answer.status < 400)


@dataclass(frozen=True, slots=True)
class Replicas:
    """What a cluster runs of a service: its replicas as they were last seen, and how many there should be."""

    rows: list[dict[str, object]]
    wanted: int
    scale: Scale

    @property
    def ready(self) -> int:
        return sum(row["state"] == ReplicaState.READY for row in self.rows)


def replicas_of(revision: Revision | None) -> Replicas | None:
    """None where a target runs one copy, and nothing is to be said of it."""
    workload = getattr(revision, "workload", None) if revision else None
    if workload is None or revision.target.kind != Target.Kind.KUBERNETES:
        return None
    rows = [{**row, "started": _moment(row["started"])} for row in workload.replicas]
    return Replicas(rows, workload.wanted_replicas, recipes.scale_of(revision))


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def services_on(target: Target) -> list[Service]:
    """Those with something running there, by name."""
    return list(Service.objects.filter(revisions__target=target, revisions__workload__isnull=False).distinct())


def asked_scale(sent: Mapping[str, str]) -> dict[str, object]:
    """The form on a service's page: a number of replicas, or between how many. What is no number is 0, which the
    verb refuses in words."""
    texts = {key: sent.get(key, "") for key in _SCALE_FIELDS}
    numbers = {key: int(text) if text.isascii() and text.isdigit() else 0 for key, text in texts.items()}
    if sent.get("how") != "load":
        return {"replicas": numbers["replicas"]}
    return {"autoscaler": {key: number for key, number in numbers.items() if key != "replicas"}}


_SCALE_FIELDS = ("replicas", "minReplicas", "maxReplicas", "targetUtilization")
