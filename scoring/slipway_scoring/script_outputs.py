"""What becomes of `run()`'s return value: json.dumps of it, as Azure's server did, quirks included.

A str is encoded again (clients call json.loads on the answer), None is {}, NaN is the bare word."""

import json
from typing import Any

from slipway_scoring import raw_http
from slipway_scoring.dataplane import Answer
from slipway_scoring.errors import ResultNotSerialisable
from slipway_scoring.log import logger, traceback_text


def answer(result: Any, elapsed_ms: float) -> Answer:
    """Raises ResultNotSerialisable."""
    if raw_http.is_response(result):
        return raw_http.answer(result, elapsed_ms)
    return Answer(to_json(result), elapsed_ms)


def to_json(result: Any) -> bytes:
    """Raises ResultNotSerialisable; the log then says which type it was and what to return instead."""
    if result is None:
        return b"{}"
    try:
        return _dump(result).encode()
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        logger.error(
            "run() returned a %s that JSON cannot hold (%s). %s\n%s",
            type(result).__name__, error, _advice(result), traceback_text(error),
        )  # fmt: skip
        raise ResultNotSerialisable from error


def _dump(result: Any) -> str:
    try:
        return json.dumps(result, allow_nan=False)
    except ValueError:
        text = json.dumps(result)  # raises again when the trouble is another one than NaN
        logger.warning("run() returned NaN or infinity: the answer is not valid JSON and strict clients refuse it.")
        return text


def _advice(result: Any) -> str:
    if hasattr(result, "to_dict"):
        return "Return result.to_dict(orient='records')."
    if hasattr(result, "tolist"):
        return "Return result.tolist()."
    return "Return only dict, list, str, numbers, True, False and None."
