"""A model's output as values orjson can write, every number exactly the one the model gave."""

from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "toarray"):  # a sparse matrix
        return _array(value.toarray())
    if hasattr(value, "columns"):  # a DataFrame
        return [{str(key): plain(item) for key, item in row.items()} for row in value.to_dict(orient="records")]
    if hasattr(value, "to_numpy"):  # a Series
        return _array(value.to_numpy())
    return value


def _array(array: np.ndarray) -> Any:
    kind = array.dtype.kind
    if array.ndim == 0:
        return plain(array.item())
    if kind == "f":
        # float32 is widened: orjson would write 0.1 for the float32 whose value is 0.10000000149011612.
        return np.ascontiguousarray(array, dtype=np.float64)
    if kind in "iub":
        return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    if kind == "M":
        return array.astype(str).tolist()
    return plain(array.tolist())
