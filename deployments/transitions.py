"""Changes of state: compare-and-set, each leaving a row behind."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from deployments import history, leases
from deployments.models import Deployment, DeploymentEvent, DeploymentStep, Revision, Service, Workload
from deployments.routes import bump_routing
from deployments.service_state import refresh_state
from deployments.states import FINAL, NEXT, Outcome, Status, Step

# Gateways read new routes several times a second; this is for one that just lost the database.
_NOTICE = timedelta(seconds=10)


def claim(deployment_id: int, worker: str) -> bool:
    """Take the lease of a deployment that is not final and that no live worker holds."""
    return leases.claim(Deployment.objects.filter(pk=deployment_id).exclude(status__in=FINAL), worker)


def renew(deployment_id: int, worker: str) -> bool:
    """Hold the lease for longer. False when it was lost to another worker."""
    return leases.renew(Deployment.objects.filter(pk=deployment_id), worker)


@transaction.atomic
def move(
    deployment_id: int, frm: Status, to: Status, *, worker: str = "", reason: str = "", failure: dict | None = None
) -> bool:
    """False when the deployment has left `frm`, or `worker` its lease: somebody else got there first."""
    if to not in NEXT[frm]:
        raise ValueError(f"{frm} does not lead to {to}")
    now = timezone.now()
    changes: dict[str, object] = {"status": to}
    if frm == Status.QUEUED and to not in FINAL:
        changes["started_time"] = now
    if to in FINAL:
        changes |= {"finished_time": now, "failure": failure, "lease_owner": "", "lease_until": None}
    # The parent row first, here and everywhere: whoever changes something below it waits for its turn.
    services = Service.objects.select_for_update(of=("self",)).filter(revisions__deployments=deployment_id)
    service = services.first()
    rows = Deployment.objects.filter(pk=deployment_id, status=frm)
    if worker:
        rows = rows.filter(lease_owner=worker)
    if not rows.update(**changes):
        return False
    DeploymentEvent.objects.create(deployment_id=deployment_id, frm=frm, to=to, reason=reason)
    if to in {Status.FAILED, Status.CANCELLED}:
        ended = Outcome.FAILED if to == Status.FAILED else Outcome.CANCELLED
        DeploymentStep.objects.filter(deployment_id=deployment_id, outcome=Outcome.RUNNING).update(
            outcome=ended, ended_time=now
        )
    refresh_state(service)
    return True


def begin_step(deployment_id: int, step: Step) -> None:
    """Start a step, or start it again after a crash."""
    DeploymentStep.objects.update_or_create(
        deployment_id=deployment_id,
        name=step,
        defaults={"outcome": Outcome.RUNNING, "detail": "", "started_time": timezone.now(), "ended_time": None},
    )


def end_step(deployment_id: int, step: Step, detail: str) -> None:
    DeploymentStep.objects.filter(deployment_id=deployment_id, name=step).update(
        outcome=Outcome.DONE, detail=detail[:500], ended_time=timezone.now()
    )


@transaction.atomic
def switch_traffic(deployment_id: int, worker: str) -> bool:
    """Give the deployment's revision all traffic and make it live, in one transaction.

    The workloads that served until now drain and go; see reconcile. False when the lease was lost."""
    deployment = Deployment.objects.select_related("revision__service", "created_by").get(pk=deployment_id)
    service = Service.objects.select_for_update().get(pk=deployment.revision.service_id)
    if service.deleting or not move(deployment_id, Status.CHECKING, Status.LIVE, worker=worker):
        return False
    serving = Revision.objects.filter(service=service, traffic__gt=0)
    history.note_switched(deployment.revision, list(serving.select_related("service")), deployment.created_by)
    Revision.objects.filter(service=service).exclude(pk=deployment.revision_id).update(traffic=0)
    Revision.objects.filter(pk=deployment.revision_id).update(traffic=100)
    idle = Workload.objects.filter(revision__service=service, retire_time=None).exclude(revision=deployment.revision_id)
    for workload in idle.select_related("revision"):
        Workload.objects.filter(pk=workload.pk).update(retire_time=timezone.now() + _time_to_finish(workload))
    Workload.objects.filter(revision=deployment.revision_id).update(retire_time=None, healthy=True, detail="")
    auth_enabled = deployment.revision.deployment_config["auth_enabled"]
    Service.objects.filter(pk=service.pk).update(auth_enabled=auth_enabled)
    refresh_state(service)
    bump_routing()
    return True


def _time_to_finish(workload: Workload) -> timedelta:
    """How long a workload that no route names any more may still have requests under way."""
    return max(_NOTICE, timedelta(milliseconds=workload.revision.deployment_config.get("scoring_timeout_ms", 0)))
