"""Which backend takes a request: by weight, the same one for a caller that names its session. And which of its
replicas: the one with the least to do."""

import random
import zlib
from collections.abc import Sequence

from gateway.replica import Replica
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


def least_loaded(replicas: Sequence[Replica], tried: Sequence[Replica] = ()) -> Replica | None:
    """By requests in flight and queued; chance decides between equals. None when all were `tried`."""
    left = [each for each in replicas if each not in tried] if tried else replicas
    if len(left) < 2:
        return left[0] if left else None
    # One that accepts no connections always has the least to do.
    willing = [each for each in left if each.refused_at is None] or left
    loads = [each.slots.load for each in willing]
    lowest = min(loads)
    equal = [each for each, load in zip(willing, loads, strict=True) if load == lowest]
    return equal[int(random.random() * len(equal))]
