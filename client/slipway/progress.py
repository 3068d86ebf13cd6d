"""How far a transfer is, how fast, and how long it will take, on standard error where a person is watching."""

import sys
import time
from collections import deque
from typing import TextIO

QUIET_BELOW_BYTES = 4 * 1024 * 1024
REDRAW_S = 0.1
# The speed is that of the last seconds: an average over the whole says nothing of a connection that changed.
WINDOW_S = 5.0


class StatusLine:
    """One line at the bottom of a terminal that is redrawn in place; nothing where nobody is watching."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self.shown = self._stream.isatty()

    def draw(self, text: str) -> None:
        if self.shown:
            self._stream.write(f"\r\x1b[K{text} ")
            self._stream.flush()

    def erase(self) -> None:
        if self.shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


class Progress:
    """One line that is redrawn in place: `Uploading 45 % of 1.2 GB, 23.4 MB/s, 28 s left`."""

    def __init__(self, verb: str, total_bytes: int, stream: TextIO | None = None) -> None:
        self._verb, self._total, self._done = verb, total_bytes, 0
        self._line = StatusLine(stream)
        self._drawn_at = 0.0
        self._marks: deque[tuple[float, int]] = deque()
        self._shown = total_bytes >= QUIET_BELOW_BYTES and self._line.shown

    def advance(self, count: int) -> None:
        """Negative where bytes are sent once more."""
        self._done += count
        if count < 0:
            self._marks.clear()
        now = time.monotonic()
        if self._shown and now - self._drawn_at >= REDRAW_S:
            self._drawn_at = now
            self._mark(now)
            self._draw(f"{100 * self._done // self._total} % of {size_text(self._total)}{self._pace()}")

    def say(self, text: str) -> None:
        """Instead of the pace, until it goes on."""
        self._marks.clear()
        if self._shown:
            self._draw(f"{100 * self._done // self._total} % of {size_text(self._total)}, {text}")

    def close(self) -> None:
        if self._shown:
            self._line.erase()

    def _draw(self, text: str) -> None:
        self._line.draw(f"{self._verb} {text}")

    def _mark(self, now: float) -> None:
        self._marks.append((now, self._done))
        while len(self._marks) > 2 and self._marks[1][0] <= now - WINDOW_S:
            self._marks.popleft()

    def _pace(self) -> str:
        (since, before), (now, done) = self._marks[0], self._marks[-1]
        if now - since < 0.5 or done <= before:
            return ""
        rate = (done - before) / (now - since)
        return f", {size_text(rate)}/s, {time_text((self._total - done) / rate)} left"


def size_text(size_bytes: float) -> str:
    """Decimal units, as the studio's pages show them: `1.2 GB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "bytes" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} TB"


def time_text(seconds: float) -> str:
    """`40 s`, `3 min`, `2 h 10 min`."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
