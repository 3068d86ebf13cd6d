"""What MLflow's scoring server takes and gives at `/invocations`.

Source: mlflow 3.17, mlflow/pyfunc/scoring_server/__init__.py (invocations, infer_and_parse_data)."""

import csv
import io
from typing import Any

import orjson

from slipway_scoring.bodies import read_json, read_rows, to_json
from slipway_scoring.dataplane import Asked, Call, Predictor
from slipway_scoring.errors import BadInput, InputNotJson

FORMATS = ("dataframe_split", "dataframe_records", "instances", "inputs")
CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
JSON_TYPES = ("application/json", "")


def words(error: Exception) -> bytes:
    """As MlflowException.serialize_as_json writes it: what MLflow's clients read."""
    code = "BAD_REQUEST" if isinstance(error, BadInput | InputNotJson) else "INTERNAL_ERROR"
    return orjson.dumps({"error_code": code, "message": str(error)})


class Invocations:
    def read(self, call: Call, predictor: Predictor) -> Asked:
        """A model saved by MLflow reads the rest itself; for others the forms are those of `/score`."""
        if call.media_type not in (*JSON_TYPES, CSV, PARQUET):
            known = ", ".join((CSV, "application/json", PARQUET))
            raise InputNotJson(f"This predictor only supports the content types {known}, not {call.media_type!r}.")
        own = getattr(predictor, "read_invocation", None)
        if call.media_type == PARQUET and own is None:
            raise InputNotJson("Parquet is read for models that MLflow saved.")
        if own is not None:
            content = call.body if call.media_type in (CSV, PARQUET) else _checked(read_json(call.body))
            return own(call.media_type or JSON_TYPES[0], content)
        if call.media_type == CSV:
            return predictor.read({"dataframe_split": _table(call.body)})
        return predictor.read(_checked(read_rows(call.body, predictor.takes_arrays)))

    def write(self, call: Call, result: dict[str, Any]) -> bytes:
        return to_json({"predictions": result["predictions"]})


def _checked(document: Any) -> dict:
    allowed = ", ".join(FORMATS)
    if not isinstance(document, dict):
        raise BadInput(f"The input must be a JSON dictionary with exactly one of the input fields {allowed}.")
    found = [key for key in FORMATS if key in document]
    if len(found) != 1:
        has = ", ".join(map(repr, document)) or "none"
        raise BadInput(f"The input must have exactly one of the input fields {allowed}; it has {has}.")
    return {key: value for key, value in document.items() if key in (found[0], "params")}


def _table(body: bytes) -> dict[str, list]:
    try:
        lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"The CSV cannot be read: {error}") from None
    if not lines:
        raise BadInput("The CSV is empty: its first line names the columns.")
    columns, *rows = [line for line in lines if line]
    for number, row in enumerate(rows, 2):
        if len(row) != len(columns):
            raise BadInput(f"Line {number} of the CSV has {len(row)} values for {len(columns)} columns.")
    return {"columns": columns, "data": [[_value(text) for text in row] for row in rows]}


def _value(text: str) -> Any:
    """As pandas would read it: a number where it is one, nothing where nothing stands."""
    if not text:
        return None
    try:
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError:
        return text
