"""Sample requests as they are kept, and how many of them that is."""

from collections.abc import Iterable
from dataclasses import dataclass

from profiling.errors import SamplesInvalid

MOST_BODIES = 10_000
MOST_TEXT_BYTES = 20 * 1024 * 1024
MOST_BODY_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Samples:
    """`bodies` are JSON texts, sent as they are; `source` is "upload", "version" or "signature"."""

    bodies: tuple[str, ...]
    source: str

    @property
    def size_bytes(self) -> int:
        return sum(len(body.encode()) for body in self.bodies)


def first_of(bodies: Iterable[tuple[int, str]]) -> tuple[str, ...]:
    """The first of (line, body) within the limits; the rest is not read. Raises SamplesInvalid for too long a one."""
    kept: list[str] = []
    total = 0
    for line, body in bodies:
        size = len(body.encode())
        if size > MOST_BODY_BYTES:
            raise SamplesInvalid.at(line, f"This request has {size:,} bytes; {MOST_BODY_BYTES:,} is the most.")
        total += size
        if total > MOST_TEXT_BYTES:
            break
        kept.append(body)
        if len(kept) == MOST_BODIES:
            break
    return tuple(kept)
