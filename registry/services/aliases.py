"""Names within a model that point to one of its versions, such as `champion`."""

import re

from django.db import transaction

from registry.errors import AliasInvalid, AliasNotFound, VersionNotFound
from registry.models import Alias, Model, ModelVersion
from registry.services import activity
from registry.services.activity import Verb
from workspaces.errors import Invalid
from workspaces.models import User

# MLflow's rule (`[\w-]*`, not `latest`, not `v1`), and dots. A number would read like a version's.
_RULE = re.compile(r"[\w.\-]{1,255}\Z")
RULE = "An alias has 1 to 255 letters, digits, dashes, underscores and dots; it is no number, not latest, not v1."


def checked_alias(name: str) -> str:
    """Raises AliasInvalid, saying the rule."""
    dots_alone = not name.strip(".")
    like_a_version = name.isnumeric() or re.fullmatch(r"[vV]\d+", name) or name.casefold() == "latest"
    if dots_alone or like_a_version or not _RULE.match(name):
        shown = name if len(name) <= 60 else f"{name[:57]}…"
        raise AliasInvalid(
            f"{shown!r} cannot be an alias. {RULE}",
            advice="Choose another, such as champion.",
            errors={"alias": [RULE]},
        )
    return name


@transaction.atomic
def set_alias(*, model: Model, name: str, version: ModelVersion, by: User) -> Alias:
    """Point `name` to `version`, wherever it pointed before. Raises AliasInvalid, Invalid, VersionNotFound."""
    checked_alias(name)
    if version.model_id != model.pk:
        said = f"{version.reference} is not a version of {model.name}."
        raise Invalid(said, advice="An alias points to a version of its own model.")
    # Locked, so that of two who move it at once each tells in the activity where it was.
    Model.objects.select_for_update().get(pk=model.pk)
    if not ModelVersion.objects.select_for_update().filter(pk=version.pk).exists():
        raise VersionNotFound(f"{version.reference} was deleted just now.", advice="Choose another version.")
    there = Alias.objects.filter(model=model, name=name).select_related("version").first()
    if there is None:
        made = Alias.objects.create(workspace_id=model.workspace_id, model=model, version=version, name=name)
        activity.record_of(version, Verb.ALIAS_SET, by, alias=name)
        return made
    before = there.version
    if before.pk != version.pk:
        there.version = version
        there.save(update_fields=["version"])
        activity.record_of(version, Verb.ALIAS_MOVED, by, alias=name, **{"from": before.version})
    return there


@transaction.atomic
def remove_alias(*, model: Model, name: str, by: User) -> None:
    """Raises AliasNotFound."""
    Model.objects.select_for_update().get(pk=model.pk)
    there = Alias.objects.filter(model=model, name=name).select_related("version__model", "version__workspace").first()
    if there is None:
        raise AliasNotFound(f"{model.name} has no alias {name[:60]!r}.", advice="Show the model to see its aliases.")
    there.delete()
    activity.record_of(there.version, Verb.ALIAS_REMOVED, by, alias=name)
