"""HTTP/1.1 on one connection: requests go to the application as they arrive, answers go back in the order they were
asked, however they get ready (pipelining). Parsed by httptools; no coroutine, task or timer for a request."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

import httptools

from slipway_scoring.exchange import Exchange, Request
from slipway_scoring.log import logger

KEEP_ALIVE_S = 75.0  # longer than a gateway keeps an idle connection, so that it is never we who close first
HEAD_S = 30.0
BODY_PAUSE_S = 60.0
LINGER_S = 10.0
LARGEST_HEAD_BYTES = 64 * 1024
# Pipelined requests that wait on one connection; with more of them nothing is read from it.
DEEPEST = 128

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


Application = Callable[[Request, Exchange], None]


class Shared:
    """What the connections of one listener share."""

    def __init__(self, application: Application, refuse: Callable[[int, str], tuple[bytes, bytes]], largest: int):
        """`refuse(status, words)` gives headers and body for what is not even a request; `largest` body in bytes."""
        self.application = application
        self.refuse = refuse
        self.largest = largest
        self.connections: set[Connection] = set()
        self.stopping = False
        self.now = time.monotonic()
        self.date = b""
        self.emptied = asyncio.Event()

    def left(self, connection: "Connection") -> None:
        self.connections.discard(connection)
        self.emptied.set()

    def tick(self) -> None:
        """One clock for all connections, instead of a timer for each."""
        self.now = time.monotonic()
        self.date = time.strftime("date: %a, %d %b %Y %H:%M:%S GMT\r\n", time.gmtime()).encode()
        for connection in [each for each in self.connections if each.deadline < self.now]:
            connection.expire()


class Connection(asyncio.Protocol):
    def __init__(self, server: Shared) -> None:
        self.server = server
        self.deadline = server.now + HEAD_S
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport = None  # type: ignore[assignment]
        self._waiting: deque[Exchange] = deque()
        self._request: Request | None = None  # whose body arrives
        self._url, self._headers, self._body, self._size = b"", [], [], 0
        self._begun = False  # a request's first byte is here and its last is not
        self._head_bytes = 0
        self._offered = False  # to speak another protocol
        self._resumed: Request | None = None
        self._refused = False  # answered already: what else arrives is read and dropped
        self._held = False  # nothing is read for now: the client does not read its answers, or has asked too much

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        if self.server.stopping:
            transport.close()
        self.server.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        if self._begun:
            logger.info("A client went away before its request was whole.")
        for exchange in self._waiting:
            exchange.gone = True
        self._waiting.clear()
        self.server.left(self)

    def pause_writing(self) -> None:
        self._held = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        if len(self._waiting) < DEEPEST:
            self._read_on()

    def data_received(self, data: bytes) -> None:
        in_head = self._begun and self._request is None
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError:
            self._refuse(400, "This is not an HTTP/1.1 request.")
            return
        if self._begun and not self._refused:
            self.deadline = self.server.now + (HEAD_S if self._request is None else BODY_PAUSE_S)
        if in_head and self._begun and self._request is None:
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD_BYTES:
                self._refuse(431, f"The headers are larger than {LARGEST_HEAD_BYTES} bytes.")

    def _decline(self, rest: bytes) -> None:
        """An upgrade was offered, not demanded (h2c), and the parser reads no further: another one reads the body,
        as if it came without the offer."""
        self._parser = httptools.HttpRequestParser(self)
        framing = b"".join(
            b"%b: %b\r\n" % header for header in self._headers if header[0] in (b"content-length", b"transfer-encoding")
        )
        self._offered, self._resumed = False, self._request
        self._parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % framing)
        if rest:
            self.data_received(rest)

    # What the parser calls

    def on_message_begin(self) -> None:
        self._begun, self._head_bytes = True, 0
        self._url, self._headers, self._body, self._size = b"", [], [], 0

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self._resumed is not None:
            self._request, self._resumed = self._resumed, None
            return
        self._offered = self._parser.should_upgrade()
        path, _, query = self._url.partition(b"?")
        if not path.startswith(b"/"):
            path = _path_of(self._url)
        self._request = Request(
            self._parser.get_method().decode("latin-1"), path.decode("latin-1"), query.decode("latin-1"), self._headers
        )
        if int(self._request.header(b"content-length") or 0) > self.server.largest:
            self._answer_too_large()
        elif self._request.header(b"expect") and not self._waiting:
            self._transport.write(CONTINUE)

    def on_body(self, piece: bytes) -> None:
        if self._request.body is None:
            return
        self._size += len(piece)
        if self._size > self.server.largest:
            self._answer_too_large()
        else:
            self._body.append(piece)

    def on_message_complete(self) -> None:
        if self._offered:
            return
        request, self._request, self._begun = self._request, None, False
        if self._refused:
            self._transport.close()
            return
        self.deadline = self.server.now + KEEP_ALIVE_S
        if self._body:
            request.body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
            self._body = []
        self.server.application(request, self._exchange(request))
        if len(self._waiting) >= DEEPEST:
            self.pause_writing()

    def _read_on(self) -> None:
        self._held = False
        self._transport.resume_reading()

    # Answers

    def _exchange(self, request: Request) -> Exchange:
        parser = self._parser
        old = parser.get_http_version() == "1.0"
        exchange = Exchange(self, not parser.should_keep_alive(), request.method == "HEAD", old)
        self._waiting.append(exchange)
        return exchange

    def _answer_too_large(self) -> None:
        """At once, so that nobody sends gigabytes for nothing; what comes all the same is dropped, for a client
        reads no answer while it sends."""
        request, self._body = self._request, []
        request.body = None
        exchange = self._exchange(request)
        exchange._close = self._refused = True
        self.deadline = self.server.now + LINGER_S
        self.server.application(request, exchange)

    def flush(self) -> None:
        """Sends what is ready, up to the first answer that is not."""
        if self._transport.is_closing():
            return
        ready, waiting, closes = [], self._waiting, False
        while waiting and not closes:
            exchange = waiting[0]
            ready += exchange.taken()
            if not exchange.whole:
                break
            closes = exchange.closes_connection
            waiting.popleft()
        if ready:
            self._transport.write(ready[0] if len(ready) == 1 else b"".join(ready))
        if closes and not (self._refused and self._begun):
            self._transport.close()
        elif self._held and not waiting and not self._transport.get_write_buffer_size():
            self._read_on()

    def _refuse(self, status: int, words: str) -> None:
        """What cannot be read as a request, and whatever follows it."""
        headers, body = self.server.refuse(status, words)
        exchange = Exchange(self, close=True)
        self._waiting.append(exchange)
        self._begun = False
        exchange.answer(status, headers, body)
        if not self._transport.is_closing():
            self._transport.pause_reading()

    @property
    def date(self) -> bytes:
        return self.server.date

    @property
    def stopping(self) -> bool:
        return self.server.stopping

    # Ends

    def close_if_idle(self) -> None:
        if not self._waiting and not self._begun:
            self._transport.close()

    def expire(self) -> None:
        if self._transport.is_closing():
            self._transport.abort()  # a client that does not read what is left for it
            return
        if self._waiting and not self._refused:
            self.deadline = self.server.now + KEEP_ALIVE_S  # it is we who take long
            return
        self.deadline = self.server.now + LINGER_S
        if self._begun and not self._refused:
            self._refuse(408, "The request did not arrive whole in time.")
        else:
            self._transport.close()

    def abort(self) -> None:
        self._transport.abort()


def _path_of(url: bytes) -> bytes:
    """Of a request that names the whole address, as to a proxy."""
    try:
        return httptools.parse_url(url).path or b"/"
    except httptools.HttpParserInvalidURLError:
        return url
