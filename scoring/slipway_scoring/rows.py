"""The JSON forms a caller may send rows in, made one: values, and column names where they were given."""

from dataclasses import dataclass
from typing import Any

from slipway_scoring.errors import BadInput

KEYS = ("data", "input_data", "dataframe_split", "dataframe_records", "inputs", "instances")


@dataclass(frozen=True, slots=True)
class Rows:
    """`values` is a list of rows, or an array of numbers; `columns` names their values, None when the caller did not.

    `records`: each row is an object instead, and `columns` is None."""

    values: Any
    columns: list | None = None
    records: bool = False


def payload(document: Any) -> Any:
    """What stands under the one accepted key; a bare list stands for itself."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        raise BadInput(f"The body must be a JSON object or a list of rows, not {_kind(document)}.")
    found = [key for key in KEYS if key in document]
    if len(found) != 1:
        has = ", ".join(map(repr, document)) or "no keys"
        raise BadInput(f"The body must have one of the keys {', '.join(KEYS)}; it has {has}.")
    return document[found[0]]


def read(document: Any) -> Rows:
    """Raises BadInput when `document` holds no rows in any of the accepted forms."""
    value = payload(document)
    if isinstance(value, dict):
        return _split(value)
    if hasattr(value, "dtype"):
        return Rows(value)
    if not isinstance(value, list):
        raise BadInput(f"Rows must be a list, not {_kind(value)}.")
    if not value:
        raise BadInput("There are no rows: the list is empty.")
    return Rows(value, records=isinstance(value[0], dict))


def _split(value: dict) -> Rows:
    if "data" not in value and value and all(isinstance(column, list) for column in value.values()):
        return _by_column(value)
    data, columns = value.get("data"), value.get("columns")
    if not isinstance(data, list):
        raise BadInput('An object of rows must look like {"columns": [...], "data": [[...], ...]}.')
    if not data:
        raise BadInput("There are no rows: the list is empty.")
    if columns is not None and not _are_names(columns):
        raise BadInput("columns must be a list of names.")
    return Rows(data, columns)


def _by_column(value: dict[str, list]) -> Rows:
    lengths = {len(column) for column in value.values()}
    if len(lengths) > 1:
        raise BadInput(f"The columns have different lengths: {', '.join(map(str, sorted(lengths)))}.")
    if lengths == {0}:
        raise BadInput("There are no rows: the columns are empty.")
    return Rows([list(row) for row in zip(*value.values(), strict=True)], list(value))


def _are_names(columns: Any) -> bool:
    return isinstance(columns, list) and all(isinstance(name, (str, int, float)) for name in columns)


def in_order(rows: Rows, wanted: list) -> list[list]:
    """The rows' values in the order of `wanted`. Raises BadInput for a missing column; ignores extra ones."""
    if rows.records:
        return [_record(record, wanted, number) for number, record in enumerate(rows.values, 1)]
    if rows.columns is None or rows.columns == wanted:
        return rows.values
    place = {name: index for index, name in enumerate(rows.columns)}
    _check_missing([name for name in wanted if name not in place], "")
    for number, row in enumerate(rows.values, 1):
        if not isinstance(row, list) or len(row) != len(rows.columns):
            raise BadInput(f"Row {number} must be a list of {len(rows.columns)} values, one for each column.")
    order = [place[name] for name in wanted]
    return [[row[index] for index in order] for row in rows.values]


def _record(record: Any, wanted: list, number: int) -> list:
    if not isinstance(record, dict):
        raise BadInput(f"Row {number} must be an object like the first one, not {_kind(record)}.")
    try:
        return [record[name] for name in wanted]
    except KeyError:
        _check_missing([name for name in wanted if name not in record], f" in row {number}")
        raise


def _check_missing(missing: list, where: str) -> None:
    if missing:
        shown = ", ".join(map(str, missing[:10])) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
        raise BadInput(f"Missing columns{where}: {shown}.")


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return names.get(type(value), "a number")
