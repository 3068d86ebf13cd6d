"""The points of a profile as a table."""

from collections.abc import Mapping
from typing import Any

from slipway.cli import figures
from slipway.cli.output import Columns

Row = Mapping[str, Any]


def _load(row: Row) -> str:
    return f"{row['rate']:g}/s" if row["mode"] == "open" else str(row["concurrency"])


def _notes(row: Row) -> str:
    said = {
        "unstable": not row["stable"],
        f"{row['errors']} errors": row["errors"],
        "held back by the load generator": row["generatorBound"],
    }
    return ", ".join(note for note, holds in said.items() if holds)


POINT_COLUMNS: Columns = {
    "Size": lambda row: figures.size(row["cpu"], row["memoryInGB"], onnx=row["onnx"]),
    "AtATime": _load,
    "Requests/s": lambda row: figures.rate(row["throughput"]),
    "P50Ms": lambda row: figures.milliseconds(row["p50Ms"]),
    "P95Ms": lambda row: figures.milliseconds(row["p95Ms"]),
    "P99Ms": lambda row: figures.milliseconds(row["p99Ms"]),
    "CPU": lambda row: figures.cores(row["cpuUsed"]),
    "Memory": lambda row: figures.memory(row["memoryBytes"]),
    "Notes": _notes,
}
"""Of rows as `shapes.camel` spells them. `AtATime` is requests at a time, or `120/s` where they came at a rate."""
_WIDTHS = (22, 8, 10, 8, 8, 8, 6, 8)


def heading() -> str:
    return _line(POINT_COLUMNS)


def line(row: Row) -> str:
    """The same table one line at a time, when the later ones are not known yet."""
    return _line(column(row) for column in POINT_COLUMNS.values())


def _line(cells: Any) -> str:
    first, *rest = cells
    *numbers, notes = rest
    told = [first.ljust(_WIDTHS[0]), *(cell.rjust(width) for cell, width in zip(numbers, _WIDTHS[1:], strict=True))]
    return f"{'  '.join(told)}  {notes}".rstrip()
