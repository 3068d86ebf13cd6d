"""Connections and slots by workload address. Everything here belongs to one event loop."""

import asyncio
from collections import deque
from time import monotonic
from urllib.parse import urlsplit

from gateway.limits import Slots
from gateway.upstream import Connection

CONNECT_TIMEOUT_S = 5.0
IDLE_S = 4.0
"""Less than the five seconds after which uvicorn, and so the scoring runtime, closes an idle connection:
a request must not set out on a connection the other side is just giving up."""
SWEEP_S = 1.0


class CannotConnect(Exception):
    """No connection came about, so nothing of the request was sent."""


class Workload:
    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.host = parts.hostname or ""
        self.port = parts.port or 80
        self.authority = parts.netloc.encode()
        self.slots = Slots()
        self._idle: deque[Connection] = deque()

    def idle_connection(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.stale:
                return connection
            connection.close()
        return None

    async def connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, connection = await loop.create_connection(Connection, self.host, self.port)
        except (OSError, TimeoutError) as exc:
            raise CannotConnect(str(exc)) from exc
        return connection

    def give_back(self, connection: Connection) -> None:
        if connection.reusable:
            connection.idle_since = monotonic()
            self._idle.append(connection)
        else:
            connection.close()

    def close_idle(self, before: float) -> None:
        while self._idle and self._idle[0].idle_since <= before:
            self._idle.popleft().close()

    @property
    def forgettable(self) -> bool:
        return not self._idle and self.slots.idle


class Pool:
    def __init__(self) -> None:
        self._workloads: dict[str, Workload] = {}

    def workload(self, address: str) -> Workload:
        found = self._workloads.get(address)
        if found is None:
            found = self._workloads[address] = Workload(address)
        return found

    async def sweep_forever(self) -> None:
        """Close what has been idle for too long; forget addresses nobody uses any more."""
        while True:
            await asyncio.sleep(SWEEP_S)
            self.close_idle(before=monotonic() - IDLE_S + SWEEP_S)

    def close_idle(self, before: float) -> None:
        for address, workload in list(self._workloads.items()):
            workload.close_idle(before)
            if workload.forgettable:
                del self._workloads[address]
