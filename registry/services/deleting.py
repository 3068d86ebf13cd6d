"""Who uses a version, and forgetting one that nobody does."""

from django.db import models, transaction
from django.db.models import ProtectedError

from registry.errors import VersionInUse
from registry.models import ModelVersion


def users_of(version: ModelVersion) -> list[str]:
    """Names of the services that use the version, which other apps' protected references know."""
    return users_by_version([version])[version.pk]


def users_by_version(versions: list[ModelVersion]) -> dict[int, list[str]]:
    """The same of many versions by primary key, in one query for each kind of reference."""
    names: dict[int, set[str]] = {version.pk: set() for version in versions}
    for link in ModelVersion._meta.related_objects:
        if link.on_delete is models.PROTECT:
            rows = link.related_model.objects.filter(**{f"{link.field.name}__in": versions}).select_related()
            for row in rows:
                names[getattr(row, link.field.attname)].add(row.service_name)
    return {pk: sorted(found) for pk, found in names.items()}


def delete_version(*, version: ModelVersion) -> None:
    """Forget the version; its number is never given again. Raises VersionInUse, naming the services."""
    reference = version.reference
    try:
        with transaction.atomic():
            # A deployment that is about to refer to it finishes first, and then it is in use.
            ModelVersion.objects.select_for_update().filter(pk=version.pk).first()
            version.delete()
    except ProtectedError as exc:
        services = sorted({row.service_name for row in exc.protected_objects})
        raise VersionInUse(
            f"{reference} is used by {_listed('service', services)}.",
            advice="Delete the service first, or deploy another version to it.",
            services=services,
        ) from None


def _listed(noun: str, names: list[str]) -> str:
    return f"{noun} {names[0]}" if len(names) == 1 else f"{noun}s {', '.join(names)}"
