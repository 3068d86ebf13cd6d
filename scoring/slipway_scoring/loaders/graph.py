"""Models that take tensors by name and give tensors by name: asked with JSON rows, or with tensors."""

from collections.abc import Callable
from typing import Any

import numpy as np

from slipway_scoring import rows
from slipway_scoring.dataplane import Asked, parted
from slipway_scoring.errors import BadInput
from slipway_scoring.loaders.inputs import Input
from slipway_scoring.log import logger, traceback_text
from slipway_scoring.plain import plain

Run = Callable[[dict[str, np.ndarray]], list]


class Graph:
    """`run` takes {input: tensor} and gives one tensor (or list) for each of `outputs`, which are as signatures say
    them. `refused` are what it raises for values it cannot take."""

    def __init__(
        self,
        inputs: list[Input],
        outputs: list[dict[str, Any]],
        run: Run,
        *,
        refused: tuple[type[Exception], ...],
        any_thread: bool = False,
    ) -> None:
        self.any_thread = any_thread
        self.takes_arrays = len(inputs) == 1
        self._inputs = {one.name: one for one in inputs}
        self._outputs = outputs
        self._run, self._refused = run, refused
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
            return self._told(self._run(asked.values))
        except self._refused as error:
            logger.warning("The model refused the input of a request:\n%s", traceback_text(error))
            raise BadInput(f"The model refused the input: {_point(error)}") from error

    def predict_together(self, asked: list[Asked]) -> list[dict[str, Any]]:
        feeds = {name: np.concatenate([each.values[name] for each in asked]) for name in self._inputs}
        results = self._run(feeds)
        return [self._told(list(parts)) for parts in zip(*(parted(result, asked) for result in results), strict=True)]

    def _told(self, results: list) -> dict[str, Any]:
        # Arrays stay what they are: protocols that say the type of a tensor say this one.
        values = [result if isinstance(result, np.ndarray) else plain(result) for result in results]
        if len(values) == 1:
            return {"predictions": values[0]}
        names = [output["name"] for output in self._outputs]
        return {"predictions": values[0], "outputs": dict(zip(names, values, strict=True))}

    def _predicts_by_row(self) -> bool:
        """Whether the graph, asked for two rows at once, says the same as asked for each: tried, for a graph may do
        anything across its rows."""
        shapes = [output["shape"] or [] for output in self._outputs]
        if not all(one.by_row for one in self._inputs.values()) or any(
            not isinstance(size, int) for shape in shapes for size in shape[1:]
        ):
            return False
        random = np.random.default_rng(0)
        try:
            one, other = ({name: each.sample(random) for name, each in self._inputs.items()} for _ in range(2))
            both = {name: np.concatenate([one[name], other[name]]) for name in one}
            apart = [self._run(feeds) for feeds in (one, other)]
            together = self._run(both)
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
        values = {name: one.example() for name, one in self._inputs.items()}
        return {"data": next(iter(values.values()))} if len(values) == 1 else {"inputs": values}

    def signature(self) -> dict[str, list]:
        return {"inputs": [one.described() for one in self._inputs.values()], "outputs": self._outputs}


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and one.dtype.kind == "f":
        return np.allclose(one, other, rtol=1e-4, atol=1e-6, equal_nan=True)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_alike(np.asarray(one[key]), other[key]) for key in one)
    return bool(np.all(one == other))


def _point(error: Exception) -> str:
    """What is wrong, without the way there through the server's files."""
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    return lines[-1].removeprefix("RuntimeError: ")[:500] if lines else type(error).__name__


def _has_names(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    return False
