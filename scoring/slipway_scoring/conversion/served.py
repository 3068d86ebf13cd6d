"""A model served by its graph, and by itself where the graph has no answer."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from slipway_scoring.conversion.comparing import Match
from slipway_scoring.conversion.translating import Graph
from slipway_scoring.dataplane import Asked, Predictor, parted
from slipway_scoring.plain import plain


@dataclass(frozen=True, slots=True)
class _ForGraph:
    method: str
    rows: np.ndarray


class Converted:
    any_thread = True
    takes_arrays = True

    def __init__(self, predictor: Predictor, graph: Graph, matches: dict[str, Match]) -> None:
        self._predictor, self._graph, self._matches = predictor, graph, matches

    def read(self, document: Any) -> Asked:
        return self._asked(self._predictor.read(document))

    def read_tensors(self, tensors: dict[str, Any]) -> Asked:
        return self._asked(self._predictor.read_tensors(tensors))

    def _asked(self, asked: Asked) -> Asked:
        """For the graph, where it was compared with such rows: finite numbers, asked by a method it has."""
        method, rows = self._predictor.numbers(asked)
        if method not in self._matches or rows is None or not np.isfinite(rows).all():
            return asked
        return Asked(_ForGraph(method, rows), ("graph", method), len(rows))

    def predict(self, asked: Asked) -> dict[str, Any]:
        if not isinstance(asked.values, _ForGraph):
            return self._predictor.predict(asked)
        return {"predictions": self._answer(asked.values.method, asked.values.rows)}

    def predict_together(self, asked: list[Asked]) -> list[dict[str, Any]]:
        if not isinstance(asked[0].values, _ForGraph):
            return self._predictor.predict_together(asked)
        found = self._answer(asked[0].values.method, np.concatenate([each.values.rows for each in asked]))
        return [{"predictions": part} for part in parted(found, asked)]

    def _answer(self, method: str, rows: np.ndarray) -> Any:
        return plain(self._matches[method].answer(self._graph.run(rows)))

    def example(self) -> dict[str, Any]:
        return self._predictor.example()

    def signature(self) -> dict[str, list]:
        return self._predictor.signature()
