"""Models of Keras 3 (.keras, and .h5 of earlier ones), on whichever of its backends is installed."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from slipway_scoring.errors import BootFailure
from slipway_scoring.loaders.graph import Graph
from slipway_scoring.loaders.inputs import Input, described

_BACKENDS = ("tensorflow", "jax", "torch")


def load(path: Path) -> Graph:
    """Raises BootFailure("model-not-loadable") for layers with code of their own (Lambda): that takes a script."""
    # Keras takes TensorFlow unless told otherwise, be it there or not.
    os.environ.setdefault("KERAS_BACKEND", next((name for name in _BACKENDS if find_spec(name)), _BACKENDS[0]))
    import keras

    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    if not getattr(model, "inputs", None):
        words = f"{path.name} does not say what it takes: it was saved before it was ever called. Use an entry script."
        raise BootFailure("model-not-loadable", words)
    inputs = [_input(node) for node in model.inputs]

    def run(feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
        values = [keras.ops.convert_to_tensor(feeds[one.name], dtype=_dtype(one.dtype)) for one in inputs]
        found = model(values[0] if len(values) == 1 else values, training=False)
        return [keras.ops.convert_to_numpy(each) for each in _flat(found)]

    outputs = [described(node.name, np.dtype(node.dtype), list(node.shape)) for node in model.outputs]
    # What it says of a shape that no layer takes is a ValueError of Keras, or an error of its backend's own.
    return Graph(inputs, outputs, run, refused=(ValueError, TypeError))


def _input(node: Any) -> Input:
    return Input(node.name, np.dtype("O") if node.dtype == "string" else np.dtype(node.dtype), list(node.shape))


def _dtype(dtype: np.dtype) -> str:
    return "string" if dtype.kind == "O" else dtype.name


def _flat(found: Any) -> list:
    if isinstance(found, dict):
        return list(found.values())
    return list(found) if isinstance(found, Sequence) else [found]
