"""How far a transfer is, on standard error, and only where a person is watching."""

import sys
import time
from typing import TextIO

QUIET_BELOW_BYTES = 4 * 1024 * 1024
REDRAW_S = 0.1


class Progress:
    """One line that is redrawn in place: `Uploading 45 % of 1.2 GB`."""

    def __init__(self, verb: str, total_bytes: int, stream: TextIO | None = None) -> None:
        self._verb, self._total, self._done = verb, total_bytes, 0
        self._stream = stream or sys.stderr
        self._drawn_at = 0.0
        self._shown = total_bytes >= QUIET_BELOW_BYTES and self._stream.isatty()

    def advance(self, count: int) -> None:
        self._done += count
        if self._shown and time.monotonic() - self._drawn_at >= REDRAW_S:
            self._drawn_at = time.monotonic()
            percent = 100 * self._done // self._total
            self._stream.write(f"\r{self._verb} {percent} % of {size_text(self._total)} ")
            self._stream.flush()

    def close(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def size_text(size_bytes: float) -> str:
    """Decimal units, as the studio's pages show them: `1.2 GB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "bytes" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} TB"
