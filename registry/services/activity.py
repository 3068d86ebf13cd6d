"""What was done in the registry, by whom: written by every verb, and read again."""

from enum import StrEnum

from django.db.models import QuerySet

from registry.models import Activity, ModelVersion
from workspaces.models import User, Workspace


class Verb(StrEnum):
    """What can have been done. `deployed` and `undeployed` are told by the deployments."""

    REGISTERED = "registered"
    CHANGED = "changed"
    STAGED = "staged"
    ARCHIVED = "archived"
    UNARCHIVED = "unarchived"
    ALIAS_SET = "alias-set"
    ALIAS_MOVED = "alias-moved"
    ALIAS_REMOVED = "alias-removed"
    DELETED = "deleted"
    DEPLOYED = "deployed"
    UNDEPLOYED = "undeployed"


def record(
    *, workspace: Workspace, model_name: str, version: int | None, verb: str, by: User | None, **detail: object
) -> Activity:
    """One thing that was done; call it in the transaction that does it. `by` is None for the studio itself."""
    return Activity.objects.create(
        workspace=workspace, model_name=model_name, version=version, verb=Verb(verb), by=by, detail=detail
    )


def record_of(version: ModelVersion, verb: Verb, by: User | None, **detail: object) -> Activity:
    return record(
        workspace=version.workspace,
        model_name=version.model.name,
        version=version.version,
        verb=verb,
        by=by,
        **detail,
    )


def of_workspace(*, workspace: Workspace) -> QuerySet[Activity]:
    """Newest first, as the others are."""
    return Activity.objects.filter(workspace=workspace).select_related("by")


def of_model(*, workspace: Workspace, name: str) -> QuerySet[Activity]:
    """Of the name and all its versions, those that are deleted too."""
    return of_workspace(workspace=workspace).filter(model_name=name)


def of_version(version: ModelVersion) -> QuerySet[Activity]:
    return of_model(workspace=version.workspace, name=version.model.name).filter(version=version.version)


def sentence(row: Activity) -> str:
    """What was done, in words that follow the name of who did it."""
    reference = row.model_name if row.version is None else f"{row.model_name}:{row.version}"
    return _SENTENCES[Verb(row.verb)](reference, row.detail)


def _changed(reference: str, detail: dict) -> str:
    """Each change is recorded as {field: {"added": …, "removed": […]}} or {field: true}."""
    return f"changed {', '.join(field.replace('_', ' ') for field in detail)} of {reference}"


def _deployed(reference: str, detail: dict) -> str:
    return f"deployed {reference} to service {detail.get('service')}, revision {detail.get('revision')}"


def _undeployed(reference: str, detail: dict) -> str:
    why = "was deleted" if detail.get("service_deleted") else "serves another revision"
    return f"took {reference} out of service {detail.get('service')}, which {why}"


_SENTENCES = {
    Verb.REGISTERED: lambda reference, detail: f"registered {reference}",
    Verb.CHANGED: _changed,
    Verb.STAGED: lambda reference, detail: f"moved {reference} from stage {detail['from']} to {detail['to']}",
    Verb.ARCHIVED: lambda reference, detail: f"archived {reference}",
    Verb.UNARCHIVED: lambda reference, detail: f"brought {reference} back from the archive",
    Verb.ALIAS_SET: lambda reference, detail: f"gave {reference} the alias {detail['alias']}",
    Verb.ALIAS_MOVED: lambda reference, detail: (
        f"moved alias {detail['alias']} from version {detail['from']} to {reference}"
    ),
    Verb.ALIAS_REMOVED: lambda reference, detail: f"removed alias {detail['alias']} from {reference}",
    Verb.DELETED: lambda reference, detail: f"deleted {reference}",
    Verb.DEPLOYED: _deployed,
    Verb.UNDEPLOYED: _undeployed,
}
