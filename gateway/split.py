"""Which backend takes a request: by weight, the same one for a caller that names its session."""

import random
import zlib
from collections.abc import Sequence

from gateway.table import Backend


def choose(backends: Sequence[Backend], session: bytes | None) -> Backend | None:
    """None when no backend has any weight."""
    if len(backends) == 1:
        return backends[0] if backends[0].weight > 0 else None
    # By revision, so that a table loaded in another order keeps sessions where they were.
    ordered = sorted((each for each in backends if each.weight > 0), key=lambda each: each.revision)
    total = sum(each.weight for each in ordered)
    if not total:
        return None
    point = zlib.crc32(session) % total if session else random.randrange(total)
    for backend in ordered:
        point -= backend.weight
        if point < 0:
            return backend
    raise AssertionError("weights do not add up to their own sum")
