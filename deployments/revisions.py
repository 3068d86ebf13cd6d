"""The rows of a new revision: its service, what it serves, its source. Call these inside one transaction."""

from django.db import IntegrityError, transaction
from django.db.models import F, Model

from deployments import keys
from deployments.deployment_config import DeploymentConfig
from deployments.errors import ServiceBusy, ServiceExists
from deployments.inference_config import InferenceConfig
from deployments.models import Revision, RevisionModel, Service, Target
from deployments.queue import check_idle
from registry.errors import UploadNotFound, VersionArchived, VersionNotFound
from registry.models import ModelVersion, Upload
from workspaces.models import User, Workspace


def service_for(workspace: Workspace, name: str, config: DeploymentConfig, *, overwrite: bool, by: User) -> Service:
    try:
        with transaction.atomic():
            service = Service.objects.create(
                workspace=workspace, name=name, created_by=by, auth_enabled=config.auth_enabled
            )
    except IntegrityError:
        if config.keys:
            config.notes.append("keys has no effect here: the service keeps its keys until they are regenerated.")
        return _existing(workspace, name, overwrite=overwrite)
    keys.create_keys(service, config.keys)
    return service


def _existing(workspace: Workspace, name: str, *, overwrite: bool) -> Service:
    service = Service.objects.select_for_update().filter(workspace=workspace, name=name).first()
    if service is None or service.deleting:
        raise ServiceBusy(f"Service {name!r} is being deleted.", advice="Wait until it is gone, then deploy again.")
    if not overwrite:
        raise ServiceExists(
            f"A service with name {name!r} already exists in workspace {workspace.name!r}.",
            advice="Choose another name, or deploy a new revision of it (`--overwrite`).",
        )
    check_idle(service)
    return service


def add_revision(
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


def move_source(source: Upload | None, files: type[Model], **whose: Model) -> None:
    """The upload's files become rows of `files`, of the revision or whatever `whose` names; the upload is used up.

    Raises UploadNotFound."""
    if source is None:
        return
    # Locked, so that of two that use one upload the second finds it gone.
    locked = Upload.objects.select_for_update().filter(pk=source.pk).first()
    if locked is None:
        raise UploadNotFound("The uploaded source was used by somebody else just now.", advice="Upload it again.")
    files.objects.bulk_create(files(path=file.path, blob_id=file.blob_id, **whose) for file in locked.files.all())
    locked.delete()


def hold(versions: list[ModelVersion]) -> None:
    """Keep the versions from being deleted or archived until the revision refers to them.

    Raises VersionNotFound, VersionArchived."""
    wanted = {version.pk for version in versions}
    held = ModelVersion.objects.select_related("model").select_for_update(of=("self",)).filter(pk__in=wanted)
    for version in held:
        check_not_archived(version)
    if len(held) < len(wanted):
        raise VersionNotFound("A model version was deleted just now.", advice="Choose another and deploy again.")


def check_not_archived(version: ModelVersion) -> None:
    """Raises VersionArchived."""
    if version.archived:
        raise VersionArchived(
            f"{version.reference} is archived, and nothing new is deployed of it.",
            advice="Deploy another version, or bring this one back from the archive first.",
        )
