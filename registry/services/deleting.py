"""Forgetting a version that nobody uses."""

from django.db import transaction
from django.db.models import ProtectedError

from registry.errors import VersionInUse, VersionNotFound
from registry.models import ModelVersion
from registry.services import activity
from registry.services.activity import Verb
from registry.services.using import users_of
from workspaces.models import User


@transaction.atomic
def delete_version(*, version: ModelVersion, by: User) -> None:
    """Forget the version, with its aliases; its number is never given again, and the activity tells that it was there.

    Raises VersionInUse, naming the services, and VersionNotFound when somebody else was faster."""
    # A deployment that is about to refer to it finishes first, and then it is in use.
    rows = ModelVersion.objects.select_related("model", "workspace", "created_by").select_for_update(of=("self",))
    found = rows.filter(pk=version.pk).first()
    if found is None:
        raise VersionNotFound(f"{version.reference} was deleted just now.", advice="Reload the list.")
    last_seen = _last_seen(found)
    reference = found.reference
    try:
        with transaction.atomic():
            ModelVersion.objects.get(pk=found.pk).delete()
    except ProtectedError:
        services = users_of(found)
        raise VersionInUse(
            f"{reference} is used by {_listed('service', services)}.",
            advice="Delete the service first, or deploy another version to it.",
            services=services,
        ) from None
    activity.record_of(found, Verb.DELETED, by, **last_seen)


def _last_seen(version: ModelVersion) -> dict[str, object]:
    """What people will ask of a version that is gone."""
    return {
        "framework": version.framework,
        "size_bytes": version.size_bytes,
        "files": version.files.count(),
        "tags": version.tag_map,
        "aliases": version.alias_names,
        "created_by": version.created_by.username if version.created_by else None,
        "created_time": version.created_time.isoformat(),
    }


def _listed(noun: str, names: list[str]) -> str:
    return f"{noun} {names[0]}" if len(names) == 1 else f"{noun}s {', '.join(names)}"
