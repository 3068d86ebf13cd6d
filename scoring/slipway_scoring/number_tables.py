"""A body that is a table of numbers, read straight into an array: no Python number is made on the way."""

from typing import Any

import numpy as np
import simdjson

from slipway_scoring import rows


def read(body: bytes) -> dict[str, Any] | None:
    """{key: array of shape (rows, width), ...} of `{key: [[1.5, ...], ...], ...}` with one of the keys of `rows`.

    float64, or int64 where all numbers are whole, as numpy makes them; None for whatever is not exactly that, be it no
    JSON at all."""
    try:
        return _read(simdjson.Parser().parse(body), body.count(b"["))
    except (ValueError, TypeError, IndexError, RuntimeError):
        return None


def _read(document: Any, brackets: int) -> dict[str, Any] | None:
    if not isinstance(document, simdjson.Object):
        return None
    keys = list(document.keys())
    found = [key for key in keys if key in rows.KEYS]
    if len(found) != 1 or len(set(keys)) != len(keys):
        return None
    table = document[found[0]]
    width = len(table[0])
    # Buffers are flat: rows of other lengths, or lists in them, would not show.
    if brackets != len(table) + 1 or any(len(row) != width for row in table):
        return None
    others = {key: document[key] for key in keys if key != found[0]}
    if any(isinstance(value, simdjson.Object) for value in others.values()):
        return None
    return others | {found[0]: _array(table).reshape(-1, width)}


def _array(table: Any) -> np.ndarray:
    if isinstance(table[0][0], int):
        try:
            return np.frombuffer(table.as_buffer(of_type="i"), dtype=np.int64)
        except (ValueError, TypeError):  # a fraction among them, or a number too large
            pass
    return np.frombuffer(table.as_buffer(of_type="d"), dtype=np.float64)
