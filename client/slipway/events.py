"""Server-sent events out of lines of text (WHATWG HTML, §9.2.6), as far as the studio uses them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


def lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Whole lines out of a body that comes in pieces; a last line that was cut off is dropped."""
    kept = b""
    for piece in pieces:
        *whole, kept = (kept + piece).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` is "message" for a log line; `data` is the decoded JSON."""

    kind: str
    data: Any


def parse(lines: Iterable[str]) -> Iterator[Event]:
    """Complete events only: one that the connection's end cuts off is dropped, as the standard says."""
    kind, data = "message", []
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield Event(kind, json.loads("\n".join(data)))
            kind, data = "message", []
        elif field == "event":
            kind = value
        elif field == "data":
            data.append(value)
