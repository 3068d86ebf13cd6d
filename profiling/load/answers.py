"""Answers of HTTP/1.1, read as they arrive: where each ends and what status it has, and of a refusal the text."""

_HEAD, _LENGTH, _CHUNKS, _UNTIL_CLOSE = range(4)
_MOST_HEAD = 256 * 1024
_MOST_KEPT = 8000  # bytes: 2000 characters, whichever they are


class AnswerBroken(Exception):
    """What came is not an answer."""


class AnswerReader:
    """Reads one answer at a time. Once one is whole, `status` and `keeps_open` tell of it until `begin`."""

    __slots__ = ("_after_chunk", "_buffer", "_left", "_reading", "_text", "_trailers", "keeps_open", "status")

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self._reading = _HEAD
        self._buffer = self._text = b""
        self.status = 0

    @property
    def text(self) -> str:
        """Of a refusal (status 400 or more), its first 2000 characters."""
        return self._text.decode(errors="replace")[:2000]

    def feed(self, data: bytes) -> bool:
        """True once the answer is whole. Raises AnswerBroken; more than one answer is broken too."""
        if self._reading is _HEAD:
            if not self._buffer and self._is_plain(data):
                return True
            rest = self._head(data)
            if rest is None:
                return False
            data = rest
        if self._reading is _LENGTH:
            self._left -= len(data)
            if self.status >= 400:
                self._keep(data)
            if self._left < 0:
                raise AnswerBroken("more bytes came than the answer's Content-Length")
            return self._left == 0
        if self._reading is _CHUNKS:
            return self._chunks(data)
        self._keep(data)
        return False

    def _is_plain(self, data: bytes) -> bool:
        """Whether this is what nearly every answer is, one success with its length, whole. The quickest way to know:
        the next request waits for it."""
        end = data.find(b"\r\n\r\n")
        if end < 0 or data[:10] != b"HTTP/1.1 2":
            return False
        head = data[:end].lower()
        at = head.find(b"\r\ncontent-length: ")
        if at < 0 or b"\r\nconnection:" in head or b"\r\ntransfer-encoding:" in head:
            return False
        length = head[at + 18 :].partition(b"\r\n")[0]
        if not length.isdigit() or int(length) != len(data) - end - 4 or not head[9:12].isdigit():
            return False
        self.status, self.keeps_open = int(head[9:12]), True
        return True

    def ended(self) -> bool:
        """The server closed the connection: whether that makes the answer whole."""
        return self._reading is _UNTIL_CLOSE

    def _head(self, data: bytes) -> bytes | None:
        """What follows the head, once it is complete."""
        if self._buffer:
            data = self._buffer + data
        end = data.find(b"\r\n\r\n")
        if end < 0 or data[:7] != b"HTTP/1.":
            if data[:7] != b"HTTP/1."[: len(data)] or len(data) > _MOST_HEAD:
                raise AnswerBroken(f"this is not HTTP/1.1: {data[:100]!r}")
            self._buffer = data
            return None
        self._buffer = b""
        self._read_head(data[:end].lower())
        rest = data[end + 4 :]
        if 100 <= self.status < 200:  # an interim answer, the final one follows
            self._reading = _HEAD
            return self._head(rest) if rest else None
        return rest

    def _read_head(self, head: bytes) -> None:
        code = head[9:12]
        if not code.isdigit() or code < b"100":
            raise AnswerBroken(f"the answer has no status: {head[:100]!r}")
        self.status = int(code)
        connection = _value(head, b"\r\nconnection:")
        self.keeps_open = (b"close" not in connection) if head[7:8] != b"0" else b"keep-alive" in connection
        self._left = 0
        if self.status in (204, 304) or self.status < 200:
            self._reading = _LENGTH
        elif b"chunked" in _value(head, b"\r\ntransfer-encoding:"):
            self._reading, self._after_chunk, self._trailers = _CHUNKS, False, False
        elif length := _value(head, b"\r\ncontent-length:"):
            if not length.isdigit():
                raise AnswerBroken(f"the answer's Content-Length is {length!r}")
            self._reading, self._left = _LENGTH, int(length)
        else:
            self._reading, self.keeps_open = _UNTIL_CLOSE, False

    def _chunks(self, data: bytes) -> bool:
        data, at = self._buffer + data, 0
        self._buffer = b""
        while True:
            if self._left:
                part = data[at : at + self._left]
                at += len(part)
                self._left -= len(part)
                self._keep(part)
                if self._left:
                    return False
            end = data.find(b"\r\n", at)
            if end < 0:
                self._buffer = data[at:]
                if len(self._buffer) > _MOST_HEAD:
                    raise AnswerBroken("a chunk of the answer has no size")
                return False
            line, at = data[at:end], end + 2
            if self._trailers:
                if not line:
                    break
            elif self._after_chunk:
                if line:
                    raise AnswerBroken("a chunk of the answer is longer than it says")
                self._after_chunk = False
            else:
                self._left = _chunk_size(line)
                self._after_chunk, self._trailers = self._left > 0, self._left == 0
        if at != len(data):
            raise AnswerBroken("more bytes came after the answer's last chunk")
        return True

    def _keep(self, data: bytes) -> None:
        if self.status >= 400 and len(self._text) < _MOST_KEPT:
            self._text += data[: _MOST_KEPT - len(self._text)]


def _value(head: bytes, name: bytes) -> bytes:
    """Of the header in a head of small letters; empty when it is not there."""
    at = head.find(name)
    if at < 0:
        return b""
    at += len(name)
    end = head.find(b"\r\n", at)
    return head[at : end if end >= 0 else len(head)].strip()


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not digits or digits.strip(b"0123456789abcdefABCDEF"):
        raise AnswerBroken(f"a chunk of the answer has the size {digits[:40]!r}")
    return int(digits, 16)
