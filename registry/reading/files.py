"""Files to read facts from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class FactFile:
    """A file to read facts from: its path, and how to open it. `digest` of its content spares reading it twice."""

    path: str
    open: Callable[[], BinaryIO]
    digest: str = ""

    @property
    def suffix(self) -> str:
        return "." + self.path.rsplit(".", 1)[-1].lower() if "." in self.path else ""

    @property
    def basename(self) -> str:
        return self.path.rsplit("/", 1)[-1]


class Part:
    """Bytes `begin` to `begin + size` of a stream that can seek, as a stream.

    A file that says of itself how far to seek may say anything: past the end there is nothing, whatever the system
    thinks of such a place."""

    def __init__(self, stream: BinaryIO, begin: int, size: int) -> None:
        self._stream, self._begin, self._size, self._at = stream, begin, max(size, 0), 0

    @classmethod
    def whole(cls, stream: BinaryIO) -> "Part":
        return cls(stream, 0, stream.seek(0, 2))

    def seekable(self) -> bool:
        return True

    def seek(self, to: int, whence: int = 0) -> int:
        self._at = max(0, to + (0, self._at, self._size)[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(self._size - self._at, 0)
        if not left:
            return b""
        self._stream.seek(self._begin + self._at)
        piece = self._stream.read(left if size < 0 else min(size, left))
        self._at += len(piece)
        return piece


class Rewound:
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, stream) -> None:
        self._head, self._stream = head, stream

    def seekable(self) -> bool:
        return not self._head and getattr(self._stream, "seekable", lambda: False)()

    def seek(self, to: int, whence: int = 0) -> int:
        return self._stream.seek(to, whence)

    def read(self, size: int) -> bytes:
        if not self._head:
            return self._stream.read(size)
        piece, self._head = self._head[:size], self._head[size:]
        return piece
