"""What `run()` receives: the whole body as text, or the arguments `@input_schema` declares."""

import inspect
import json
from typing import Any
from urllib.parse import parse_qs

from slipway_scoring.dataplane import Call
from slipway_scoring.errors import BadInput, InputNotJson
from slipway_scoring.log import logger

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class Raw:
    """An undecorated run(): its first parameter is the body decoded as UTF-8, whatever the content type.

    Azure's server gave "" for form types (curl -d without a header), which no script can have wanted."""

    def __init__(self, parameter: str) -> None:
        self._parameter = parameter
        self._warned = False

    def __call__(self, call: Call) -> dict[str, Any]:
        if call.query is not None:
            return {self._parameter: json.dumps(query_values(call.query))}
        if not self._warned and call.media_type in FORM_TYPES:
            self._warned = True
            logger.warning(
                "A request came as %s; run() gets its body all the same. Azure's server would have given it an "
                "empty string: send the header Content-Type: application/json. (Said once.)",
                call.media_type,
            )
        try:
            return {self._parameter: call.body.decode()}
        except UnicodeDecodeError as error:
            raise BadInput(f"Input cannot be decoded as UTF-8: {error}") from None


class Declared:
    """A run() under `@input_schema`: one argument for each declared name, from a JSON object."""

    def __init__(self, parameters: list[inspect.Parameter]) -> None:
        self._parameters = parameters

    def __call__(self, call: Call) -> dict[str, Any]:
        given = _json_object(call) if call.query is None else query_values(call.query)
        return {parameter.name: _value(parameter, given) for parameter in self._parameters}


def _value(parameter: inspect.Parameter, given: dict[str, Any]) -> Any:
    value = given.get(parameter.name, parameter.default)
    if value is inspect.Parameter.empty:
        raise BadInput(f"A value is not provided for the {parameter.name!r} parameter.")
    return value


def _json_object(call: Call) -> dict[str, Any]:
    if call.media_type != "application/json" and not call.media_type.endswith("+json"):
        raise InputNotJson("Expects Content-Type to be application/json")
    if not call.body:
        raise BadInput("POST body is empty. Expecting a JSON dictionary.")
    try:
        document = json.loads(call.body)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"POST body could not be decoded as JSON: {error}") from None
    if not isinstance(document, dict):
        raise BadInput("POST body should be a JSON dictionary.")
    return document


def query_values(query: str) -> dict[str, Any]:
    """`a=1&b=x&b=y` as {"a": 1, "b": ["x", "y"]}: each value read as JSON where it is JSON."""
    found = parse_qs(query, keep_blank_values=True)
    return {
        name: _query_value(values[0]) if len(values) == 1 else [_query_value(value) for value in values]
        for name, values in found.items()
    }


def _query_value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def header_dict(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as a script knows them from Azure's server: `Content-Type`, repeated ones joined by commas."""
    result: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").title(), raw_value.decode("latin-1")
        result[name] = f"{result[name]},{value}" if name in result else value
    return result
