"""Requests written as CSV: each row becomes one, or is one where a single column holds JSON (Azure's way, §3.5)."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from profiling.errors import SamplesInvalid
from profiling.samples import cells, documents, forms
from profiling.samples.taken import MOST_BODIES, MOST_BODY_BYTES
from registry.models import ModelVersion

_DELIMITERS = (",", ";", "\t", "|")
_MOST_COLUMNS = 200_000
_MOST_BLANK = 10_000
_ADVICE = "Put texts that hold the delimiter or a quote in double quotes, and double the quotes in them."

# A cell may be a whole request; 128 kB is what the module allows.
csv.field_size_limit(MOST_BODY_BYTES)


def bodies(text: str, version: ModelVersion | None) -> Iterator[tuple[int, str]]:
    """(line, body) of each row in `text`. Raises SamplesInvalid."""
    text = _below_name(text)
    if documents.begin(text):
        return documents.bodies(text)
    takes = forms.taken_by(version)
    table = _table(text, takes)
    if table is None:
        return iter(())
    if table.is_of_bodies():
        return ((line, documents.checked(line, row[0].strip())) for line, row in table.rows())
    return _requests(table, takes)


def _below_name(text: str) -> str:
    """`text` without a lone name above JSON that nobody put in quotes; its lines keep their numbers."""
    name, _, rest = text.lstrip().partition("\n")
    if not documents.begin(rest) or documents.begin(name) or any(each in name for each in _DELIMITERS):
        return text
    return "\n" * text.count("\n", 0, len(text) - len(rest)) + rest


def _requests(table: "Table", takes: forms.Takes) -> Iterator[tuple[int, str]]:
    kinds = cells.kinds((row for _, row in islice(table.rows(), MOST_BODIES)), table.width)
    types = takes.types(table.names, table.width)
    kinds = [cells.agreed(kind, type_) for kind, type_ in zip(kinds, types, strict=True)]
    write: Callable[[list], str] = takes.form(table.names)
    for line, row in table.rows():
        yield line, write([cells.value(cell, kind) for cell, kind in zip(row, kinds, strict=True)])


@dataclass(frozen=True, slots=True)
class Table:
    """`names` are those of the columns, None without a first line that names them; `skipped` columns come first and
    count for nothing. Its rows are read anew each time: together they may be large."""

    text: str
    delimiter: str
    names: list[str] | None
    width: int
    skipped: int

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line, cells). Raises SamplesInvalid for a row of another width."""
        wanted = self.width + self.skipped
        for line, row in islice(_records(self.text, self.delimiter), 0 if self.names is None else 1, None):
            if len(row) != wanted:
                said = f"This row has {len(row):,} values; the first line has {wanted:,}."
                raise SamplesInvalid.at(line, said, advice=_ADVICE)
            yield line, row[self.skipped :]

    def is_of_bodies(self) -> bool:
        return self.width == 1 and any(documents.begin(row[0]) for _, row in islice(self.rows(), 1))


def _table(text: str, takes: forms.Takes) -> Table | None:
    delimiter = max(_DELIMITERS, key=lambda each: _width(text, each))
    line, first = next(_records(text, delimiter), (0, []))
    if not first:
        return None
    if len(first) > _MOST_COLUMNS:
        raise SamplesInvalid.at(line, f"This line has {len(first):,} values; {_MOST_COLUMNS:,} is the most.")
    # What pandas writes beside the columns unless it is told not to: the rows' numbers, under no name.
    skipped = int(len(first) > 1 and not first[0].strip() and all(cell.strip() for cell in first[1:]))
    names = [cell.strip() for cell in first[skipped:]]
    if not _are_names(names, takes):
        return Table(text, delimiter, None, len(first), 0)
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        said = f"The first line names the column {name[:60]!r} {times} times."
        raise SamplesInvalid.at(line, said, advice="Give each column a name of its own, above the rows.")
    return Table(text, delimiter, names, len(names), skipped)


def _are_names(first: list[str], takes: forms.Takes) -> bool:
    """Whether a first line names columns: no value stands in it, or names that the model knows, or 0, 1, 2 ... as
    pandas numbers columns without names."""
    if takes.names & set(first) or (len(first) > 1 and first == [str(at) for at in range(len(first))]):
        return True
    return not any(cells.is_value(cell) or documents.begin(cell) for cell in first)


def _width(text: str, delimiter: str) -> int:
    try:
        return len(next(_records(text, delimiter), (0, []))[1])
    except SamplesInvalid:
        return 0


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line it begins in, cells) of each row that is not blank."""
    reader = csv.reader(_lines(text), delimiter=delimiter, skipinitialspace=True, strict=True)
    line, blank = 1, 0
    try:
        for row in reader:
            if len(row) > 1 or any(cell.strip() for cell in row):
                yield line, row
            elif (blank := blank + 1) > _MOST_BLANK:
                raise SamplesInvalid.at(line, f"More than {_MOST_BLANK:,} lines are blank.", advice="Leave them out.")
            line = reader.line_num + 1
    except csv.Error as error:
        raise SamplesInvalid.at(line, f"The CSV cannot be read: {error}.", advice=_ADVICE) from None


def _lines(text: str) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > MOST_BODY_BYTES:
            raise SamplesInvalid.at(number, f"This line has {len(line):,} characters; {MOST_BODY_BYTES:,} is the most.")
        yield line
