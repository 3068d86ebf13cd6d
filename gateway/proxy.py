"""From an admitted request to an answer: pick a backend, wait for a slot, exchange, say what went wrong."""

import logging
from collections.abc import Awaitable, Callable

from gateway import problems
from gateway.caller import Caller
from gateway.exchange import Exchange, TimedOut
from gateway.pool import CannotConnect, Pool, Workload
from gateway.request import Request
from gateway.split import choose
from gateway.table import Route
from gateway.upstream import ReplyBroken
from gateway.watchdog import Watchdog

log = logging.getLogger("gateway.proxy")

RouteAgain = Callable[[], Awaitable[Route | None]]


class Proxy:
    def __init__(self, pool: Pool, watchdog: Watchdog) -> None:
        self._pool = pool
        self._watchdog = watchdog

    async def forward(self, request: Request, caller: Caller, route: Route, route_again: RouteAgain) -> None:
        """Raises Problem and CallerGone. A reply that breaks off is left unfinished, so that the server
        closes the connection and the caller sees that it is not whole."""
        body = await caller.read_ahead() if request.has_body else b""
        try:
            await self._attempt(request, caller, route, body)
        except CannotConnect:
            # Nothing was sent. The workload may just have been replaced: ask where to go now, once.
            route = await route_again() or route
            try:
                await self._attempt(request, caller, route, body)
            except CannotConnect:
                raise problems.unreachable(request.address.service) from None

    async def _attempt(self, request: Request, caller: Caller, route: Route, body: bytes) -> None:
        service = request.address.service
        backend = choose(route.backends, request.session)
        if backend is None:
            raise problems.nothing_live(service, route.state)
        caller.revision = backend.revision
        workload = self._pool.workload(backend.address)
        slots = workload.slots
        if not slots.try_acquire(route.max_concurrent) and not await slots.wait(route.max_queue_wait_s):
            raise problems.overloaded(service)
        try:
            await self._exchange(request, caller, route.scoring_timeout_s, workload, body)
        finally:
            slots.release()

    async def _exchange(
        self, request: Request, caller: Caller, timeout_s: float, workload: Workload, body: bytes
    ) -> None:
        connection = workload.idle_connection() or await workload.connect()
        try:
            exchange = Exchange(request, caller, connection, timeout_s, self._watchdog)
            await exchange.run(workload.authority, body)
        except TimedOut:
            self._give_up(request, caller, problems.timed_out(request.address.service, timeout_s))
        except ReplyBroken as exc:
            self._give_up(request, caller, problems.broken_reply(request.address.service, str(exc)))
        else:
            workload.give_back(connection)

    def _give_up(self, request: Request, caller: Caller, problem: problems.Problem) -> None:
        name = f"{request.address.workspace}/{request.address.service}"
        said = request.request_id.decode()
        log.warning("%s revision %s, request %s: %s", name, caller.revision, said, problem.detail)
        if not caller.answered:
            raise problem
