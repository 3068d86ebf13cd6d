"""SavedModels of TensorFlow, asked by the signature they serve."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow

from slipway_scoring.errors import BootFailure
from slipway_scoring.loaders.graph import Graph
from slipway_scoring.loaders.inputs import Input, described

_SERVED = "serving_default"


def load(folder: Path) -> Graph:
    """Raises BootFailure("model-not-loadable") where nothing was saved to be served."""
    model = tensorflow.saved_model.load(str(folder))
    if _SERVED not in model.signatures:
        has = ", ".join(model.signatures) or "none"
        words = f"The SavedModel has no signature {_SERVED!r} (it has {has}). Save it with one, or use an entry script."
        raise BootFailure("model-not-loadable", words)
    serve = model.signatures[_SERVED]
    # The function lives as long as the model it is part of.
    serve.model = model
    _, asked = serve.structured_input_signature
    names = list(serve.structured_outputs)

    def run(feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
        found = serve(**{name: tensorflow.constant(value, asked[name].dtype) for name, value in feeds.items()})
        return [found[name].numpy() for name in names]

    outputs = [described(name, *_kind(spec)) for name, spec in serve.structured_outputs.items()]
    refused = (tensorflow.errors.InvalidArgumentError, ValueError, TypeError)
    return Graph([Input(name, *_kind(spec)) for name, spec in asked.items()], outputs, run, refused=refused)


def _kind(spec: Any) -> tuple[np.dtype, list[int | None] | None]:
    shape = None if spec.shape.rank is None else spec.shape.as_list()
    return np.dtype("O") if spec.dtype == tensorflow.string else np.dtype(spec.dtype.as_numpy_dtype), shape
