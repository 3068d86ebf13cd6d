"""From an admitted request to an answer: pick a replica, wait for a slot, exchange, say what went wrong."""

import logging
from collections.abc import Awaitable, Callable

from gateway import problems
from gateway.caller import Caller
from gateway.exchange import Exchange, TimedOut
from gateway.pool import Pool
from gateway.replica import CannotConnect, Replica
from gateway.request import Request
from gateway.split import choose, least_loaded
from gateway.table import Backend, Route
from gateway.upstream import ReplyBroken
from gateway.watchdog import Watchdog

log = logging.getLogger("gateway.proxy")

MAX_TRIES = 3

RouteAgain = Callable[[], Awaitable[Route | None]]


class NoneReady(Exception):
    """The backend has no replica to ask."""


class Proxy:
    def __init__(self, pool: Pool, watchdog: Watchdog) -> None:
        self._pool = pool
        self._watchdog = watchdog

    async def forward(self, request: Request, caller: Caller, route: Route, route_again: RouteAgain) -> None:
        """Raises Problem and CallerGone. A reply that breaks off is left unfinished, so that the server
        closes the connection and the caller sees that it is not whole."""
        body = await caller.read_ahead() if request.has_body else b""
        try:
            await self._attempt(request, caller, route, self._backend(request, caller, route), body, MAX_TRIES)
        except (CannotConnect, NoneReady):
            # Nothing was sent. The workload may just have been replaced: ask where to go now, once.
            await self._last_attempt(request, caller, await route_again() or route, body)

    async def _last_attempt(self, request: Request, caller: Caller, route: Route, body: bytes) -> None:
        backend = self._backend(request, caller, route)
        await self._pool.wait_for_replicas(backend, route.max_queue_wait_s)
        try:
            await self._attempt(request, caller, route, backend, body, 1)
        except CannotConnect:
            raise problems.unreachable(request.address.service) from None
        except NoneReady:
            raise problems.none_ready(request.address.service) from None

    def _backend(self, request: Request, caller: Caller, route: Route) -> Backend:
        backend = choose(route.backends, request.session)
        if backend is None:
            raise problems.nothing_live(request.address.service, route.state)
        caller.revision = backend.revision
        return backend

    async def _attempt(
        self, request: Request, caller: Caller, route: Route, backend: Backend, body: bytes, max_tries: int
    ) -> None:
        """At one replica after the other, as long as none accepts a connection. Raises NoneReady when there
        is none, CannotConnect after `max_tries`, and Problem."""
        tried: list[Replica] = []
        while replica := least_loaded(self._pool.replicas(backend), tried):
            try:
                return await self._at_replica(request, caller, route, replica, body)
            except CannotConnect:
                tried.append(replica)
                if len(tried) == max_tries:
                    raise
        if tried:
            raise CannotConnect(f"none of {len(tried)} replicas accepts a connection")
        raise NoneReady

    async def _at_replica(self, request: Request, caller: Caller, route: Route, replica: Replica, body: bytes) -> None:
        slots = replica.slots
        if not slots.try_acquire(route.max_concurrent) and not await slots.wait(route.max_queue_wait_s):
            raise problems.overloaded(request.address.service)
        try:
            await self._exchange(request, caller, route.scoring_timeout_s, replica, body)
        finally:
            slots.release()

    async def _exchange(
        self, request: Request, caller: Caller, timeout_s: float, replica: Replica, body: bytes
    ) -> None:
        connection = await replica.connection()
        try:
            exchange = Exchange(request, caller, connection, timeout_s, self._watchdog)
            await exchange.run(replica, body)
        except TimedOut:
            self._give_up(request, caller, problems.timed_out(request.address.service, timeout_s))
        except ReplyBroken as exc:
            self._give_up(request, caller, problems.broken_reply(request.address.service, str(exc)))
        else:
            replica.give_back(connection)

    def _give_up(self, request: Request, caller: Caller, problem: problems.Problem) -> None:
        name = f"{request.address.workspace}/{request.address.service}"
        said = request.request_id.decode()
        log.warning("%s revision %s, request %s: %s", name, caller.revision, said, problem.detail)
        if not caller.answered:
            raise problem
