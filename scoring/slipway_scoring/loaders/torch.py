"""Programs of PyTorch that bring their own code: TorchScript (torch.jit.save) and exported programs (torch.export)."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch

from slipway_scoring.errors import BootFailure
from slipway_scoring.loaders.graph import Graph, Run
from slipway_scoring.loaders.inputs import Input, described

_EXPORTED = ".pt2"


def load(path: Path) -> Graph:
    """Raises BootFailure("model-not-loadable") for weights alone, which say nothing of what to do with them."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS") or torch.get_num_threads()))
    if path.suffix.lower() == _EXPORTED:
        return _exported(path)
    try:
        module = torch.jit.load(path, map_location="cpu").eval()
    except RuntimeError as error:
        if "constants.pkl" not in str(error) and "PytorchStreamReader" not in str(error):
            raise
        words = f"{path.name} is no TorchScript: it holds weights or a pickled module. Save it with torch.jit.save"
        raise BootFailure("model-not-loadable", f"{words} or torch.export.save, or use an entry script.") from error
    return _scripted(module)


def _scripted(module: Any) -> Graph:
    """Of its inputs TorchScript keeps the names alone: JSON becomes float32, tensors of /v2 stay what they are."""
    names = [each.name for each in module.forward.schema.arguments[1:] if not each.has_default_value()]
    inputs = [_Untyped(name) for name in names]
    return Graph(inputs, [], _run(module, names), refused=(RuntimeError,))


def _exported(path: Path) -> Graph:
    program = torch.export.load(path)
    names = list(program.graph_signature.user_inputs)
    values = {node.name: node.meta["val"] for node in program.graph.nodes if node.op == "placeholder"}
    inputs = [Input(name, *_kind(values[name])) for name in names]
    outputs = [_output(at, node) for at, node in enumerate(program.graph.output_node().args[0])]
    return Graph(inputs, outputs, _run(program.module(), names), refused=(RuntimeError, AssertionError))


def _output(at: int, node: Any) -> dict[str, Any]:
    dtype, shape = _kind(node.meta["val"])
    return described(f"output_{at}", dtype, shape)


def _kind(value: Any) -> tuple[np.dtype, list[int | None]]:
    """Sizes that the program leaves open are None."""
    return np.dtype(str(value.dtype).removeprefix("torch.")), [
        size if type(size) is int else None for size in value.shape
    ]


class _Untyped(Input):
    def __init__(self, name: str) -> None:
        super().__init__(name, np.dtype("float32"), None)

    def tensor(self, value: Any) -> np.ndarray:
        return value if isinstance(value, np.ndarray) and value.dtype.kind in "iub" else super().tensor(value)


def _run(module: Any, names: list[str]) -> Run:
    def run(feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
        # Read-only arrays (of bytes) become tensors only with a warning; a copy is none.
        tensors = [torch.from_numpy(np.array(feeds[name])) for name in names]
        with torch.inference_mode():
            return [each.numpy() for each in _flat(module(*tensors))]

    return run


def _flat(found: Any) -> list:
    if isinstance(found, dict):
        return list(found.values())
    return list(found) if isinstance(found, (list, tuple)) else [found]
