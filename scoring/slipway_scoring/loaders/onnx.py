"""ONNX graphs, run by onnxruntime."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument

from slipway_scoring.errors import BootFailure
from slipway_scoring.loaders.graph import Graph
from slipway_scoring.loaders.inputs import Input, described

DTYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int8)": np.int8,
    "tensor(int16)": np.int16,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(uint8)": np.uint8,
    "tensor(uint16)": np.uint16,
    "tensor(uint32)": np.uint32,
    "tensor(uint64)": np.uint64,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
}


def session(source: Path | bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # onnxruntime's own pool does not read OMP_NUM_THREADS and would start a thread for each core of the host.
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS") or 0)
    # Threads that have nothing to do would otherwise keep their processor busy, where others have work for it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors; it warns of every graph whose outputs are declared loosely
    content = source if isinstance(source, bytes) else str(source)
    return onnxruntime.InferenceSession(content, options, providers=onnxruntime.get_available_providers())


def load(path: Path) -> Graph:
    graph = session(path)
    return Graph(
        [_input(node) for node in graph.get_inputs()],
        [_output(node) for node in graph.get_outputs()],
        lambda feeds: graph.run(None, feeds),
        refused=(InvalidArgument,),
        any_thread=True,
    )


def _input(node: Any) -> Input:
    if node.type not in DTYPES:
        words = f"The graph's input {node.name!r} is a {node.type}, which JSON rows cannot become. Use an entry script."
        raise BootFailure("model-not-loadable", words)
    sizes = [size if isinstance(size, int) else None for size in node.shape]
    return Input(node.name, np.dtype(DTYPES[node.type]), sizes, _sizes(node))


def _output(node: Any) -> dict[str, Any]:
    """A sequence or a map has no type that a tensor could have."""
    if node.type in DTYPES:
        return described(node.name, np.dtype(DTYPES[node.type]), _sizes(node))
    return {"name": node.name, "type": node.type, "shape": _sizes(node)}


def _sizes(node: Any) -> list | None:
    return None if node.shape is None else [size if isinstance(size, (int, str)) else None for size in node.shape]
