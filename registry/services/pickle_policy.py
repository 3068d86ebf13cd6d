"""Which pickles a workspace takes, and how a refusal says so."""

from registry.errors import PickleRefused
from registry.models import Risk
from registry.reading import Facts
from workspaces.access import owners_of
from workspaces.models import PicklePolicy, Workspace

REFUSED = {
    PicklePolicy.ALLOW: (),
    PicklePolicy.REFUSE_UNSAFE: (Risk.UNSAFE,),
    PicklePolicy.KNOWN_ONLY: (Risk.UNSAFE, Risk.UNKNOWN),
}
_WORDS = {
    PicklePolicy.REFUSE_UNSAFE: "refuses pickles marked unsafe",
    PicklePolicy.KNOWN_ONLY: "takes only pickles whose names are all of known libraries",
}


def check_pickles(workspace: Workspace, facts: Facts) -> None:
    """Raises PickleRefused, naming the file, what it imports, the policy and who can change it."""
    policy = PicklePolicy(Workspace.objects.values_list("pickle_policy", flat=True).get(pk=workspace.pk))
    if facts.risk not in REFUSED[policy]:
        return
    owners = owners_of(workspace)
    asked = f"{', '.join(owners)} (owner of the workspace)" if owners else "an owner of the workspace"
    reason = facts.risk_reasons[0] if facts.risk_reasons else ""
    raise PickleRefused(
        f"{reason} Workspace {workspace.name!r} {_WORDS[policy]} (policy {policy.value}).",
        advice=f"Save the model in another format, such as ONNX, or ask {asked} to change the policy.",
        policy=policy.value,
        risk=str(facts.risk),
        risk_reasons=facts.risk_reasons,
    )
