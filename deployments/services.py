"""What people do with services and deployments: one verb, one function."""

from collections import deque
from dataclasses import asdict, dataclass

import httpx
from django.core.exceptions import ValidationError
from django.db import transaction

from deployments import history, keys, recipes, revisions, transitions
from deployments.cluster_config import read_asked_scale
from deployments.deployment_config import DeploymentConfig, read_deployment_config
from deployments.doorbell import ring_deployment, ring_look, ring_removal
from deployments.errors import (
    DeploymentFinished,
    ScaleInvalid,
    ServiceBusy,
    ServiceNameInvalid,
    ServiceNotReady,
    TargetNotFound,
    TargetUnavailable,
)
from deployments.live_log import unavailable, workload_of
from deployments.logs import last_lines
from deployments.models import (
    SERVICE_NAME,
    Deployment,
    RevisionFile,
    Service,
    ServiceKey,
    Target,
    Workload,
)
from deployments.queue import check_idle, queue_deployment
from deployments.routes import bump_routing
from deployments.service_log import Failure, failure_of
from deployments.service_state import refresh_state
from deployments.states import FINAL, Status
from deployments.targets import BUILT_IN, find_target
from deployments.what_to_serve import find_what_to_serve
from drivers.errors import DriverError
from registry.models import Upload
from registry.tags import checked_tags
from workspaces.errors import Invalid
from workspaces.models import User, Workspace
from workspaces.texts import storable

# What Azure called a cluster, and what we do.
_CLUSTER_TYPES = {"aks", "aksendpoint", Target.Kind.KUBERNETES}
# Lines in which to look for what became of a call just made.
_LOOKED_THROUGH = 500


def deploy(
    *,
    workspace: Workspace,
    name: str,
    models: list[str],
    by: User,
    target: str = "",
    source: Upload | None = None,
    inference_config: str | dict | None = None,
    deployment_config: str | dict | None = None,
    description: str = "",
    tags: dict[str, str] | None = None,
    overwrite: bool = False,
) -> Deployment:
    """A new revision of service `name`, on its way to become live; the upload `source` is used up.

    `models` are `name:version`, `name@alias` or `name` for the newest; the revision keeps the versions they mean now.
    An existing service is changed only with `overwrite`, and callers notice nothing of it until the new revision is
    live. Raises ServiceNameInvalid, ServiceExists, ServiceBusy, VersionNotFound, AliasNotFound, VersionArchived,
    BlobDamaged, BlobMissing, UploadNotFound, TagInvalid, ConfigInvalid, EntryScriptNeeded, TargetNotFound,
    TargetUnavailable; nothing is left of an attempt that raises.
    """
    checked_service_name(name)
    tags = checked_tags(tags) if tags is not None else None
    versions, inference = find_what_to_serve(workspace, by, models, inference_config, source)
    config = read_deployment_config(
        deployment_config,
        cpu=max((version.cpu for version in versions if version.cpu), default=None),
        memory_gb=max((version.memory_gb for version in versions if version.memory_gb), default=None),
    )
    recipes.check_can_convert(versions, inference, config)
    where = find_target(workspace=workspace, name=target or _named_by(config, workspace))
    is_cluster = where.kind == Target.Kind.KUBERNETES
    config.note_target(scales=is_cluster, namespace=where.connection.get("namespace", ""))
    with transaction.atomic():
        service = revisions.service_for(workspace, name, config, overwrite=overwrite, by=by)
        Service.objects.filter(pk=service.pk).update(
            description=storable(description) or service.description, tags=service.tags if tags is None else tags
        )
        revisions.hold(versions)
        revision = revisions.add_revision(service, versions, inference, config, where, by)
        revisions.move_source(source, RevisionFile, revision=revision)
        return queue_deployment(revision, by)


