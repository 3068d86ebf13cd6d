"""JSON that came in a body, and JSON that goes out in one."""

from typing import Any

import orjson

from slipway_scoring.errors import BadInput, ResultNotSerialisable
from slipway_scoring.log import logger, traceback_text

# Of fewer, a batch's rows are made one array of sooner than each request's.
_WORTH_AN_ARRAY_BYTES = 2048


def read_rows(body: bytes, as_array: bool) -> Any:
    """The parsed body; a table of numbers becomes an array where `as_array` says so."""
    if as_array and len(body) >= _WORTH_AN_ARRAY_BYTES:
        from slipway_scoring import number_tables  # a script may do without numpy

        document = number_tables.read(body)
        if document is not None:
            return document
    return read_json(body)


def read_json(body: bytes) -> Any:
    """The parsed body. NaN and Infinity are taken although JSON has no such words: Python clients send them."""
    if not body:
        raise BadInput("The body is empty; it must be JSON.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if b"NaN" in body or b"Infinity" in body:
            return _read_lenient(body)
        raise BadInput(f"The body is not JSON: {error}") from None


def _read_lenient(body: bytes) -> Any:
    import json

    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"The body is not JSON: {error}") from None


def _widened(value: Any) -> Any:
    """Arrays as orjson writes every number of them exactly."""
    if isinstance(value, dict):
        return {key: _widened(item) for key, item in value.items()}
    if hasattr(value, "dtype"):
        from slipway_scoring.plain import plain

        return plain(value)
    return value


def to_json(predictions: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(_widened(predictions), option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError as error:
        logger.error("The model's prediction cannot be written as JSON:\n%s", traceback_text(error))
        raise ResultNotSerialisable from error
