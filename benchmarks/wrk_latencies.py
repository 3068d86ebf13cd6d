"""What wrk measured, without its correction.

When wrk is done it adds latencies that it thinks it left out (stats.c, stats_correct): with `interval` the mean time of
a connection's request, to each latency of at least twice that it adds itself less one interval, less two, and so on.
In a closed load nothing was left out: no request was due while its connection waited. What is added can be taken away
again, from the longest latency down, because it is always shorter than what it is added for."""

import re
from bisect import bisect_left
from itertools import accumulate

LUA = r"""
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
done = function(summary, latency)
  io.write(string.format("summary %d %d\n", summary.requests, summary.duration))
  for index = 1, #latency do
    io.write(string.format("latency %d %d\n", latency(index)))
  end
end
"""


class Latencies:
    """`corrected` and what is left without the correction: how often each number of microseconds was measured."""

    def __init__(self, requests: int, microseconds: int, connections: int, corrected: dict[int, int]) -> None:
        self.requests = requests
        self.seconds = microseconds / 1e6
        self._said = corrected
        self._measured = uncorrected(corrected, microseconds // max(requests // connections, 1))
        counted = sum(self._measured.values())
        if abs(counted - requests) > 0.001 * requests:
            raise SystemExit(f"wrk's correction could not be undone: {counted} latencies of {requests} requests")

    def percentile_ms(self, percent: float) -> float:
        return _percentile_ms(self._measured, percent)

    def said_ms(self, percent: float) -> float:
        """As wrk reports it."""
        return _percentile_ms(self._said, percent)

    @property
    def max_ms(self) -> float:
        return max(self._measured) / 1000


def read(text: str) -> Latencies:
    """Of what wrk printed with LUA."""
    requests, microseconds = map(int, re.search(r"^summary (\d+) (\d+)$", text, re.MULTILINE).groups())
    connections = int(re.search(r"and (\d+) connections", text)[1])
    pairs = re.findall(r"^latency (\d+) (\d+)$", text, re.MULTILINE)
    return Latencies(requests, microseconds, connections, {int(value): int(count) for value, count in pairs})


def uncorrected(counts: dict[int, int], interval: int) -> dict[int, int]:
    left = dict(counts)
    for value in sorted(counts, reverse=True):
        if value < 2 * interval or not left[value]:
            continue
        for shorter in range(value - interval, interval, -interval):
            left[shorter] -= left[value]
    return {value: count for value, count in left.items() if count}


def _percentile_ms(counts: dict[int, int], percent: float) -> float:
    values = sorted(counts)
    sums = list(accumulate(counts[value] for value in values))
    return values[bisect_left(sums, percent / 100 * sums[-1])] / 1000
