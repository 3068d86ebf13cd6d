"""The text of somebody's sample requests: JSON lines, one JSON document, or CSV."""

from profiling.errors import SamplesInvalid
from profiling.samples import documents, tables
from profiling.samples.taken import MOST_TEXT_BYTES, Samples, first_of
from registry.models import ModelVersion

FORMATS = ("auto", "jsonl", "csv")
_ADVICE = 'Give one request a line, like {"data": [[1, 2, 3]]}, or CSV whose first line names the columns.'


def read_samples(text: str, *, format: str = "auto", version: ModelVersion | None) -> Samples:
    """The requests in `text`; a row of CSV becomes the request that `version` takes without an entry script.

    Without a version (several models, or a script) it becomes Azure's {"data": [[...]]}. Raises SamplesInvalid."""
    if format not in FORMATS:
        raise SamplesInvalid.of(f"There is no format {format[:60]!r}.", advice=f"Take one of {', '.join(FORMATS)}.")
    text = text.removeprefix("\ufeff")
    _check(text)
    if format == "jsonl" or (format == "auto" and documents.begin(text)):
        bodies = documents.bodies(text)
    else:
        bodies = tables.bodies(text, version)
    kept = first_of(bodies)
    if not kept:
        said = "There is no request among the samples: no JSON, and no row below the names of columns."
        raise SamplesInvalid.of(said, advice=_ADVICE)
    return Samples(kept, "upload")


def _check(text: str) -> None:
    if not text.strip():
        raise SamplesInvalid.of("The sample requests are empty.", advice=_ADVICE)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SamplesInvalid.at(line, "It holds a NUL character.", advice="Save the file as UTF-8 text.")
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise SamplesInvalid.at(line, "It holds half of a surrogate pair.", advice="Send it as UTF-8.") from None
    if size > MOST_TEXT_BYTES:
        said = f"The sample requests have {size:,} bytes; {MOST_TEXT_BYTES:,} is the most."
        raise SamplesInvalid.of(said, advice="A few hundred different requests are enough.")
