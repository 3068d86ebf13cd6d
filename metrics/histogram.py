"""Latencies counted in buckets: they add up over slots, revisions and gateways, and percentiles stay right."""

import math
from collections.abc import Iterable, Mapping

_PER_DECADE = 20
_LOWEST_S = 0.0001
_HIGHEST_S = 60.0

BOUNDS_S = tuple(
    _LOWEST_S * 10 ** (n / _PER_DECADE) for n in range(math.ceil(math.log10(_HIGHEST_S / _LOWEST_S) * _PER_DECADE) + 1)
)
"""Upper bounds in seconds, each 12 % above the one before; a last bucket without a bound takes what is longer."""

Buckets = Mapping[str, int]
"""Counts by the bucket's number, in decimal digits as JSON has its keys; empty ones are left out."""


def percentiles_ms(buckets: Buckets, shares: Iterable[float]) -> list[float | None]:
    """For each of `shares`, what so many of the latencies stay within, in milliseconds; None when there are none.

    It lies in the right bucket, so it is off by 12 % at most; what is beyond the last bound counts as that."""
    counts = sorted((int(key), count) for key, count in buckets.items())
    total = sum(buckets.values())
    return [_within_ms(counts, share * total) for share in shares]


def _within_ms(counts: list[tuple[int, int]], left: float) -> float | None:
    for number, count in counts:
        if count and left <= count:
            low = BOUNDS_S[number - 1] if number else _LOWEST_S / 2
            high = BOUNDS_S[min(number, len(BOUNDS_S) - 1)]
            return 1000 * low * (high / low) ** (left / count)
        left -= count
    return None
