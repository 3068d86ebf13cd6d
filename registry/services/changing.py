"""What may be changed of a version."""

from django.db import transaction

from registry.models import ModelVersion, Tag
from registry.tags import checked_tags
from workspaces.texts import storable


@transaction.atomic
def update_version(
    *, version: ModelVersion, description: str | None = None, tags: dict[str, str] | None = None
) -> ModelVersion:
    """Change what is given; `tags` replaces all tags. Raises TagInvalid."""
    if description is not None:
        version.description = storable(description)
        version.save(update_fields=["description"])
    if tags is not None:
        tags = checked_tags(tags)
        version.tags.all().delete()
        Tag.objects.bulk_create(
            Tag(workspace_id=version.workspace_id, version=version, key=k, value=v) for k, v in tags.items()
        )
    return version
