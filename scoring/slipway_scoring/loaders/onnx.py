"""ONNX graphs, run by onnxruntime."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument

from slipway_scoring import rows
from slipway_scoring.dataplane import Asked, NotTogether
from slipway_scoring.errors import BadInput, BootFailure
from slipway_scoring.log import logger
from slipway_scoring.plain import plain

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


def load(path: Path) -> "Graph":
    options = onnxruntime.SessionOptions()
    # onnxruntime's own pool does not read OMP_NUM_THREADS and would start a thread for each core of the host.
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS") or 0)
    # Threads that have nothing to do would otherwise keep their processor busy, where others have work for it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(path), options, providers=onnxruntime.get_available_providers())
    return Graph(session)


class Input:
    """One input of the graph; `shape` has None where any size goes."""

    def __init__(self, name: str, kind: str, shape: list) -> None:
        if kind not in DTYPES:
            words = f"The graph's input {name!r} is a {kind}, which JSON rows cannot become. Use an entry script."
            raise BootFailure("model-not-loadable", words)
        self.name = name
        self.shape = [size if isinstance(size, int) else None for size in shape]
        self._dtype = np.dtype(DTYPES[kind])

    def tensor(self, value: Any) -> np.ndarray:
        try:
            result = np.asarray(value, dtype=self._dtype)
        except (ValueError, TypeError, OverflowError) as error:
            raise BadInput(f"Input {self.name!r} takes {self._dtype}: {error}") from None
        if self._dtype.kind == "O" and not all(isinstance(text, str) for text in result.flat):
            raise BadInput(f"Input {self.name!r} takes texts.")
        if self._dtype.kind in "iu" and not np.array_equal(result, np.asarray(value)):
            raise BadInput(f"Input {self.name!r} takes whole numbers.")
        self._check_shape(result.shape)
        return result

    def sample(self, random: np.random.Generator) -> np.ndarray:
        """One row of anything. Raises TypeError where the graph takes texts."""
        if self._dtype.kind == "O":
            raise TypeError("it takes texts")
        return random.integers(0, 2, [1, *(size or 1 for size in self.shape[1:])]).astype(self._dtype)

    def column(self, values: list) -> np.ndarray:
        return self.tensor([[value] for value in values] if len(self.shape) == 2 else values)

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        fits = len(shape) == len(self.shape) and all(
            want is None or have == want for have, want in zip(shape, self.shape, strict=True)
        )
        if not fits:
            want = " x ".join("any" if size is None else str(size) for size in self.shape)
            have = " x ".join(map(str, shape)) or "a single value"
            raise BadInput(f"Input {self.name!r} takes values of shape {want}; these are {have}.")


class Graph:
    any_thread = True

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._inputs = {one.name: Input(one.name, one.type, one.shape) for one in session.get_inputs()}
        self._outputs = [one.name for one in session.get_outputs()]
        self.takes_arrays = len(self._inputs) == 1
        self._by_row = self._predicts_by_row()

    def read(self, document: Any) -> Asked:
        return self._asked(self._feeds(document))

    def read_tensors(self, tensors: dict[str, np.ndarray]) -> Asked:
        """By the graph's names; where it has one input, by any."""
        if len(tensors) == len(self._inputs) == 1:
            tensors = dict(zip(self._inputs, tensors.values(), strict=True))
        if tensors.keys() != self._inputs.keys():
            raise BadInput(f"The graph has the inputs {', '.join(self._inputs)}, not {', '.join(tensors)}.")
        return self._asked(self._named(tensors))

    def _asked(self, feeds: dict[str, np.ndarray]) -> Asked:
        counts = {len(tensor) if tensor.ndim else 0 for tensor in feeds.values()}
        if not self._by_row or len(counts) != 1 or 0 in counts:
            return Asked(feeds)
        kind = tuple(tensor.shape[1:] for tensor in feeds.values())
        return Asked(feeds, kind, counts.pop())

    def predict(self, asked: Asked) -> dict[str, Any]:
        """`predictions` is the graph's first output; `outputs` names them all where there are several."""
        try:
            return self._told(self._session.run(None, asked.values))
        except InvalidArgument as error:
            raise BadInput(f"The model refused the input: {error}") from error

    def predict_together(self, asked: list[Asked]) -> list[dict[str, Any]]:
        feeds = {name: np.concatenate([each.values[name] for each in asked]) for name in self._inputs}
        results = self._session.run(None, feeds)
        count = sum(each.rows for each in asked)
        if any(len(result) != count for result in results):
            raise NotTogether
        split, start = [], 0
        for each in asked:
            split.append(self._told([result[start : start + each.rows] for result in results]))
            start += each.rows
        return split

    def _told(self, results: list) -> dict[str, Any]:
        values = [plain(result) for result in results]
        if len(values) == 1:
            return {"predictions": values[0]}
        return {"predictions": values[0], "outputs": dict(zip(self._outputs, values, strict=True))}

    def _predicts_by_row(self) -> bool:
        """Whether the graph, asked for two rows at once, says the same as asked for each: tried, for a graph may do
        anything across its rows."""
        nodes = [*self._session.get_inputs(), *self._session.get_outputs()]
        if any(not node.shape or isinstance(node.shape[0], int) for node in self._session.get_inputs()):
            return False
        if any(isinstance(size, str) or size is None for node in nodes for size in (node.shape or [])[1:]):
            return False
        random = np.random.default_rng(0)
        try:
            one, other = ({name: each.sample(random) for name, each in self._inputs.items()} for _ in range(2))
            both = {name: np.concatenate([one[name], other[name]]) for name in one}
            apart = [self._session.run(None, feeds) for feeds in (one, other)]
            together = self._session.run(None, both)
            return all(
                len(result) == 2 and all(_alike(result[at], apart[at][which][0]) for at in range(2))
                for which, result in enumerate(together)
            )
        except Exception as error:
            logger.info("The graph is not asked for several requests at once: %s", error)
            return False

    def _feeds(self, document: Any) -> dict[str, np.ndarray]:
        if isinstance(document, dict) and document.keys() == self._inputs.keys():
            return self._named(document)
        value = rows.payload(document)
        if isinstance(value, dict) and value.keys() == self._inputs.keys():
            return self._named(value)
        if len(self._inputs) == 1 and not _has_names(value):
            only = next(iter(self._inputs.values()))
            return {only.name: only.tensor(value["data"] if isinstance(value, dict) and "data" in value else value)}
        return self._columns(document)

    def _named(self, given: dict[str, Any]) -> dict[str, np.ndarray]:
        return {name: one.tensor(given[name]) for name, one in self._inputs.items()}

    def _columns(self, document: Any) -> dict[str, np.ndarray]:
        """Each input of the graph is one column of the table."""
        names = list(self._inputs)
        given = rows.read(document)
        if given.columns is None and not given.records:
            raise BadInput(f'The graph has the inputs {", ".join(names)}: send {{"inputs": {{name: values}}}}.')
        ordered = rows.in_order(given, names)
        return {name: self._inputs[name].column([row[i] for row in ordered]) for i, name in enumerate(names)}

    def example(self) -> dict[str, Any]:
        shapes = {name: np.zeros([size or 1 for size in one.shape]).tolist() for name, one in self._inputs.items()}
        return {"data": next(iter(shapes.values()))} if len(shapes) == 1 else {"inputs": shapes}

    def signature(self) -> dict[str, list]:
        sides = {"inputs": self._session.get_inputs(), "outputs": self._session.get_outputs()}
        return {side: [_described(one) for one in nodes] for side, nodes in sides.items()}


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and one.dtype.kind == "f":
        return np.allclose(one, other, rtol=1e-4, atol=1e-6, equal_nan=True)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_alike(np.asarray(one[key]), other[key]) for key in one)
    return bool(np.all(one == other))


def _described(node: Any) -> dict[str, Any]:
    kind = node.type.removeprefix("tensor(").removesuffix(")")
    shape = [size if isinstance(size, (int, str)) else None for size in node.shape] if node.shape is not None else None
    return {"name": node.name, "type": {"float": "float32", "double": "float64"}.get(kind, kind), "shape": shape}


def _has_names(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    return False
