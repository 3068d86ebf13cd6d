"""Requests written as JSON: one a line, or a single one over several lines."""

import io
import json
from collections.abc import Iterator
from itertools import chain

import orjson

from profiling.errors import SamplesInvalid

_ADVICE = "Write each request on one line; only a request that stands alone may go over several."


def begin(text: str) -> bool:
    """Whether `text` is JSON and no CSV: numbers and texts in quotes are either, and are left to CSV."""
    return text.lstrip()[:1] in ("{", "[")


def bodies(text: str) -> Iterator[tuple[int, str]]:
    """(line, body) of each request in `text`, which is not empty. Raises SamplesInvalid."""
    # Not str.splitlines: it also parts at characters that JSON texts may hold as they are.
    numbered = enumerate(io.StringIO(text, newline=""), 1)
    lines = ((number, stripped) for number, line in numbered if (stripped := line.strip()))
    first, second = next(lines), next(lines, None)
    if second is None:
        yield first[0], checked(*first)
    elif not _fault(first[1]):
        for number, line in chain((first, second), lines):
            yield number, checked(number, line)
    elif fault := _fault(text):
        raise _invalid(*fault)
    else:
        yield first[0], text.strip()


def checked(line: int, body: str) -> str:
    """`body`, which begins at `line`. Raises SamplesInvalid where it is no JSON."""
    fault = _fault(body)
    if fault:
        raise _invalid(line + fault[0] - 1, fault[1])
    return body


def _fault(text: str) -> tuple[int, str] | None:
    """(line, what is wrong there); None for JSON.

    NaN and Infinity pass as they do in the scoring runtime: Python's clients send them."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "NaN" not in text and "Infinity" not in text:
            return _told(error)
    else:
        return None
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return _told(error)
    except (ValueError, RecursionError) as error:
        return 1, f"{error}."
    return None


def _told(error: json.JSONDecodeError) -> tuple[int, str]:
    return error.lineno, f"{error.msg} (column {error.colno})."


def _invalid(line: int, said: str) -> SamplesInvalid:
    return SamplesInvalid.at(line, f"This is not JSON: {said}", advice=_ADVICE)
