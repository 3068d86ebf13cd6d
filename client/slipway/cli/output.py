"""Results on standard output: JSON, a table for people, or tab-separated values for scripts.

Without `-o`, a list is a table on a terminal; everything else is JSON.
"""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from slipway.cli.report import clean

FORMS = ("json", "table", "tsv")

Columns = dict[str, Callable[[dict[str, Any]], Any]]
"""Heading -> how to get the cell out of a row."""


def show(data: Any, *, form: str | None, query: str | None, columns: Columns | None = None) -> None:
    if query is not None:
        data, columns = compiled(query).search(data), None
    if form is None:
        form = "table" if isinstance(data, list) and columns and sys.stdout.isatty() else "json"
    text = {"json": _json, "table": _table, "tsv": _tsv}[form](data, columns)
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

    def cell(row: dict[str, Any]) -> str | None:
        text = row.get(key)
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M") if text else text

    return cell
