"""One request at one replica: send it, watch over it, pass the reply on as it comes."""

import asyncio
from collections.abc import Coroutine

from gateway.caller import Caller, CallerGone
from gateway.headers import for_caller
from gateway.replica import Replica
from gateway.request import Request
from gateway.upstream import Connection
from gateway.watchdog import Watchdog


class TimedOut(Exception):
    """Nothing moved between gateway and workload for the service's scoring timeout."""


class Exchange:
    def __init__(
        self, request: Request, caller: Caller, connection: Connection, timeout_s: float, watchdog: Watchdog
    ) -> None:
        self._request = request
        self._caller = caller
        self._connection = connection
        self._timeout_s = timeout_s
        self._watchdog = watchdog
        self._moved_at = watchdog.now()
        self._tasks: list[asyncio.Task[None]] = []
        self._watching_caller = False

    async def run(self, replica: Replica, body: bytes) -> None:
        """`body`: all of it, or what has been read ahead. Raises ReplyBroken, TimedOut, CallerGone,
        Problem; then `caller.answered` says whether the caller has the beginning of a reply already."""
        self._watchdog.add(self)
        try:
            self._send_request(replica, body)
            await self._pass_reply()
        except BaseException:
            self._connection.close()
            raise
        finally:
            self._watchdog.discard(self)
            for task in self._tasks:
                task.cancel()

    def _send_request(self, replica: Replica, body: bytes) -> None:
        request, connection = self._request, self._connection
        connection.begin(bodyless=request.method == "HEAD")
        if self._caller.body_complete:
            connection.write(request.head(replica, len(body)) + body)
        else:
            head = request.head(replica, None if request.chunked else request.length)
            connection.write(head + self._framed(body))
            self._spawn(self._upload())

    async def _upload(self) -> None:
        while not self._caller.body_complete:
            await self._connection.drain()
            self._moved_at = self._watchdog.now()
            part = await self._caller.next_part()
            self._connection.write(self._framed(part))
        if self._request.chunked:
            self._connection.write(b"0\r\n\r\n")

    def _framed(self, part: bytes) -> bytes:
        if not self._request.chunked:
            return part
        return b"%x\r\n%b\r\n" % (len(part), part) if part else b""

    async def _pass_reply(self) -> None:
        caller, connection = self._caller, self._connection
        await connection.head()
        await caller.start(connection.status, for_caller(connection.headers, connection.status))
        last = False
        while not last:
            part = await connection.read()
            self._moved_at = self._watchdog.now()
            last = connection.at_end
            await caller.send_part(part, last=last)
        if not caller.body_complete:
            connection.close()  # the workload answered without reading it all

    def check(self, now: float) -> None:
        """Watchdog: most exchanges are over before it comes by, so only slow ones pay for a task."""
        if self._caller.is_awaited:  # the workload cannot be expected to do anything
            self._moved_at = now
        elif now - self._moved_at > self._timeout_s:
            self._connection.fail(TimedOut())
        elif self._caller.body_complete and not self._watching_caller:
            self._watching_caller = True
            self._spawn(self._watch_caller())

    async def _watch_caller(self) -> None:
        await self._caller.until_gone()
        raise CallerGone

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(self._fail_with)
        self._tasks.append(task)

    def _fail_with(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self._connection.fail(error)
