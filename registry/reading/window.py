"""A stream read forwards through a window of bounded size; what need not be seen is skipped by seeking."""

from typing import BinaryIO

from registry.reading.budget import Budget

PIECE = 1024 * 1024
_SEEK_FROM = PIECE
MOST_LINE = PIECE


class Ended(Exception):
    """The stream ends, or a line does not, before what was asked for."""


class Window:
    """`data` from `pos` on is what comes next; `offset` counts from the stream's beginning."""

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        self._stream, self._budget = stream, budget
        self._begin = 0
        self.data, self.pos = b"", 0

    @property
    def offset(self) -> int:
        return self._begin + self.pos

    def fill(self, need: int) -> bool:
        """Whether `need` bytes come next; reads on for them."""
        if len(self.data) - self.pos >= need:
            return True
        self._budget.check()
        parts, have = [self.data[self.pos :]], len(self.data) - self.pos
        self._begin += self.pos
        self.pos = 0
        while have < need and (piece := self._stream.read(max(PIECE, min(need - have, 4 * PIECE)))):
            parts.append(piece)
            have += len(piece)
        self.data = b"".join(parts)
        return have >= need

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, or as many as there are; they stay."""
        self.fill(size)
        return self.data[self.pos : self.pos + size]

    def take(self, size: int) -> bytes:
        """Raises Ended."""
        if not self.fill(size):
            raise Ended
        self.pos += size
        return self.data[self.pos - size : self.pos]

    def line(self) -> bytes:
        """Up to the next newline, without it. Raises Ended for one that is too long, too."""
        end = self.data.find(b"\n", self.pos)
        if end < 0:
            self.fill(MOST_LINE)
            end = self.data.find(b"\n", self.pos)
        if end < 0:
            raise Ended
        line = self.data[self.pos : end]
        self.pos = end + 1
        return line

    def skip(self, size: int) -> None:
        """Raises Ended when fewer bytes come."""
        left = size - (len(self.data) - self.pos)
        if left <= 0:
            self.pos += size
            return
        self._begin += len(self.data) + left
        self.data, self.pos = b"", 0
        if left > _SEEK_FROM and _seekable(self._stream):
            self._seek(left)
        else:
            self._read_over(left)

    def _seek(self, size: int) -> None:
        # To the last byte, and over it: seeking alone would go past the end without a word.
        self._stream.seek(size - 1, 1)
        self._read_over(1)

    def _read_over(self, size: int) -> None:
        while size:
            self._budget.check()
            piece = self._stream.read(min(size, PIECE))
            if not piece:
                raise Ended
            size -= len(piece)

    def rest(self):
        """What is left, piece by piece."""
        yield self.data[self.pos :]
        self._begin += len(self.data)
        self.data, self.pos = b"", 0
        while piece := self._stream.read(PIECE):
            self._budget.check()
            yield piece


class WindowOnBytes(Window):
    """Over what is in memory already."""

    def __init__(self, data: bytes) -> None:
        self._begin, self.pos, self.data = 0, 0, data

    def fill(self, need: int) -> bool:
        return len(self.data) - self.pos >= need

    def skip(self, size: int) -> None:
        self.take(size)


def _seekable(stream: BinaryIO) -> bool:
    return getattr(stream, "seekable", lambda: False)()
