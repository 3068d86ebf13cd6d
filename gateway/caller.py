"""The one who asked: the body still coming in, the reply going out, and whether anybody is still there."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from gateway import problems
from gateway.headers import Headers
from gateway.paths import Address
from gateway.request import MAX_BODY_BYTES
from gateway.watchdog import Watchdog

READ_AHEAD_BYTES = 256 * 1024
"""Bodies up to here are read before a slot is taken, so that a slow line does not occupy a model."""
BODY_STALL_S = 60.0

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class CallerGone(Exception):
    """Nobody is left to answer."""


class Caller:
    def __init__(self, request_id: bytes, receive: Receive, send: Send, watchdog: Watchdog) -> None:
        self.request_id = request_id
        self.revision: int | None = None
        self.service: Address | None = None
        """What the request is counted for; None for what belongs to no service."""
        self.answered = False
        self.status = 0
        self.answer_complete = False
        self.body_complete = True
        self._receive = receive
        self._received = 0
        self._send = send
        self._watchdog = watchdog
        self._awaited_since: float | None = None
        self._stalled = False

    # What comes in.

    async def read_ahead(self) -> bytes:
        """The body, or its first part when it is large."""
        self.body_complete = False
        parts = [await self.next_part()]
        while not self.body_complete and self._received < READ_AHEAD_BYTES:
            parts.append(await self.next_part())
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def next_part(self) -> bytes:
        """Raises CallerGone, and Problem for a body that stalls or outgrows the cap."""
        self._task, self._awaited_since = asyncio.current_task(), self._watchdog.now()
        self._watchdog.add(self)
        try:
            message = await self._receive()
        except asyncio.CancelledError:
            if not self._stalled:
                raise
            self._task.uncancel()
            raise problems.body_stalled(BODY_STALL_S) from None
        finally:
            self._awaited_since = None
            self._watchdog.discard(self)
        if message["type"] == "http.disconnect":
            raise CallerGone
        self.body_complete = not message.get("more_body", False)
        part: bytes = message.get("body", b"")
        self._received += len(part)
        if self._received > MAX_BODY_BYTES:
            raise problems.body_too_large(MAX_BODY_BYTES)
        return part

    @property
    def is_awaited(self) -> bool:
        """Is it the caller's turn to send more of the body?"""
        return self._awaited_since is not None

    def check(self, now: float) -> None:
        """Watchdog: end a wait for the body that has lasted too long, in the way of asyncio.timeout."""
        if self._awaited_since is not None and now - self._awaited_since > BODY_STALL_S and not self._stalled:
            self._stalled = True
            self._task.cancel()

    async def until_gone(self) -> None:
        """Return when the caller has left. Only once the body is complete: this reads the same stream."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    # What goes out.

    async def start(self, status: int, headers: Headers) -> None:
        self.answered = True
        self.status = status
        added = [(b"x-request-id", self.request_id)]
        if self.revision is not None:
            added.append((b"x-slipway-revision", b"%d" % self.revision))
        await self._send({"type": "http.response.start", "status": status, "headers": [*headers, *added]})

    async def send_part(self, part: bytes, *, last: bool) -> None:
        await self._send({"type": "http.response.body", "body": part, "more_body": not last})
        self.answer_complete = last

    async def answer(self, status: int, media_type: bytes, body: bytes, headers: Headers = ()) -> None:
        framing = [(b"content-type", media_type), (b"content-length", b"%d" % len(body))]
        await self.start(status, [*framing, *headers])
        await self.send_part(body, last=True)

    async def refuse(self, problem: problems.Problem) -> None:
        await self.answer(problem.status, problems.MEDIA_TYPE, problem.body(), problem.headers)
