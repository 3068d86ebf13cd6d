"""The same change to many versions, each of them alone."""

from dataclasses import dataclass, field

from registry.models import ModelVersion
from registry.services.changing import update_version
from registry.services.deleting import delete_version
from registry.services.finding import find_reference
from workspaces.errors import Invalid, Refusal
from workspaces.models import User, Workspace

MOST = 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went with one. `problem` says why not, `services` who uses a version that should have been deleted."""

    reference: str
    done: bool
    problem: str = ""
    advice: str = ""
    code: str = ""
    services: list[str] = field(default_factory=list)


def change_many(
    *,
    user: User,
    workspace: Workspace,
    references: list[str],
    add_tags: dict[str, str] | None = None,
    remove_tags: list[str] | None = None,
    stage: str | None = None,
    delete: bool = False,
) -> list[Outcome]:
    """One outcome for each reference, in their order: what cannot be done to one does not stop the others.

    Raises Invalid when nothing is asked for, or of more than 1,000."""
    changes = {"add_tags": add_tags, "remove_tags": remove_tags, "stage": stage}
    if delete == any(value is not None for value in changes.values()):
        raise Invalid("Say what to do: change them, or delete them.", advice="Give tags or a stage, or delete alone.")
    references = list(dict.fromkeys(references))
    if len(references) > MOST:
        raise Invalid(f"{len(references)} versions are too many at once.", advice=f"{MOST} is the most; send several.")

    def do(version: ModelVersion) -> None:
        if delete:
            delete_version(version=version, by=user)
        else:
            update_version(version=version, by=user, **changes)

    return [_outcome(user, workspace, reference, do) for reference in references]


def _outcome(user: User, workspace: Workspace, reference: str, do) -> Outcome:
    try:
        do(find_reference(user=user, workspace=workspace, reference=reference))
    except Refusal as refusal:
        services = refusal.extras.get("services", [])
        return Outcome(reference, False, refusal.detail, refusal.advice, refusal.code, services)
    return Outcome(reference, True)