def checked_service_name(name: str) -> str:
    """Raises ServiceNameInvalid, saying the rule."""
    try:
        SERVICE_NAME(name)
    except ValidationError as exc:
        shown = name if len(name) <= 60 else f"{name[:57]}…"
        said = exc.messages[0]
        raise ServiceNameInvalid(
            f"{shown!r} cannot be a service's name. {said}", advice="Choose another name.", errors={"name": [said]}
        ) from None
    return name


def _named_by(config: DeploymentConfig, workspace: Workspace) -> str:
    """The target that the configuration means; empty when it leaves that open."""
    targets = Target.objects.filter(workspace=workspace, detached=False)
    if config.compute_target and targets.filter(name=config.compute_target).exists():
        return config.compute_target
    if config.compute_target:
        config.notes.append(f"computeTargetName has no effect here: no target is called {config.compute_target}.")
    if config.compute_type in BUILT_IN:
        return config.compute_type
    if config.compute_type in _CLUSTER_TYPES:
        found = targets.filter(kind=Target.Kind.KUBERNETES).order_by("-available", "name").first()
        if found is not None:
            return found.name
        if config.compute_type == Target.Kind.KUBERNETES:
            raise TargetNotFound("No Kubernetes cluster is attached.", advice="Attach one on the targets page.")
    return ""


@transaction.atomic
def retry_deployment(*, deployment: Deployment, by: User | None) -> Deployment:
    """Another attempt at the same revision. Raises DeploymentFinished when it is live, ServiceBusy, VersionArchived."""
    service = Service.objects.select_for_update().get(pk=deployment.revision.service_id)
    if service.deleting:
        raise ServiceBusy(f"Service {service.name!r} is being deleted.", advice="Deploy it anew when it is gone.")
    check_idle(service)
    if deployment.status == Status.LIVE:
        said = "This deployment went live; there is nothing to retry."
        raise DeploymentFinished(said, advice="Deploy a new revision.")
    if not deployment.revision.traffic:  # what serves may be started again, archived or not
        revisions.hold([link.version for link in deployment.revision.model_links.select_related("version")])
    return queue_deployment(deployment.revision, by)


def cancel_deployment(*, deployment: Deployment) -> Deployment:
    """Stop it at once when no worker has begun it, else at its next line. Raises DeploymentFinished."""
    with transaction.atomic():
        Service.objects.select_for_update().get(pk=deployment.revision.service_id)
        if not Deployment.objects.filter(pk=deployment.pk).exclude(status__in=FINAL).update(cancel_requested=True):
            deployment.refresh_from_db()
            said = f"Deployment {deployment.pk} is {deployment.status} already."
            raise DeploymentFinished(said, advice="Reload the page.")
        deployment.refresh_from_db()
        if deployment.status == Status.QUEUED and not deployment.lease_owner:
            transitions.move(deployment.pk, Status.QUEUED, Status.CANCELLED, reason="Cancelled before it began.")
        else:
            # Begun: a worker ends it, and takes its workload away. One that was lost has a successor.
            ring_deployment(deployment.pk)
    deployment.refresh_from_db()
    return deployment


def release_lease(*, deployment: Deployment) -> None:
    """Take a deployment from a worker that is stuck; it notices, stops, and another goes on.

    Raises DeploymentFinished."""
    with transaction.atomic():
        open_one = Deployment.objects.filter(pk=deployment.pk).exclude(status__in=FINAL)
        if not open_one.update(lease_owner="", lease_until=None):
            raise DeploymentFinished(f"Deployment {deployment.pk} has ended.", advice="Retry it instead.")
        ring_deployment(deployment.pk)


@transaction.atomic
def delete_service(*, service: Service, by: User | None) -> None:
    """Stop routing to it now; the worker stops its workloads and then forgets it."""
    if Service.objects.filter(pk=service.pk, deleting=False).update(deleting=True):
        history.note_deleted(service, by)
    service.refresh_from_db()
    open_deployments = Deployment.objects.filter(revision__service=service).exclude(status__in=FINAL)
    open_deployments.update(cancel_requested=True)
    refresh_state(service)
    bump_routing()
    ring_removal(service.pk)


