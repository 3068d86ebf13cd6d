"""Models as ONNX graphs, by skl2onnx and onnxmltools."""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from slipway_scoring.log import logger

if TYPE_CHECKING:
    from slipway_scoring.conversion.original import Original

_INPUT = "rows"


class CannotConvert(Exception):
    """It says why."""


class Graph:
    """A session of onnxruntime that takes rows of one type."""

    def __init__(self, content: bytes, dtype: type) -> None:
        from slipway_scoring.loaders import onnx

        self._session = onnx.session(content)
        self._dtype = dtype

    def run(self, rows: np.ndarray) -> list[Any]:
        return self._session.run(None, {_INPUT: np.ascontiguousarray(rows, dtype=self._dtype)})


def candidates(original: "Original") -> Iterator[Graph]:
    """Graphs of the model, the most exact first. Raises CannotConvert where there is none at all."""
    why, made = "", False
    for dtype in (np.float64, np.float32):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                graph = Graph(_translated(original, dtype), dtype)
        except ModuleNotFoundError as error:
            raise CannotConvert(f"this environment has no package {error.name}.") from error
        except Exception as error:
            logger.debug("No graph of %s:\n%s", dtype.__name__, error)
            why = f"it has no ONNX form: {str(error).strip().splitlines()[0] if str(error).strip() else error!r}"[:300]
            continue
        made = True
        yield graph
    if not made:
        raise CannotConvert(why)


def _translated(original: "Original", dtype: type) -> bytes:
    kind = type(original.model)
    library = kind.__module__.partition(".")[0]
    if library in {"xgboost", "lightgbm"} and kind.__name__ == "Booster":
        return _booster(original, dtype, library)
    return _estimator(original, dtype)


def _estimator(original: "Original", dtype: type) -> bytes:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    _know_boosters()
    rows = (DoubleTensorType if dtype is np.float64 else FloatTensorType)([None, original.width])
    # Probabilities as one table, not as a list of maps.
    options = {"zipmap": False} if hasattr(original.model, "predict_proba") else {}
    try:
        graph = to_onnx(original.model, initial_types=[(_INPUT, rows)], options=options, target_opset=_OPSETS)
    except (NameError, ValueError, RuntimeError) as error:
        if "zipmap" not in str(error):
            raise
        graph = to_onnx(original.model, initial_types=[(_INPUT, rows)], target_opset=_OPSETS)
    return graph.SerializeToString()


_OPSETS = {"": 18, "ai.onnx.ml": 3}


def _booster(original: "Original", dtype: type, library: str) -> bytes:
    if dtype is not np.float32:
        raise CannotConvert("boosters become graphs of float32.")
    import onnxmltools
    from onnxmltools.convert.common.data_types import FloatTensorType

    rows = [(_INPUT, FloatTensorType([None, original.width]))]
    if library == "xgboost":
        return onnxmltools.convert_xgboost(original.model, initial_types=rows).SerializeToString()
    return onnxmltools.convert_lightgbm(original.model, initial_types=rows, zipmap=False).SerializeToString()


def _know_boosters() -> None:
    """So that they are converted within pipelines, too; where their packages are."""
    try:
        from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
        from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
        from skl2onnx import update_registered_converter
        from skl2onnx.common import shape_calculator as shapes
    except ImportError:
        return
    options = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    for library, convert in (("xgboost", convert_xgboost), ("lightgbm", convert_lightgbm)):
        try:
            module = __import__(library)
        except ImportError:
            continue
        prefix = {"xgboost": "XGB", "lightgbm": "LGBM"}[library]
        for name, shape, known in (
            ("Classifier", shapes.calculate_linear_classifier_output_shapes, options),
            ("Regressor", shapes.calculate_linear_regressor_output_shapes, None),
        ):
            made = getattr(module, prefix + name)
            update_registered_converter(made, prefix + name, shape, convert, options=known)
