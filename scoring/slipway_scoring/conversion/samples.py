"""Rows to compare a model and its graph with, from what the model itself keeps of the data it was trained on.

Where it keeps thresholds (trees), means and scales (scalers) or rows (neighbours, support vectors), values lie about
these: that is where answers change. Of the rest only standard normal numbers are known to be numbers."""

from typing import Any

import numpy as np

_ROWS = ("support_vectors_", "_fit_X", "cluster_centers_", "theta_", "means_", "data_min_", "data_max_")
_MOST_TREES = 20


def of(model: Any, width: int, count: int) -> np.ndarray:
    """float64 of shape (count, width), the same for the same model."""
    random = np.random.default_rng(0)
    known = [_near(values, count, random) if len(values) else None for values in _known(model, width)]
    return np.column_stack(
        [random.normal(size=count) * random.choice([1, 10], size=count) if each is None else each for each in known]
    )


def _near(values: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    spread = values.std() or abs(values[0]) or 1.0
    return random.choice(values, size=count) + random.normal(scale=0.2 * spread, size=count)


def _known(model: Any, width: int) -> list[np.ndarray]:
    """Values of each column that the first step of the model knows of."""
    while hasattr(model, "steps"):
        model = model.steps[0][1]
    if isinstance(getattr(model, "mean_", None), np.ndarray) and isinstance(getattr(model, "scale_", None), np.ndarray):
        table = np.array([model.mean_ + shift * model.scale_ for shift in (-2, -1, 0, 1, 2)])
    else:
        table = _rows(model)
    if table is not None and table.ndim == 2 and table.shape[1] == width:
        return [column[np.isfinite(column)] for column in table.T.astype(float)]
    return _thresholds(model, width)


def _rows(model: Any) -> np.ndarray | None:
    found = [np.atleast_2d(value) for name in _ROWS if isinstance(value := getattr(model, name, None), np.ndarray)]
    widths = {part.shape[1] for part in found}
    return np.concatenate(found) if len(widths) == 1 else None


def _thresholds(model: Any, width: int) -> list[np.ndarray]:
    parts: list[list[float]] = [[] for _ in range(width)]
    trees = [model, *np.ravel(getattr(model, "estimators_", []))[:_MOST_TREES]]
    for each in trees:
        tree = getattr(each, "tree_", None)
        if tree is None:
            continue
        for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
            if 0 <= feature < width:
                parts[feature].append(float(threshold))
    return [np.array(part) for part in parts]
