"""Bodies of requests as they arrive: an upload's is read by its view, once that has let the sender in."""

import asyncio
import errno
import io
import json
import re
import threading
import time
from concurrent.futures import CancelledError
from contextlib import suppress

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from registry.errors import DiskFull
from studio.http_errors import BodyTooBig, problem
from workspaces.errors import Refusal

UPLOAD = re.compile(r"/api/v1/workspaces/[^/]+/uploads/[^/]+/(files/|tus(/|$))")
SILENCE_S = 60.0
# What a refused sender may still send while it notices: closing at once would lose it the answer.
LINGER_S, LINGER_BYTES = 2.0, 1024 * 1024


class ArrivingBody:
    """A body read from the connection by the view's own thread, so that a slow disk slows the sender down.

    Stands in for ASGI's `receive` on its way through Django's handler, and for the request's file in the view.
    """

    def __init__(self, scope, receive) -> None:
        headers = dict(scope["headers"])
        self.whole = headers.get(b"content-length", b"0") == b"0" and b"transfer-encoding" not in headers
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._held = bytearray()
        self._gone = False
        self._waiting = None
        self._lock = threading.Lock()
        self._heard_at = time.monotonic()

    @property
    def silent_s(self) -> float:
        """Seconds since the sender was last heard."""
        return time.monotonic() - self._heard_at

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes; fewer only at the end, or where the sender broke off.

        Raises ConnectionResetError once all that came of a body broken off has been read."""
        if size is None or size < 0:
            raise io.UnsupportedOperation("an upload is read in pieces")
        with self._lock:
            if not self._gone:
                self._waiting = asyncio.run_coroutine_threadsafe(self._gather(size), self._loop)
        with suppress(CancelledError):
            if self._waiting:
                self._waiting.result()
        piece = bytes(self._held[:size])
        del self._held[:size]
        if not piece and not self.whole and size:
            raise ConnectionResetError("the sender broke off")
        return piece

    async def _gather(self, size: int) -> None:
        while len(self._held) < size and not self.whole and not self._gone:
            await self._next()

    async def _next(self) -> None:
        try:
            async with asyncio.timeout(SILENCE_S):
                message = await self._receive()
        except TimeoutError:
            message = {"type": "http.disconnect"}
        if message["type"] == "http.disconnect":
            self._gone = True
            return
        self._heard_at = time.monotonic()
        self._held += message.get("body", b"")
        self.whole = not message.get("more_body", False)

    def give_up(self) -> None:
        """From any thread: whoever reads gets what is here, then the end."""
        with self._lock:
            self._gone = True
            if self._waiting:
                self._waiting.cancel()

    close = give_up

    async def throw_away(self) -> None:
        thrown = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while not self.whole and thrown < LINGER_BYTES:
                    message = await self._receive()
                    if message["type"] == "http.disconnect":
                        return
                    thrown += len(message.get("body", b""))
                    self.whole = not message.get("more_body", False)


class Handler(ASGIHandler):
    """Django's own, but for bodies: of uploads nothing is read before the view asks for it, and of others
    no more is kept than any address takes."""

    async def handle(self, scope, receive, send) -> None:
        arriving = ArrivingBody(scope, receive)
        sending = _Sending(send, arriving)
        try:
            if UPLOAD.match(scope["path"]):
                await super().handle(scope, arriving, sending)
            else:
                await super().handle(scope, _Bounded(receive), sending.plainly)
        except (BodyTooBig, OSError) as exc:
            if sending.begun or not _is_refusal(exc):
                raise
            await _answer(sending, _refusal(exc))
        finally:
            arriving.close()

    async def read_body(self, receive):
        return receive if isinstance(receive, ArrivingBody) else await super().read_body(receive)

    async def listen_for_disconnect(self, receive) -> None:
        if isinstance(receive, ArrivingBody):
            await asyncio.Future()  # the view notices by itself; it must be let keep what came
        await super().listen_for_disconnect(receive)

    def create_request(self, scope, body_file):
        request, refused = super().create_request(scope, body_file)
        if request and isinstance(body_file, ArrivingBody):
            request._post, request._files = QueryDict(), MultiValueDict()  # never a form to be parsed
            request.arriving = body_file
        return request, refused


class _Bounded:
    """`receive`, until more came than any address but an upload's takes."""

    def __init__(self, receive) -> None:
        self._receive, self._came = receive, 0

    async def __call__(self):
        message = await self._receive()
        self._came += len(message.get("body", b""))
        # One byte more is let through, so that the view that reads it can say so in its own way.
        if self._came > settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 64 * 1024:
            raise BodyTooBig("The body is larger than this address takes.", advice="Send less, or upload it as a file.")
        return message


class _Sending:
    """`send`; an answer before the end of the body closes the connection after it, once it has been read."""

    def __init__(self, send, body: ArrivingBody) -> None:
        self._send, self._body, self.begun = send, body, False

    async def plainly(self, message) -> None:
        self.begun = True
        await self._send(message)

    async def __call__(self, message) -> None:
        self.begun = True
        if not self._body.whole and message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        elif not self._body.whole and not message.get("more_body"):
            await self._send({**message, "more_body": True})
            await self._body.throw_away()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)


def _is_refusal(exc: Exception) -> bool:
    return isinstance(exc, BodyTooBig) or exc.errno in {errno.ENOSPC, errno.EDQUOT}


def _refusal(exc: Exception) -> Refusal:
    if isinstance(exc, BodyTooBig):
        return exc
    return DiskFull(
        "The request does not fit on the studio's disk; nothing was kept of it.",
        advice="Delete versions nobody needs, or give the data folder more room.",
    )


async def _answer(send, refusal: Refusal) -> None:
    said = problem(refusal)
    headers = [(b"content-type", b"application/problem+json")]
    await send({"type": "http.response.start", "status": said["status"], "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})
