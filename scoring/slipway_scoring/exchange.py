"""One request and the place its answer takes on its connection."""

from http import HTTPStatus
from typing import Protocol

STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
CLOSE = b"connection: close\r\n"
LAST_CHUNK = b"0\r\n\r\n"


class Request:
    """`path` and `query` as they were sent, still quoted; header names in lower case. `body` is None when it was
    larger than the server takes."""

    __slots__ = ("body", "headers", "method", "path", "query")

    def __init__(self, method: str, path: str, query: str, headers: list[tuple[bytes, bytes]]) -> None:
        self.method, self.path, self.query, self.headers = method, path, query, headers
        self.body: bytes | None = b""

    def header(self, name: bytes) -> bytes:
        return header_of(self.headers, name)


def header_of(headers: list[tuple[bytes, bytes]], name: bytes) -> bytes:
    """The first of that name, in lower case; empty where it was not sent."""
    return next((value for given, value in headers if given == name), b"")


class Line(Protocol):
    """What an exchange needs of its connection."""

    @property
    def date(self) -> bytes:
        """A whole header line."""

    @property
    def stopping(self) -> bool:
        """Whether every answer is the last of its connection."""

    def flush(self) -> None:
        """Send what is ready."""

    def abort(self) -> None: ...


class Exchange:
    """A request's place among those of its connection. Answered once, from the event loop."""

    __slots__ = ("_close", "_connection", "_head_only", "_old", "_parts", "gone", "whole")

    def __init__(self, connection: Line, close: bool, head_only: bool = False, old: bool = False) -> None:
        """`close`: the last of its connection; `old`: asked in HTTP/1.0."""
        self._connection, self._close, self._head_only, self._old = connection, close, head_only, old
        self._parts: list[bytes] = []
        self.whole = False
        self.gone = False  # nobody is left to read the answer

    def answer(self, status: int, headers: bytes, body: bytes) -> None:
        """`headers` are whole lines, each ended by CR LF; the length, the date and the connection's are added."""
        self._parts.append(
            b"%b%b%bcontent-length: %d\r\n%b\r\n%b"
            % (
                _status_line(status),
                self._connection.date,
                headers,
                len(body),
                CLOSE if self._closes else b"",
                b"" if self._head_only else body,
            )
        )
        self._end()

    def begin(self, status: int, headers: bytes) -> None:
        """An answer whose length nobody knows: then `send` its pieces, then `end` it."""
        # HTTP/1.0 knows no chunks: there the answer ends with the connection.
        self._close = self._close or self._old
        framing = (b"" if self._old else b"transfer-encoding: chunked\r\n") + (CLOSE if self._closes else b"") + b"\r\n"
        self._parts.append(_status_line(status) + self._connection.date + headers + framing)
        self._connection.flush()

    def send(self, piece: bytes) -> None:
        if piece and not self._head_only:
            self._parts.append(piece if self._old else b"%x\r\n%b\r\n" % (len(piece), piece))
            self._connection.flush()

    def end(self) -> None:
        if not self._head_only and not self._old:
            self._parts.append(LAST_CHUNK)
        self._end()

    def break_off(self) -> None:
        """The answer cannot be finished: the client sees that it is not whole."""
        self._connection.abort()

    @property
    def _closes(self) -> bool:
        self._close = self._close or self._connection.stopping
        return self._close

    def _end(self) -> None:
        self.whole = True
        self._connection.flush()

    def taken(self) -> list[bytes]:
        parts, self._parts = self._parts, []
        return parts

    @property
    def closes_connection(self) -> bool:
        return self._close


def _status_line(status: int) -> bytes:
    return STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
