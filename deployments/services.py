"""What people do with services and deployments: one verb, one function."""

from dataclasses import dataclass

import httpx
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from deployments import keys, recipes, transitions
from deployments.deployment_config import DeploymentConfig, read_deployment_config
from deployments.doorbell import ring_deployment, ring_removal
from deployments.errors import (
    DeploymentFinished,
    ServiceBusy,
    ServiceExists,
    ServiceNameInvalid,
    ServiceNotReady,
)
from deployments.inference_config import InferenceConfig, read_inference_config
from deployments.models import (
    SERVICE_NAME,
    Deployment,
    Revision,
    RevisionFile,
    RevisionModel,
    Service,
    ServiceKey,
    Target,
)
from deployments.queue import check_idle, queue_deployment
from deployments.routes import bump_routing
from deployments.service_state import refresh_state
from deployments.states import FINAL, Status
from deployments.targets import driver_of, find_target
from drivers.base import Handle
from registry import blobs
from registry.models import ModelVersion, Upload
from registry.services import find_version, parse_reference
from workspaces.errors import Invalid
from workspaces.models import User, Workspace

_SMALL_TEXT = 1024 * 1024


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

    `models` are `name:version` (or `name`, for the newest). An existing service is changed only with
    `overwrite`. Raises ServiceNameInvalid, ServiceExists, ServiceBusy, VersionNotFound, ConfigInvalid,
    EntryScriptNeeded, TargetNotFound, TargetUnavailable; nothing is left of an attempt that raises.
    """
    checked_service_name(name)
    versions = [_find(workspace, by, reference) for reference in models]
    inference = read_inference_config(inference_config, _source_files(source))
    config = read_deployment_config(deployment_config)
    recipes.check_can_serve(versions, inference)
    where = find_target(workspace=workspace, name=target or _named_by(config))
    with transaction.atomic():
        service = _service_for(workspace, name, config, overwrite=overwrite, by=by)
        Service.objects.filter(pk=service.pk).update(
            description=description or service.description,
            tags=tags if tags is not None else service.tags,
            auth_enabled=config.auth_enabled,
        )
        revision = _add_revision(service, versions, inference, config, where, by)
        _move_source(source, revision)
        return queue_deployment(revision, by)


def _find(workspace: Workspace, by: User, reference: str) -> ModelVersion:
    name, number = parse_reference(reference)
    return find_version(user=by, workspace=workspace, name=name, version=number)


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


def _source_files(source: Upload | None) -> dict[str, bytes | None]:
    """The uploaded paths, with the content of small texts that configurations may refer to."""
    if source is None:
        return {}
    return {
        file.path: blobs.open_blob(file.blob_id).read()
        if file.path.endswith((".yml", ".yaml", ".json", ".txt")) and file.blob.size <= _SMALL_TEXT
        else None
        for file in source.files.select_related("blob")
    }


def _named_by(config: DeploymentConfig) -> str:
    return config.compute_type if config.compute_type in Target.Kind.values else ""


def _service_for(workspace: Workspace, name: str, config: DeploymentConfig, *, overwrite: bool, by: User) -> Service:
    try:
        with transaction.atomic():
            service = Service.objects.create(workspace=workspace, name=name, created_by=by)
    except IntegrityError:
        return _existing(workspace, name, overwrite=overwrite)
    keys.create_keys(service, config.keys)
    return service


def _existing(workspace: Workspace, name: str, *, overwrite: bool) -> Service:
    service = Service.objects.select_for_update().get(workspace=workspace, name=name)
    if service.deleting:
        raise ServiceBusy(f"Service {name!r} is being deleted.", advice="Wait until it is gone, then deploy again.")
    if not overwrite:
        raise ServiceExists(
            f"A service with name {name!r} already exists in workspace {workspace.name!r}.",
            advice="Choose another name, or deploy a new revision of it (`--overwrite`).",
        )
    check_idle(service)
    return service


def _add_revision(
    service: Service,
    versions: list[ModelVersion],
    inference: InferenceConfig | None,
    config: DeploymentConfig,
    target: Target,
    by: User,
) -> Revision:
    Service.objects.filter(pk=service.pk).update(last_revision=F("last_revision") + 1)
    service.refresh_from_db()
    revision = Revision.objects.create(
        service=service,
        number=service.last_revision,
        target=target,
        inference_config=inference.as_dict() if inference else {},
        deployment_config=config.as_dict(),
        created_by=by,
    )
    RevisionModel.objects.bulk_create(
        RevisionModel(revision=revision, version=version, position=place) for place, version in enumerate(versions)
    )
    return revision


def _move_source(source: Upload | None, revision: Revision) -> None:
    if source is None:
        return
    RevisionFile.objects.bulk_create(
        RevisionFile(revision=revision, path=file.path, blob_id=file.blob_id) for file in source.files.all()
    )
    source.delete()


@transaction.atomic
def retry_deployment(*, deployment: Deployment, by: User | None) -> Deployment:
    """Another attempt at the same revision. Raises DeploymentFinished when it is live, ServiceBusy."""
    service = Service.objects.select_for_update().get(pk=deployment.revision.service_id)
    if service.deleting:
        raise ServiceBusy(f"Service {service.name!r} is being deleted.", advice="Deploy it anew when it is gone.")
    check_idle(service)
    if deployment.status == Status.LIVE:
        raise DeploymentFinished("This deployment went live; there is nothing to retry.", advice="Deploy a new revision.")
    return queue_deployment(deployment.revision, by)


def cancel_deployment(*, deployment: Deployment) -> Deployment:
    """Stop it at once when no worker has it, else at its next line. Raises DeploymentFinished."""
    with transaction.atomic():
        if not Deployment.objects.filter(pk=deployment.pk).exclude(status__in=FINAL).update(cancel_requested=True):
            deployment.refresh_from_db()
            raise DeploymentFinished(f"Deployment {deployment.pk} is {deployment.status} already.", advice="Reload the page.")
        deployment.refresh_from_db()
        if not deployment.lease_owner:
            transitions.move(deployment.pk, Status(deployment.status), Status.CANCELLED, reason="Cancelled before it began.")
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
def delete_service(*, service: Service) -> None:
    """Stop routing to it now; the worker stops its workloads and then forgets it."""
    Service.objects.filter(pk=service.pk).update(deleting=True)
    service.refresh_from_db()
    open_deployments = Deployment.objects.filter(revision__service=service).exclude(status__in=FINAL)
    open_deployments.update(cancel_requested=True)
    refresh_state(service)
    bump_routing()
    ring_removal(service.pk)


def regenerate_key(*, service: Service, slot: str) -> dict[str, str]:
    """A new key in `slot` ("Primary" or "Secondary"); the old one stops working. Returns both keys."""
    if slot not in ServiceKey.Slot.values:
        raise Invalid(f"{slot!r} is not a key.", advice="It is Primary or Secondary.")
    with transaction.atomic():
        keys.regenerate_key(service=service, slot=slot)
    return keys.keys_of(service)


def service_logs(*, service: Service, tail: int) -> str:
    """The last `tail` lines that what serves now wrote; of the newest attempt when nothing serves."""
    revision = service.serving_revision
    workload = getattr(revision, "workload", None) if revision else None
    if workload is None:
        newest = service.newest_deployment
        lines = newest.lines.order_by("-seq").values_list("text", flat=True)[:tail] if newest else []
        return "\n".join(reversed(list(lines)))
    driver = driver_of(revision.target.kind)
    records = list(driver.logs(Handle(driver.kind, workload.name)))[-tail:]
    return "\n".join(record.text for record in records)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the scoring URI answered to a try; `elapsed_ms` is measured here."""

    status: int
    headers: dict[str, str]
    body: str
    elapsed_ms: float


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

