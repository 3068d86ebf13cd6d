"""Saved views: queries under a name, one's own or the workspace's."""

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from registry.errors import ViewNameTaken, ViewNotFound
from registry.models import SavedView
from registry.orders import checked_order
from workspaces.errors import Invalid, RoleTooLow
from workspaces.models import Role, User, Workspace
from workspaces.texts import storable

MAX_NAME = 100
MAX_QUERY = 2000
# More than anybody keeps; without an end a list of them would need pages.
MAX_VIEWS = 200


def views_of(*, user: User, workspace: Workspace) -> QuerySet[SavedView]:
    """The user's own and those that others share, by name; for members only."""
    mine_or_shared = Q(created_by=user) | Q(shared=True)
    rows = SavedView.objects.filter(mine_or_shared, workspace=workspace, workspace__memberships__user=user)
    return rows.select_related("created_by").order_by("name", "pk")


def find_view(*, user: User, workspace: Workspace, view_id: int) -> SavedView:
    """Raises ViewNotFound, in the same words for a view that is somebody else's alone."""
    found = views_of(user=user, workspace=workspace).filter(pk=view_id).first()
    if found is None:
        raise ViewNotFound(
            f"There is no saved view {view_id} in workspace {workspace.name!r} that you may see.",
            advice="List the saved views to see which there are.",
        )
    return found


@transaction.atomic
def save_view(
    *,
    user: User,
    workspace: Workspace,
    name: str,
    query: str = "",
    sort: str = "",
    shared: bool = False,
    default: bool = False,
) -> SavedView:
    """Raises Invalid, ViewNameTaken, and RoleTooLow when the default is not the user's to choose."""
    if SavedView.objects.filter(workspace=workspace, created_by=user).count() >= MAX_VIEWS:
        raise Invalid(f"You have {MAX_VIEWS} saved views here.", advice="Delete one first; that is the most.")
    view = SavedView(workspace=workspace, created_by=user)
    if default:
        _take_default_from_others(view, user)
    return _kept(view, name=name, query=query, sort=sort, shared=shared or default, default=default)


@transaction.atomic
def change_view(
    *,
    user: User,
    workspace: Workspace,
    view_id: int,
    name: str | None = None,
    query: str | None = None,
    sort: str | None = None,
    shared: bool | None = None,
    default: bool | None = None,
) -> SavedView:
    """Change what is given. A view is its maker's and the workspace's owners'; the default is the owners' alone.

    Everybody opens the default, so it is shared as long as it is that. Raises as save_view, and ViewNotFound."""
    view = _to_change(user, workspace, view_id)
    if default is not None and default != view.default:
        _take_default_from_others(view, user)
    wanted = {"name": name, "query": query, "sort": sort, "shared": shared, "default": default}
    fields = {field: value for field, value in wanted.items() if value is not None}
    if fields.get("default", view.default):
        fields["shared"] = True
    return _kept(view, **fields)


@transaction.atomic
def delete_view(*, user: User, workspace: Workspace, view_id: int) -> None:
    """Raises ViewNotFound and RoleTooLow."""
    _to_change(user, workspace, view_id).delete()


def _to_change(user: User, workspace: Workspace, view_id: int) -> SavedView:
    view = find_view(user=user, workspace=workspace, view_id=view_id)
    if view.created_by_id != user.pk:
        _check_owner(user, workspace, f"change the view {view.name!r}, which is {view.created_by.username}'s")
    return view


def _take_default_from_others(view: SavedView, user: User) -> None:
    _check_owner(user, view.workspace, "choose the view that everybody starts with")
    # Two owners who choose at once do so one after the other.
    Workspace.objects.select_for_update().get(pk=view.workspace_id)
    SavedView.objects.filter(workspace=view.workspace, default=True).exclude(pk=view.pk).update(default=False)


def _check_owner(user: User, workspace: Workspace, what: str) -> None:
    if not workspace.memberships.filter(user=user, role=Role.OWNER).exists():
        raise RoleTooLow(
            f"Only an owner of workspace {workspace.name!r} may {what}.",
            advice="Save a view of your own, or ask an owner.",
        )


def _kept(view: SavedView, **fields) -> SavedView:
    for name, value in fields.items():
        setattr(view, name, storable(value).strip() if isinstance(value, str) else value)
    if not view.name or len(view.name) > MAX_NAME:
        said = f"A view's name has 1 to {MAX_NAME} characters; this has {len(view.name)}."
        raise Invalid(said, advice="Choose another name.", errors={"name": [said]})
    if len(view.query) > MAX_QUERY:
        said = f"A query has at most {MAX_QUERY} characters; this has {len(view.query)}."
        raise Invalid(said, advice="Shorten it.", errors={"query": [said]})
    view.sort = checked_order(view.sort) if view.sort else ""
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise ViewNameTaken(
            f"You already have a view named {view.name!r} in workspace {view.workspace.name!r}.",
            advice="Choose another name, or change that one.",
        ) from None
    return view
