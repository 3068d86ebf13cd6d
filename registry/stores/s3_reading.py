"""An object of S3 as a file to read: from anywhere in it, and over connections that break off."""

import io
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, HTTPClientError

from registry.errors import StoreUnavailable

_TRIES = 5
# A step forward of this much is read through: cheaper than another request.
_NEAR = 256 * 1024


class ObjectReader(io.RawIOBase):
    """`get` asks S3 for the object from a position on. Asks at once, so that a missing object is told here."""

    def __init__(self, get: Callable[[int], dict], start: int = 0) -> None:
        super().__init__()
        self._get = get
        self._position = start
        self._at = -1  # where the answer that is being read stands
        self._body = None
        self._size = -1
        self._begin()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the beginning")
        self._position = base + offset
        return self._position

    def readinto(self, buffer) -> int:
        for left in reversed(range(_TRIES)):
            if self._position >= self._size:
                return 0
            try:
                return self._read(buffer)
            # What read so far stands; the rest is asked for anew.
            except (BotoCoreError, HTTPClientError, OSError) as exc:
                self._drop()
                if not left:
                    raise StoreUnavailable(
                        f"S3 broke off {_TRIES} times in the middle of a file.", advice="Try again in a moment."
                    ) from exc
        raise AssertionError("unreachable")

    def _read(self, buffer) -> int:
        ahead = self._position - self._at
        if self._body is None or not 0 <= ahead <= _NEAR:
            self._begin()
        elif ahead:
            self._at += len(self._body.read(ahead))
        piece = self._body.read(len(buffer))
        if not piece:
            raise OSError("the answer ended early")
        buffer[: len(piece)] = piece
        self._at += len(piece)
        self._position = self._at
        return len(piece)

    def _begin(self) -> None:
        self._drop()
        answer = self._get(self._position)
        self._body, self._at = answer["Body"], self._position
        self._size = self._position + answer["ContentLength"]

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
        self._body = None

    def close(self) -> None:
        self._drop()
        super().close()
