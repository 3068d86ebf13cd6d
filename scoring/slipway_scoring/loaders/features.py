"""Rows of JSON as the array or DataFrame an estimator takes."""

from typing import Any

import numpy as np

from slipway_scoring.errors import BadInput

NESTED = "Each row must be a flat list of values; here lists or objects are nested in a row."


def array(values: list, width: int | None) -> Any:
    """An array of shape (rows, width): float64 (null is NaN), whole numbers or, with text among them, objects.

    A list of texts stays one: vectorisers take documents, and those models have no `width`."""
    if width is None and all(isinstance(value, str) for value in values):
        return values
    if isinstance(values, np.ndarray):
        check_columns(values, width)
        return values
    check_width(values, width)
    try:
        result = np.asarray(values)
    except ValueError:  # lists of different lengths within the rows
        raise BadInput(NESTED) from None
    if result.ndim == 2 and result.dtype.kind in "iufb":
        return result
    check_flat(values)
    return _objects(values)


def _objects(values: list) -> np.ndarray:
    # Made again: numpy turns [1, "a"] into two texts.
    result = np.array(values, dtype=object)
    if any(isinstance(value, str) for value in result.flat):
        return result
    return result.astype(np.float64)


def frame(values: Any, columns: list[str]) -> Any:
    import pandas

    if not isinstance(values, np.ndarray):
        check_width(values, len(columns))
    return pandas.DataFrame(values, columns=columns)


def check_width(values: list, width: int | None) -> None:
    """Every row a list of `width` values, or of as many as the first when None."""
    for number, row in enumerate(values, 1):
        if not isinstance(row, list):
            raise BadInput(f"Row {number} is not a list of values. One row is a list in a list: [[1, 2, 3]].")
        if width is None:
            width = len(row)
        elif len(row) != width:
            raise BadInput(f"Row {number} has {len(row)} values; the model expects {width}.")


def check_columns(values: np.ndarray, width: int | None) -> None:
    if width is not None and values.shape[1] != width:
        raise BadInput(f"The rows have {values.shape[1]} values; the model expects {width}.")


def check_flat(values: list) -> None:
    if any(isinstance(value, (list, dict)) for row in values for value in row):
        raise BadInput(NESTED)


def columns_of(tensors: dict[str, np.ndarray], wanted: list[str]) -> np.ndarray:
    """The tensors of one value a row beside each other, in the order of `wanted`. Raises BadInput."""
    missing = [name for name in wanted if name not in tensors]
    if missing:
        raise BadInput(f"Missing inputs: {', '.join(missing[:10])}.")
    flat = [tensors[name].reshape(len(tensors[name]), -1) if tensors[name].ndim else tensors[name] for name in wanted]
    if any(column.ndim != 2 or column.shape[1] != 1 for column in flat) or len({len(column) for column in flat}) != 1:
        raise BadInput("The inputs must be columns of one length: shapes [n] or [n, 1].")
    if any(column.dtype.kind == "O" for column in flat):
        flat = [column.astype(object) for column in flat]
    return np.concatenate(flat, axis=1)
