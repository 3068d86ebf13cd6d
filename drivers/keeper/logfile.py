"""What a workload wrote, with the time of each line, in two files of bounded size.

A line is `<seconds since the epoch> <o|e|s> <text>`. Times grow strictly, so that a reader who asks
for what came after the last line it has gets every later line once.
"""

import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

LIMIT_BYTES = 8 * 2**20
LINE_BYTES = 64 * 2**10
_LETTER = {"stdout": "o", "stderr": "e", "slipway": "s"}
_LINE = re.compile(r"(\d+\.\d+) ([oes]) (.*)\n")
_STREAM = {letter: stream for stream, letter in _LETTER.items()}


class LogFile:
    """The writing side; one per keeper."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "log"
        self._lock = threading.Lock()
        self._file = self._opened()
        self._last = _last_time(self._path)

    def write(self, stream: str, text: str) -> None:
        with self._lock:
            self._last = max(time.time(), self._last + 1e-6)
            line = f"{self._last:.6f} {_LETTER[stream]} {text}\n"
            self._file.write(line.encode("utf-8", "replace"))
            if self._file.tell() > LIMIT_BYTES:
                self._rotate()

    def copy(self, stream: str, pipe: BinaryIO) -> None:
        """Write down what comes through `pipe` until its other end is closed."""
        with pipe:
            while line := pipe.readline(LINE_BYTES):
                self.write(stream, line.decode("utf-8", "replace").rstrip("\r\n"))

    def _opened(self) -> BinaryIO:
        return open(self._path, "ab", buffering=0)

    def _rotate(self) -> None:
        self._file.close()
        self._path.replace(self._path.with_name("log.1"))
        self._file = self._opened()


def read(folder: Path, since: float) -> Iterator[tuple[float, str, str]]:
    """(time, stream, text) of every whole line written after `since`, oldest first."""
    newer, older = _open(folder / "log"), _open(folder / "log.1")
    # Opened newest first: had the files been rotated in between, both are the same file, and none is missed.
    if newer and older and os.path.samestat(os.fstat(newer.fileno()), os.fstat(older.fileno())):
        newer.close()
        newer = None
    for file in (older, newer):
        if file:
            with file:
                yield from _after(file, since)


def _open(path: Path) -> BinaryIO | None:
    try:
        return open(path, "rb")
    except (FileNotFoundError, NotADirectoryError):
        return None


def _after(file: BinaryIO, since: float) -> Iterator[tuple[float, str, str]]:
    _skip_until(file, since)
    for line in file:
        if not line.endswith(b"\n"):
            return  # still being written
        whole = _LINE.fullmatch(line.decode("utf-8", "replace"))
        if whole and float(whole[1]) > since:
            yield float(whole[1]), _STREAM[whole[2]], whole[3]


def _skip_until(file: BinaryIO, since: float) -> None:
    """Go to a line at or before the first one after `since`. Times grow, so the file can be halved again and again:
    whoever follows a log asks twice a second, and must not read megabytes for a line."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while since and high - low > LINE_BYTES:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline()
        whole = _LINE.fullmatch(file.readline().decode("utf-8", "replace"))
        if whole and float(whole[1]) <= since:
            low = middle
        else:
            high = middle
    file.seek(low)
    if low:
        file.readline()


def _last_time(path: Path) -> float:
    """The time of the last line, for a keeper that follows an earlier one; ends a line that one left open."""
    with open(path, "r+b") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 2 * LINE_BYTES))
        end = file.read()
        if end and not end.endswith(b"\n"):
            file.write(b"\n")
    found = (_LINE.fullmatch(line.decode("utf-8", "replace")) for line in end.splitlines(keepends=True))
    return max((float(whole[1]) for whole in found if whole), default=0.0)
