"""Finding profiles that a user may see."""

from django.db.models import QuerySet

from profiling.errors import ProfileNotFound
from profiling.models import Profile
from workspaces.models import User, Workspace


def profiles_in(*, user: User, workspace: Workspace, model: str = "", version: int | None = None) -> QuerySet[Profile]:
    """Newest first; of one model, or of one version of it."""
    found = Profile.objects.visible_to(user).filter(workspace=workspace)
    wanted = {"model_links__version__model__name": model or None, "model_links__version__version": version}
    # In one filter: of the same model, not of any that the profile has.
    found = found.filter(**{key: value for key, value in wanted.items() if value is not None})
    return found.select_related("workspace", "target", "created_by").order_by("-pk").distinct()


def find_profile(*, user: User, workspace: Workspace, name: str) -> Profile:
    """With its sizes and points. Raises ProfileNotFound."""
    found = profiles_in(user=user, workspace=workspace).filter(name=name).prefetch_related("sizes__points").first()
    if found is None:
        raise ProfileNotFound(
            f"There is no profile {name[:100]!r} in workspace {workspace.name!r}.",
            advice="List the profiles to see which there are.",
        )
    return found
