"""`mlflow` asked for, `mlflow-skinny` installed.

The full package brings its tracking server, SQL, plotting and cloud clients: about 900 MB. Loading
and scoring a saved model needs the same code that mlflow-skinny ships, plus pandas and numpy.
"""

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_SCORING_NEEDS = ("pandas", "numpy")


def slim(requirements: list[Requirement]) -> tuple[list[Requirement], list[str]]:
    """`requirements` with mlflow replaced, and a line for the log when something was."""
    asked = next((each for each in requirements if canonicalize_name(each.name) == "mlflow"), None)
    if asked is None or asked.url:
        return requirements, []
    names = {canonicalize_name(each.name) for each in requirements}
    slimmed = [_skinny(each) if canonicalize_name(each.name) == "mlflow" else each for each in requirements]
    slimmed += [Requirement(name) for name in _SCORING_NEEDS if name not in names]
    note = f"Installing {_skinny(asked)} for {asked}: scoring needs only that part of mlflow"
    return slimmed, [note]


def _skinny(asked: Requirement) -> Requirement:
    skinny = Requirement(str(asked))
    skinny.name = "mlflow-skinny"
    # Extras of the full package (gateway, auth, genai, …) serve its server and clients, not scoring.
    skinny.extras = set()
    return skinny
