"""Versions by the names people give them."""

from registry.errors import VersionNotFound
from registry.models import ModelVersion
from workspaces.errors import Invalid
from workspaces.models import User, Workspace


def find_version(*, user: User, workspace: Workspace, name: str, version: int | None = None) -> ModelVersion:
    """`name:version`, or the newest when `version` is None. Raises VersionNotFound."""
    found = ModelVersion.objects.visible_to(user).filter(workspace=workspace, model__name=name)
    if version is not None:
        found = found.filter(version=version)
    row = found.select_related("model", "created_by").order_by("-version").first()
    if row is None:
        wanted = name if version is None else f"{name}:{version}"
        raise VersionNotFound(
            f"There is no model version {wanted!r} in workspace {workspace.name!r}.",
            advice="List the models to see which there are.",
        )
    return row


def parse_reference(reference: str) -> tuple[str, int | None]:
    """`name:3` as ("name", 3); `name` alone means the newest. Raises Invalid for anything else."""
    name, colon, number = reference.rpartition(":")
    if not colon:
        return reference, None
    if not number.isascii() or not number.isdigit() or int(number[:9]) == 0 or len(number) > 9:
        raise Invalid(f"{reference!r} is not name:version.", advice="Write it like my-model:1.")
    return name, int(number)
