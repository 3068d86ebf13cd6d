"""Versions by the names people give them."""

from dataclasses import dataclass

from registry.errors import AliasNotFound, VersionNotFound
from registry.models import ModelVersion
from workspaces.errors import Invalid
from workspaces.models import User, Workspace


@dataclass(frozen=True, slots=True)
class Reference:
    """`name:3`, `name@champion`, or `name` for its newest version: `version` and `alias` are never both given."""

    name: str
    version: int | None = None
    alias: str = ""

    def __str__(self) -> str:
        if self.alias:
            return f"{self.name}@{self.alias}"
        return self.name if self.version is None else f"{self.name}:{self.version}"


def parse_reference(reference: str) -> Reference:
    """Raises Invalid for what is neither `name`, `name:version` nor `name@alias`."""
    name, at, alias = reference.partition("@")
    if at:
        if not name or not alias or ":" in name:
            raise _not_a_reference(reference)
        return Reference(name, alias=alias)
    name, colon, number = reference.rpartition(":")
    if not colon:
        return Reference(reference)
    if not name or not number.isascii() or not number.isdigit() or len(number) > 9 or int(number) == 0:
        raise _not_a_reference(reference)
    return Reference(name, int(number))


def _not_a_reference(reference: str) -> Invalid:
    shown = reference if len(reference) <= 300 else f"{reference[:300]}…"
    return Invalid(
        f"{shown!r} is not name:version or name@alias.", advice="Write it like my-model:1 or my-model@champion."
    )


def find_reference(*, user: User, workspace: Workspace, reference: str) -> ModelVersion:
    """The version that `name:version`, `name@alias` or `name` means now.

    Raises Invalid, VersionNotFound, AliasNotFound."""
    asked = parse_reference(reference)
    if not asked.alias:
        return find_version(user=user, workspace=workspace, name=asked.name, version=asked.version)
    found = _versions(user, workspace, asked.name).filter(aliases__name=asked.alias).first()
    if found is None:
        # Says so when it is the name that does not exist.
        find_version(user=user, workspace=workspace, name=asked.name)
        said = f"{asked.name} has no alias {asked.alias[:60]!r} in workspace {workspace.name!r}."
        raise AliasNotFound(said, advice="Show the model to see its aliases.")
    return found


def find_version(*, user: User, workspace: Workspace, name: str, version: int | None = None) -> ModelVersion:
    """`name:version`, or the newest when `version` is None. Raises VersionNotFound."""
    found = _versions(user, workspace, name)
    if version is not None:
        found = found.filter(version=version)
    row = found.order_by("-version").first()
    if row is None:
        wanted = str(Reference(name, version))
        raise VersionNotFound(
            f"There is no model version {wanted[:300]!r} in workspace {workspace.name!r}.",
            advice="List the models to see which there are.",
        )
    return row


def _versions(user: User, workspace: Workspace, name: str):
    found = ModelVersion.objects.visible_to(user).filter(workspace=workspace, model__name=name)
    return found.select_related("model", "created_by", "workspace")
