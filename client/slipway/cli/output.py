"""Results on standard output: JSON, a table for people, or tab-separated values for scripts. `jsonc` is JSON that is
coloured on a terminal.

Without `-o`, a list is a table on a terminal; everything else is JSON.
"""

import json
import re
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from slipway.cli.report import clean

FORMS = ("json", "jsonc", "table", "tsv")

_TOKEN = re.compile(
    r'(?P<key>"(?:\\.|[^"\\])*"(?=: ))|(?P<text>"(?:\\.|[^"\\])*")|(?P<other>-?\d[\d.eE+-]*|true|false|null)'
)
_COLOURS = {"key": 34, "text": 33, "other": 36}

Columns = dict[str, Callable[[dict[str, Any]], Any]]
"""Heading -> how to get the cell out of a row."""


def show(
    data: Any, *, form: str | None, query: str | None, columns: Columns | None = None, rows: str | None = None
) -> None:
    """`rows` is the key of the list that is all a table can show of an object."""
    if query is not None:
        data, columns, rows = compiled(query).search(data), None, None
    listed = data[rows] if rows else data
    if form is None:
        form = "table" if isinstance(listed, list) and columns and sys.stdout.isatty() else "json"
    if form in ("table", "tsv"):
        data = listed
    text = {"json": _json, "jsonc": _coloured, "table": _table, "tsv": _tsv}[form](data, columns)
    if text:
        print(text)


def compiled(query: str) -> Any:
    import jmespath

    try:
        return jmespath.compile(query)
    except jmespath.exceptions.JMESPathError as exc:
        raise click.UsageError(f"--query is not JMESPath: {exc}") from None


def _json(data: Any, columns: Columns | None) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


def _coloured(data: Any, columns: Columns | None) -> str:
    text = _json(data, columns)
    return _TOKEN.sub(_in_colour, text) if sys.stdout.isatty() else text


def _in_colour(found: re.Match[str]) -> str:
    return f"\x1b[{_COLOURS[found.lastgroup]}m{found[0]}\x1b[0m"


def _table(data: Any, columns: Columns | None) -> str:
    rows = [row if isinstance(row, dict) else {"Result": row} for row in _rows(data)]
    if not rows:
        return ""
    columns = columns or {_heading(key): _cell_of(key) for key in rows[0]}
    cells = [list(columns)] + [[_cell(get(row)) for get in columns.values()] for row in rows]
    widths = [max(len(row[at]) for row in cells) for at in range(len(columns))]
    cells.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def _tsv(data: Any, columns: Columns | None) -> str:
    return "\n".join(
        "\t".join(map(_tsv_cell, row.values() if isinstance(row, dict) else row if isinstance(row, list) else [row]))
        for row in _rows(data)
    )


def _rows(data: Any) -> list[Any]:
    if data is None:
        return []
    return data if isinstance(data, list) else [data]


def _tsv_cell(value: Any) -> str:
    """Nested values become their size, as Azure's command line printed them: they are no text."""
    if isinstance(value, dict):
        return ""
    if isinstance(value, list):
        return str(len(value))
    return _scalar(value).replace("\t", " ").replace("\n", " ")


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        value = ", ".join(f"{key}={_scalar(each)}" for key, each in value.items())
    if isinstance(value, list):
        value = ", ".join(_scalar(each) if not isinstance(each, (dict, list)) else "…" for each in value)
    return clean(_scalar(value)).replace("\t", " ").replace("\n", " ")


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cell_of(key: str) -> Callable[[dict[str, Any]], Any]:
    return lambda row: row.get(key)


def _heading(key: str) -> str:
    return key[:1].upper() + key[1:]


def columns(**keys: str) -> Columns:
    """`columns(Name="name")`: headings and the keys their cells come from."""
    return {heading: _cell_of(key) for heading, key in keys.items()}


def minute(key: str) -> Callable[[dict[str, Any]], Any]:
    """A cell with a time to the minute, as this machine's clock shows it."""
    return _time_of(key, "%Y-%m-%d %H:%M")


def second(key: str) -> Callable[[dict[str, Any]], Any]:
    """The same to the second."""
    return _time_of(key, "%Y-%m-%d %H:%M:%S")


def _time_of(key: str, form: str) -> Callable[[dict[str, Any]], Any]:
    def cell(row: dict[str, Any]) -> str | None:
        text = row.get(key)
        return datetime.fromisoformat(text).astimezone().strftime(form) if text else text

    return cell
