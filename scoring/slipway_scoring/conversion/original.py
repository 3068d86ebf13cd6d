"""What a conversion needs of the model it begins with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from slipway_scoring.conversion.translating import CannotConvert
from slipway_scoring.dataplane import Predictor
from slipway_scoring.loaders.boosting import Booster

# Those an ONNX graph has outputs for.
_METHODS = ("predict", "predict_proba", "decision_function", "score_samples", "transform")


@dataclass(frozen=True, slots=True)
class Original:
    """`ask(method, rows)` is what the model itself says of an array of shape (rows, width)."""

    model: Any
    width: int
    methods: tuple[str, ...]
    ask: Callable[[str, np.ndarray], Any]

    def answers(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Of each method that takes such rows at all, its answer."""
        found = {}
        for method in self.methods:
            try:
                answer = np.asarray(self.ask(method, rows))
            except Exception:
                if method == self.methods[0]:
                    return {}
                continue
            if answer.dtype.kind in "biufUO" and len(answer) == len(rows):
                found[method] = answer
        return found


def original_of(predictor: Predictor) -> Original:
    """Raises CannotConvert."""
    if isinstance(predictor, Booster):
        return Original(predictor.booster, predictor.width, ("predict",), lambda _, rows: predictor.ask(rows))
    try:
        from slipway_scoring.loaders.scikit_learn import Estimator
    except ImportError:
        raise CannotConvert(_NONE) from None
    if not isinstance(predictor, Estimator):
        raise CannotConvert(_NONE)
    if predictor.width is None:
        raise CannotConvert("the model does not say how many numbers a row has.")
    methods = tuple(name for name in predictor.methods if name in _METHODS)
    if not methods:
        raise CannotConvert(_NONE)
    return Original(predictor.model, predictor.width, methods, predictor.ask)


_NONE = "only models of scikit-learn, XGBoost and LightGBM are converted."
