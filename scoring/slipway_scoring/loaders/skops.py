"""scikit-learn estimators in skops files, which name what they are made of before anything of it is made."""

from pathlib import Path

from skops.io import get_untrusted_types
from skops.io import load as read

from slipway_scoring.errors import BootFailure
from slipway_scoring.loaders import scikit_learn

# What a file may be made of without a question; of anything else the file's own word is not enough.
TRUSTED = frozenset(("sklearn", "numpy", "scipy", "xgboost", "lightgbm"))


def load(path: Path) -> scikit_learn.Estimator:
    """Raises BootFailure("model-not-loadable") for a file with types of nobody's knowledge."""
    unknown = get_untrusted_types(file=path)
    strange = [name for name in unknown if name.partition(".")[0] not in TRUSTED]
    if strange:
        words = f"{path.name} holds the types {', '.join(strange[:5])}, which nobody has declared safe."
        raise BootFailure(
            "model-not-loadable", f"{words} Load it in an entry script with skops.io.load(..., trusted=[...])."
        )
    return scikit_learn.of(read(path, trusted=unknown), path)