@transaction.atomic
def scale_service(*, service: Service, replicas: int | None = None, autoscaler: dict | None = None) -> Service:
    """Run `replicas` of what serves now, or as many as `autoscaler` (the keys of a deployment configuration's
    autoScaler) says; until its next revision. Raises ServiceNotReady, ScaleInvalid, ConfigInvalid."""
    Service.objects.select_for_update().get(pk=service.pk)
    revision = service.serving_revision
    workload = getattr(revision, "workload", None) if revision else None
    if workload is None:
        raise ServiceNotReady(f"Service {service.name!r} serves nothing yet.", advice="Wait until it is Healthy.")
    if revision.target.kind != Target.Kind.KUBERNETES:
        raise ScaleInvalid(
            f"Service {service.name!r} runs on target {revision.target.name!r}, which runs one replica.",
            advice="Deploy it to a Kubernetes target to run several.",
        )
    wanted = read_asked_scale(replicas, autoscaler)
    Workload.objects.filter(pk=workload.pk).update(scale=asdict(wanted))
    ring_look(workload.pk)
    return service


def regenerate_key(*, service: Service, slot: str) -> dict[str, str]:
    """A new key in `slot` ("Primary" or "Secondary"); the old one stops working. Returns both keys."""
    if slot not in ServiceKey.Slot.values:
        raise Invalid(f"{slot!r} is not a key.", advice="It is Primary or Secondary.")
    with transaction.atomic():
        keys.regenerate_key(service=service, slot=slot)
    return keys.keys_of(service)


def service_logs(*, service: Service, tail: int, replica: str = "") -> str:
    """The last `tail` lines that what serves now wrote, or its one `replica`; of the newest attempt when nothing does.

    Raises TargetUnavailable."""
    try:
        serving = workload_of(service.pk)
        if serving is None:
            newest = service.newest_deployment
            return "\n".join(line["text"] for line in last_lines(newest, tail)) if newest else ""
        driver, handle = serving
        records = deque(driver.logs(handle, replica=replica), maxlen=tail)
    except DriverError as exc:
        raise unavailable(exc) from exc
    return "\n".join(record.text for record in records)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the scoring URI answered to a try; `elapsed_ms` is measured here."""

    status: int
    headers: dict[str, str]
    body: str
    elapsed_ms: float


def why_failed(*, service: Service, answer: "Answer") -> Failure | None:
    """What the service wrote of an answer that does not say why it failed; None where nothing can be found."""
    if answer.status < 500:
        return None
    try:
        text = service_logs(service=service, tail=_LOOKED_THROUGH)
    except TargetUnavailable:
        return None
    return failure_of(text, answer.headers.get("x-request-id", ""))


def try_service(*, service: Service, body: bytes, content_type: str = "application/json") -> Answer:
    """Call the service as a client would, through the gateway and with its key. Raises ServiceNotReady."""
    if service.serving_revision is None:
        raise ServiceNotReady(f"Service {service.name!r} serves nothing yet.", advice="Wait until it is Healthy.")
    headers = {"Content-Type": content_type}
    if service.auth_enabled:
        headers["Authorization"] = f"Bearer {keys.keys_of(service)['Primary']}"
    timeout_s = service.serving_revision.deployment_config["scoring_timeout_ms"] / 1000 + 5
    try:
        answer = httpx.post(service.scoring_uri, content=body, headers=headers, timeout=timeout_s, trust_env=False)
    except httpx.HTTPError as exc:
        raise ServiceNotReady(
            f"The gateway did not answer on {service.scoring_uri} ({type(exc).__name__}).",
            advice="Check that the gateway is running.",
        ) from exc
    return Answer(answer.status_code, dict(answer.headers), answer.text, answer.elapsed.total_seconds() * 1000)
