"""Latencies counted in buckets, as HDR histograms do: memory stays the same however many there are."""

from array import array
from bisect import bisect_left
from itertools import accumulate

# Microseconds below 512 have a bucket each; above, each doubling has 256, so a bucket's middle is at most 0.2 % off.
_BITS = 9
_HALF = 1 << (_BITS - 1)
_LONGEST_US = (1 << 32) - 1  # 71 minutes
_BUCKETS = (32 - _BITS + 2) * _HALF


class Latencies:
    __slots__ = ("_counts", "count", "max_s", "sum_s")

    def __init__(self) -> None:
        self._counts = array("Q", bytes(8 * _BUCKETS))
        self.count = 0
        self.sum_s = 0.0
        self.max_s = 0.0

    def add(self, seconds: float) -> None:
        microseconds = int(seconds * 1e6)
        if microseconds < 512:
            self._counts[microseconds if microseconds > 0 else 0] += 1
        else:
            shift = min(microseconds, _LONGEST_US).bit_length() - _BITS
            self._counts[shift * _HALF + (min(microseconds, _LONGEST_US) >> shift)] += 1
        self.count += 1
        self.sum_s += seconds
        if seconds > self.max_s:
            self.max_s = seconds

    def include(self, other: "Latencies") -> None:
        self._counts = array("Q", map(int.__add__, self._counts, other._counts))
        self.count += other.count
        self.sum_s += other.sum_s
        self.max_s = max(self.max_s, other.max_s)

    @property
    def mean_ms(self) -> float | None:
        return self.sum_s / self.count * 1000 if self.count else None

    @property
    def max_ms(self) -> float | None:
        return self.max_s * 1000 if self.count else None

    def percentile_ms(self, percent: float) -> float | None:
        """The least latency that `percent` of all do not exceed; None when there is none at all."""
        if not self.count:
            return None
        wanted = max(percent / 100 * self.count, 1)
        bucket = bisect_left(list(accumulate(self._counts)), wanted)
        return min(_middle_us(bucket) / 1000, self.max_s * 1000)


def _middle_us(bucket: int) -> float:
    if bucket < 2 * _HALF:
        return bucket + 0.5
    shift = bucket // _HALF - 1
    return ((bucket - shift * _HALF) + 0.5) * (1 << shift)
