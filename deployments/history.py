"""What the registry's activity is told of deployments. Call these in the transaction that makes it so."""

from deployments.models import Revision, Service
from registry.models import ModelVersion
from registry.services import activity
from registry.services.activity import Verb
from workspaces.models import User


def note_switched(revision: Revision, before: list[Revision], by: User | None) -> None:
    """`revision` serves now instead of `before`. One that served already and was only restarted is no news."""
    if revision in before:
        return
    now = _versions([revision])
    for version, old in _versions(before).items():
        if version not in now:
            activity.record_of(version, Verb.UNDEPLOYED, by, service=old.service.name, revision=old.number)
    for version in now:
        activity.record_of(version, Verb.DEPLOYED, by, service=revision.service.name, revision=revision.number)


def note_deleted(service: Service, by: User | None) -> None:
    serving = service.revisions.filter(traffic__gt=0)
    for version, revision in _versions(list(serving)).items():
        told = {"service": service.name, "revision": revision.number, "service_deleted": True}
        activity.record_of(version, Verb.UNDEPLOYED, by, **told)


def _versions(revisions: list[Revision]) -> dict[ModelVersion, Revision]:
    return {
        link.version: revision
        for revision in revisions
        for link in revision.model_links.select_related("version__model", "version__workspace")
    }
