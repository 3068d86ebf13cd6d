"""One replica of a workload: its slots, and the connections that are kept to it."""

import asyncio
from collections import deque
from time import monotonic

from gateway.endpoints import Endpoint
from gateway.headers import REQUEST_DROPPED, names_in
from gateway.limits import Slots
from gateway.upstream import Connection

CONNECT_TIMEOUT_S = 5.0


class CannotConnect(Exception):
    """No connection came about, so nothing of the request was sent."""


class Replica:
    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.authority = endpoint.authority.encode()
        self.prefix = endpoint.prefix
        self.headers = endpoint.headers
        self.dropped = REQUEST_DROPPED | names_in(endpoint.headers)
        self.slots = Slots()
        self.refused_at: float | None = None
        """When it last accepted no connection, while that is recent: others are asked before it."""
        self._idle: deque[Connection] = deque()

    async def connection(self) -> Connection:
        """One that was kept, or a new one. Raises CannotConnect."""
        while self._idle:
            connection = self._idle.pop()
            if self.endpoint.tls:
                await connection.let_tls_speak()
            if not connection.stale:
                return connection
            connection.close()
        return await self._connect()

    async def _connect(self) -> Connection:
        loop, to = asyncio.get_running_loop(), self.endpoint
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, connection = await loop.create_connection(
                    Connection, to.host, to.port, ssl=to.tls, server_hostname=to.server_hostname
                )
        except (OSError, TimeoutError) as exc:
            self.refused_at = monotonic()
            raise CannotConnect(str(exc)) from exc
        self.refused_at = None
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

    def forgive(self, before: float) -> None:
        if self.refused_at is not None and self.refused_at <= before:
            self.refused_at = None

    @property
    def forgettable(self) -> bool:
        return not self._idle and self.slots.idle and self.refused_at is None
