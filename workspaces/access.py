"""Who sees which workspace. Every query for something that belongs to one starts here."""

from django.db.models import QuerySet

from workspaces.errors import RoleTooLow, WorkspaceNotFound
from workspaces.models import Membership, Role, User, Workspace
from workspaces.texts import storable


def workspaces_of(user: User) -> QuerySet[Membership]:
    """The memberships of `user`, workspaces fetched along, by name."""
    return Membership.objects.filter(user=user).select_related("workspace").order_by("workspace__name")


def owners_of(workspace: Workspace) -> list[str]:
    """Their usernames, to be asked for what only they may do."""
    found = workspace.memberships.filter(role=Role.OWNER, user__is_active=True)
    return list(found.order_by("user__username").values_list("user__username", flat=True))


def enter(
    user: User, workspace: str, *, at_least: Role = Role.READER, among: list[Membership] | None = None
) -> Workspace:
    """The workspace of that name, when `user` is a member with the role `at_least`. `among`: all memberships of
    the user, where they are at hand.

    Raises WorkspaceNotFound for one that does not exist and for one the user is no member of, in the
    same words, so that names cannot be probed; RoleTooLow for a member whose role is not enough.
    """
    membership = _membership(user, storable(workspace), among) if user.is_active else None
    if membership is None:
        raise WorkspaceNotFound(
            f"There is no workspace {workspace!r} that you are a member of.",
            advice="Check its name, or ask an owner of the workspace to add you.",
        )
    if not Role(membership.role).allows(at_least):
        raise RoleTooLow(
            f"This needs the role {at_least.value} in workspace {workspace!r}; yours is {membership.role}.",
            advice="Ask an owner of the workspace for it.",
        )
    membership.workspace.entered_by = user.pk
    return membership.workspace


def _membership(user: User, workspace: str, among: list[Membership] | None) -> Membership | None:
    if among is not None:
        return next((mine for mine in among if mine.workspace.name == workspace), None)
    return workspaces_of(user).filter(workspace__name=workspace).first()
