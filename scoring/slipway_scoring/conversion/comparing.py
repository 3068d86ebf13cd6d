"""Whether a graph says what the model says, and how much sooner."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

# |graph - model| <= ABSOLUTE + RELATIVE * |model|, for every number; labels must be the same.
RELATIVE, ABSOLUTE = 1e-4, 1e-6
_LONGEST_S = 0.4
_FEWEST, _MOST = 3, 200


class NotAlike(Exception):
    """It says how far they are apart."""


@dataclass(frozen=True, slots=True)
class Match:
    """Which of a graph's outputs is the model's answer: the `column` of one, or all of it; as `dtype`."""

    output: int
    column: int | None
    flat: bool
    dtype: np.dtype
    difference: float

    def answer(self, results: list[Any]) -> np.ndarray:
        found = np.asarray(results[self.output])
        if self.column is not None:
            found = found[:, self.column]
        elif self.flat:
            found = found.reshape(len(found))
        return found.astype(self.dtype, copy=False)


def match(answer: np.ndarray, results: list[Any]) -> Match:
    """Raises NotAlike."""
    nearest = ""
    for at, result in enumerate(results):
        found = np.asarray(result)
        for column in (None, *range(found.shape[1] if found.ndim == 2 and answer.ndim == 1 else 0)):
            part = found if column is None else found[:, column]
            flat = column is None and part.ndim == 2 and part.shape[1] == 1 and answer.ndim == 1
            if flat:
                part = part.reshape(len(part))
            if part.shape != answer.shape:
                continue
            difference, apart = _difference(answer, part)
            if not apart:
                return Match(at, column, flat, answer.dtype, difference)
            nearest = nearest or f"{apart} of {len(answer)} rows were answered differently{_by(difference)}."
    raise NotAlike(nearest or "no output of the graph has the shape of the model's answer.")


def _by(difference: float) -> str:
    return f" (by up to {difference:.2g})" if np.isfinite(difference) else ""


def _difference(answer: np.ndarray, part: np.ndarray) -> tuple[float, int]:
    """The largest difference, and how many rows are too far apart."""
    if answer.dtype.kind != "f":
        # Probabilities that happen to be 0 and 1 are no labels.
        same = answer == part if part.dtype.kind != "f" else np.zeros(answer.shape, bool)
        rows = np.asarray(same).reshape(len(answer), -1).all(axis=1)
        return (0.0 if rows.all() else float("inf")), int((~rows).sum())
    if part.dtype.kind not in "fiu":
        return float("inf"), len(answer)
    close = np.isclose(part, answer, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)
    gap = np.abs(np.asarray(part, np.float64) - answer)
    gap = gap[np.isfinite(gap)]
    return float(gap.max(initial=0.0)), int((~close.reshape(len(answer), -1).all(axis=1)).sum())


def times_faster(model: Callable[[np.ndarray], Any], graph: Callable[[np.ndarray], Any], rows: np.ndarray) -> float:
    """The model's median time over the graph's, asked in turn, so that a slow moment is nobody's alone."""
    taken: dict[int, list[float]] = {0: [], 1: []}
    deadline = perf_counter() + _LONGEST_S
    for turn in range(_MOST):
        for which, ask in enumerate((model, graph)):
            begun = perf_counter()
            ask(rows)
            taken[which].append(perf_counter() - begun)
        if turn >= _FEWEST and perf_counter() > deadline:
            break
    return statistics.median(taken[0][1:]) / statistics.median(taken[1][1:])
