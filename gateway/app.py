"""The ASGI application: who may pass, and what is answered when nobody can."""

import asyncio
from time import monotonic
from typing import Any

from gateway import problems
from gateway.auth import admits
from gateway.caller import Caller, CallerGone, Receive, Send
from gateway.counting import BROKEN_OFF, CALLER_LEFT, Counters, CountSink
from gateway.endpoints import NoReplicas, ReplicaSource
from gateway.pool import LOOK_S, Pool
from gateway.preflight import PreflightCaller
from gateway.proxy import Proxy
from gateway.request import Request, new_request_id, request_id
from gateway.table import Route, RouteSource, RouteTable
from gateway.watchdog import Watchdog

STATUS_PAGES = frozenset((b"/healthz", b"/readyz"))
START_WAIT_S = 5.0


class Gateway:
    def __init__(
        self, source: RouteSource, replicas: ReplicaSource | None = None, counts: CountSink | None = None
    ) -> None:
        self._replicas = replicas or NoReplicas()
        self._table = RouteTable(source, self._replicas)
        self._pool = Pool(self._replicas)
        self._watchdog = Watchdog()
        self._proxy = Proxy(self._pool, self._watchdog)
        self._counters = Counters(counts)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:  # a websocket handshake: services do not speak it; closing before accepting answers 403
            await receive()
            await send({"type": "websocket.close"})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._table.start()
        # So that the first caller finds routes and replicas; without a database or a cluster, go on.
        await self._table.refresh()
        await self._wait_for_places()
        self._counters.start()
        upkeep = [
            asyncio.create_task(each)
            for each in (self._pool.sweep_forever(), self._watchdog.run(), self._counters.run())
        ]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in upkeep:
            task.cancel()
        self._table.stop()
        self._replicas.stop()
        self._pool.close_idle(before=float("inf"))
        await self._counters.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _wait_for_places(self) -> None:
        """Until something is known of every place that routes name, or START_WAIT_S have passed."""
        until = monotonic() + START_WAIT_S
        while self._unknown_places() and monotonic() < until:
            await asyncio.sleep(LOOK_S)

    def _unknown_places(self) -> set[str]:
        backends = list(self._table.named_backends())
        known = {each.place for each in backends if self._replicas.of(each.place, each.address)}
        return {each.place for each in backends} - known

    async def _http(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        caller = Caller(b"", receive, send, self._watchdog)
        begun, left = monotonic(), False
        try:
            caller.request_id = request_id(scope["headers"])
            if scope["raw_path"] in STATUS_PAGES:
                await self._status_page(scope, caller)
            else:
                await self._serve(Request(scope, caller.request_id), caller, receive, send)
        except problems.Problem as problem:
            caller.request_id = caller.request_id or new_request_id()
            if not caller.answered:
                await caller.refuse(problem)
        except CallerGone:
            left = True
        finally:
            if caller.service is not None:
                self._count(caller, left, monotonic() - begun)

    def _count(self, caller: Caller, left: bool, seconds: float) -> None:
        status = caller.status if caller.answer_complete else CALLER_LEFT if left else BROKEN_OFF
        service = caller.service
        self._counters.add(service.workspace, service.service, caller.revision or 0, status, seconds)

    async def _status_page(self, scope: dict[str, Any], caller: Caller) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            raise problems.method_not_allowed(scope["method"])
        if scope["raw_path"] == b"/readyz" and not self._table.loaded:
            raise problems.not_ready()
        await caller.answer(200, b"application/json", b'{"status":"ok"}')

    async def _serve(self, request: Request, caller: Caller, receive: Receive, send: Send) -> None:
        workspace, service = request.address.workspace, request.address.service
        route = self._table.get(workspace, service)
        if route is None or not route.backends or not admits(route, request.key_hash):
            # Perhaps live, or its key made, since the last reading. Known and unknown services take
            # this turn alike, so that the time of a refusal does not tell them apart.
            route = await self._route_again(request)
        if not self._table.loaded:
            raise problems.not_ready()
        if route is None or not admits(route, request.key_hash):
            if not request.is_preflight:
                # Names nobody has are not counted: strangers could make up any number of them.
                caller.service = route and request.address
                raise problems.not_signed_in()
            caller = PreflightCaller(request.request_id, receive, send, self._watchdog)
            await self._preflight(request, route, caller)
            return
        caller.service = request.address
        await self._proxy.forward(request, caller, route, lambda: self._route_again(request))

    async def _preflight(self, request: Request, route: Route | None, caller: PreflightCaller) -> None:
        request.without_body()
        try:
            if route is not None:
                await self._proxy.forward(request, caller, route, lambda: self._route_again(request))
        except problems.Problem:
            pass
        if not caller.answered:
            await caller.allow_nothing()

    async def _route_again(self, request: Request) -> Route | None:
        await self._table.refresh()
        return self._table.get(request.address.workspace, request.address.service)
