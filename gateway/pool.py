"""The replicas of every backend in use, each with its connections and slots. All of it belongs to one event loop."""

import asyncio
from collections.abc import Sequence
from time import monotonic

from gateway.endpoints import Endpoint, ReplicaSource, Straight
from gateway.replica import Replica
from gateway.table import Backend

IDLE_S = 4.0
"""Less than the five seconds after which uvicorn, and so the scoring runtime, closes an idle connection:
a request must not set out on a connection the other side is just giving up. A replica that is ending
answers for five seconds more, so its idle connections are gone before it is."""
SWEEP_S = 1.0
REFUSED_S = 5.0
"""How long a replica that accepted no connection is asked only after all others."""
LOOK_S = 0.02


class Pool:
    def __init__(self, source: ReplicaSource) -> None:
        self._source = source
        self._replicas: dict[Endpoint, Replica] = {}
        self._at_address: dict[str, tuple[Replica, ...]] = {}
        self._at_name: dict[tuple[str, str], tuple[Sequence[Endpoint], tuple[Replica, ...]]] = {}

    def replicas(self, backend: Backend) -> tuple[Replica, ...]:
        """Those that are ready now; for an http address always the one."""
        place, address = backend.place, backend.address
        if not place:
            return self._at_address.get(address) or self._added(address)
        endpoints = self._source.of(place, address)
        known = self._at_name.get((place, address))
        # A source gives the same tuple until something changes: comparing the endpoints would cost more.
        if known is None or known[0] is not endpoints:
            known = self._at_name[place, address] = (endpoints, tuple(map(self._replica, endpoints)))
        return known[1]

    async def wait_for_replicas(self, backend: Backend, max_wait_s: float) -> None:
        """Return as soon as a replica is ready, or after `max_wait_s` seconds."""
        until = monotonic() + max_wait_s
        while not self.replicas(backend) and monotonic() < until:
            await asyncio.sleep(LOOK_S)

    def _added(self, address: str) -> tuple[Replica, ...]:
        found = self._at_address[address] = (self._replica(Straight.at(address)),)
        return found

    def _replica(self, endpoint: Endpoint) -> Replica:
        found = self._replicas.get(endpoint)
        if found is None:
            found = self._replicas[endpoint] = Replica(endpoint)
        return found

    async def sweep_forever(self) -> None:
        """Close what has been idle for too long; forget replicas nobody uses any more."""
        while True:
            await asyncio.sleep(SWEEP_S)
            now = monotonic()
            for replica in self._replicas.values():
                replica.forgive(before=now - REFUSED_S)
            self.close_idle(before=now - IDLE_S + SWEEP_S)

    def close_idle(self, before: float) -> None:
        for endpoint, replica in list(self._replicas.items()):
            replica.close_idle(before)
            if replica.forgettable:
                del self._replicas[endpoint]
                # There may only be one object for a replica, or it would have more slots than it should.
                self._at_address.clear()
                self._at_name.clear()
