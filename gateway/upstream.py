"""A keep-alive HTTP/1.1 connection to a replica: one request at a time, bodies streamed both ways."""

import asyncio
import select

import httptools

READ_HIGH_WATER = 256 * 1024
"""Bytes of a reply held for a slow caller before the workload is made to wait."""


class ReplyBroken(Exception):
    """The workload closed the connection or sent something that is not HTTP. `str()` says which."""


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._write_paused = self._read_paused = False
        self._readable = select.poll()
        self.requests = 0
        self.idle_since = 0.0
        self._error: BaseException | None = None
        self._ended = False
        self._reset(bodyless=False)

    def _reset(self, *, bodyless: bool) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.complete = False
        self._head_done = False
        self._bodyless = bodyless
        self._framed = False
        self._keep_alive = False
        self._chunks: list[bytes] = []
        self._buffered = 0

    # One exchange, as the proxy sees it.

    def begin(self, *, bodyless: bool) -> None:
        """Make ready for the next request; `bodyless`: its reply has none whatever it says (HEAD)."""
        self.requests += 1
        self._reset(bodyless=bodyless)

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    async def drain(self) -> None:
        """Wait while the workload takes data more slowly than it is written."""
        while self._write_paused and not self._error:
            self._drained = self._loop.create_future()
            await self._drained
        if self._error:
            raise self._error

    async def head(self) -> None:
        """Wait until `status` and `headers` are known. Raises ReplyBroken, or what `fail` was given."""
        while not self._head_done:
            await self._news()

    async def read(self) -> bytes:
        """The next part of the reply's body; b"" at its end. Raises like `head`."""
        while not self._chunks:
            if self.complete:
                return b""
            await self._news()
        data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self._buffered = 0
        if self._read_paused:
            self._read_paused = False
            self.transport.resume_reading()
        return data

    def fail(self, error: BaseException) -> None:
        """End the exchange: whoever waits for it gets `error`, the workload sees the connection go."""
        if self._error is None:
            self._error = error
        self.transport.abort()
        self._wake()

    def close(self) -> None:
        self.transport.abort()

    @property
    def at_end(self) -> bool:
        """The reply is complete and all of it has been read."""
        return self.complete and not self._chunks

    @property
    def reusable(self) -> bool:
        usable = self._keep_alive and not self._ended and not self._error
        return self.complete and usable and not self.transport.is_closing()

    @property
    def unread(self) -> bool:
        """Has something come that the event loop has not read yet? The end of the connection counts too."""
        return bool(self._readable.poll(0))

    async def let_tls_speak(self) -> None:
        """TLS has messages of its own, a session ticket or a new key, that say nothing about the connection.
        The event loop gets its turns to read them: uvloop needs one, asyncio's two."""
        for _ in range(2):
            if self.unread:
                await asyncio.sleep(0)

    @property
    def stale(self) -> bool:
        """While idle: has the workload closed it, or said something unasked? Looks at the socket itself,
        because the event loop may not have come to read it yet."""
        return self.transport.is_closing() or self._ended or self._error is not None or self.unread

    async def _news(self) -> None:
        if self._error:
            raise self._error
        self._waiter = self._loop.create_future()
        await self._waiter

    def _wake(self) -> None:
        for future in (self._waiter, self._drained):
            if future is not None and not future.done():
                future.set_result(None)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self._readable.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.fail(ReplyBroken("its workload sent a reply that is not valid HTTP"))
        self._wake()

    def eof_received(self) -> None:
        # TLS says goodbye in turn before it closes: until then the transport does not count as closing.
        self._ended = True

    def connection_lost(self, exc: Exception | None) -> None:
        if self._head_done and not self._framed and exc is None:
            self.complete = True  # a body without a length ends with the connection
        elif self._error is None:
            self._error = ReplyBroken(self._how_lost())
        self._wake()

    def _how_lost(self) -> str:
        moment = "in the middle of its reply" if self._head_done else "before replying"
        return f"Replica closed connection {moment}"

    def pause_writing(self) -> None:
        self._write_paused = True

    def resume_writing(self) -> None:
        self._write_paused = False
        self._wake()

    # httptools. Once the reply is complete, whatever else comes is not looked at any more.

    def on_message_begin(self) -> None:
        if self.complete and not self._error:
            self._error = ReplyBroken("its workload sent more than one reply")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._head_done:  # trailers
            return
        name = name.lower()
        if name == b"content-length" or name == b"transfer-encoding":
            self._framed = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self.complete:
            return
        self.status = self._parser.get_status_code()
        if self.status < 200:  # 100 Continue, 103 Early Hints: the reply proper follows
            self._reset(bodyless=self._bodyless)
            return
        self._head_done = True
        self._keep_alive = self._parser.should_keep_alive() and not self._bodyless
        if self._bodyless:
            self.complete = True

    def on_body(self, data: bytes) -> None:
        if self.complete:
            return
        self._chunks.append(data)
        self._buffered += len(data)
        if self._buffered > READ_HIGH_WATER and not self._read_paused:
            self._read_paused = True
            self.transport.pause_reading()

    def on_message_complete(self) -> None:
        if self._head_done:
            self.complete = True
