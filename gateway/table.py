"""The routes in memory. Requests read a dictionary; one thread of its own reads the database."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from gateway.endpoints import ReplicaSource

log = logging.getLogger("gateway.table")

INTERVAL_S = 0.15
FORCED_GAP_S = 0.02
"""Least time between two readings, however many callers force one: strangers cannot load the database."""
FORCED_WAIT_S = 2.0
"""How long a request waits for the database before it goes on with the routes as they were."""


class Backend(Protocol):
    """Without a `place`, `address` is http://host:port; else a name that is known there."""

    revision: int
    weight: int
    address: str
    place: str


class Route(Protocol):
    auth_enabled: bool
    key_hashes: frozenset[str]
    backends: tuple[Backend, ...]
    scoring_timeout_s: float
    max_concurrent: int
    max_queue_wait_s: float
    state: str


Routes = Mapping[tuple[str, str], Route]


@dataclass(frozen=True, slots=True)
class RouteSource:
    """`version` is cheap and changes whenever `load` would return something else."""

    version: Callable[[], int]
    load: Callable[[], Routes]


class RouteTable:
    def __init__(self, source: RouteSource, replicas: ReplicaSource) -> None:
        self._source = source
        self._replicas = replicas
        self._routes: Routes = {}
        self._version: int | None = None
        self._failing = False
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._thread = threading.Thread(target=self._run, name="gateway-routes", daemon=True)

    @property
    def loaded(self) -> bool:
        return self._version is not None

    def get(self, workspace: str, service: str) -> Route | None:
        return self._routes.get((workspace, service))

    def named_backends(self) -> Iterator[Backend]:
        """Those whose replicas must be asked for."""
        return (each for route in self._routes.values() for each in route.backends if each.place)

    async def refresh(self) -> None:
        """Return after a reading that began later than this call, or after FORCED_WAIT_S at most.

        Callers that ask at the same time share one reading."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        with self._lock:
            self._waiting.append((loop, done))
        self._wake.set()
        await asyncio.wait((done,), timeout=FORCED_WAIT_S)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            with self._lock:
                waiting, self._waiting = self._waiting, []
            self._read()
            for loop, done in waiting:
                _resolve(loop, done)
            time.sleep(FORCED_GAP_S)
            self._wake.wait(INTERVAL_S)

    def _read(self) -> None:
        try:
            # Version before routes: a change between the two readings is loaded again, never missed.
            version = self._source.version()
            if version != self._version:
                self._routes = self._source.load()
                self._version = version
                self._replicas.prepare(frozenset(each.place for each in self.named_backends()))
        except Exception as exc:
            if not self._failing:
                log.warning("cannot read routes, serving the last known ones: %s: %s", type(exc).__name__, exc)
            self._failing = True
        else:
            if self._failing:
                log.warning("reading routes again")
            self._failing = False


def _resolve(loop: asyncio.AbstractEventLoop, done: asyncio.Future[None]) -> None:
    with suppress(RuntimeError):  # the loop has closed: the gateway is going down, nobody waits any more
        loop.call_soon_threadsafe(lambda: done.done() or done.set_result(None))
