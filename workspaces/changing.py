"""What owners change of a workspace."""

from django.db import transaction

from workspaces.access import enter
from workspaces.errors import Invalid
from workspaces.models import PicklePolicy, Role, User, Workspace


@transaction.atomic
def change_settings(*, workspace: Workspace, by: User, pickle_policy: str) -> Workspace:
    """Owners only. What is registered already stays as it is. Raises RoleTooLow, Invalid."""
    workspace = enter(by, workspace.name, at_least=Role.OWNER)
    if pickle_policy not in PicklePolicy.values:
        said = f"{str(pickle_policy)[:60]!r} is no policy; there are {', '.join(PicklePolicy.values)}."
        raise Invalid(said, advice="Choose one of them.", errors={"pickle_policy": [said]})
    workspace.pickle_policy = pickle_policy
    workspace.save(update_fields=["pickle_policy"])
    return workspace
