"""Which replicas stand behind addresses that are names: what the gateway asks for each request.

A target's replicas are followed by a watch. Starting one reads the database, unseals a connection and imports a
client that may take seconds to load, so a thread of its own does that, and requests only read what it has found.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from django.db import connections

from deployments import instance
from deployments.targets import attached, driver_at

if TYPE_CHECKING:
    from drivers.kubernetes.reach import Endpoint

log = logging.getLogger("slipway.replicas")

LOOK_S = 5.0
"""How often the places are looked at without being told: what failed is tried again, what changed is noticed."""
HANDOVER_S = 10.0
"""How long the watch over a changed connection may leave questions to the one before it."""


class Reach(Protocol):
    def of(self, name: str) -> "tuple[Endpoint, ...]":
        """From memory; () for what it does not know."""

    def stop(self) -> None: ...


class Reaching(Protocol):
    def reach(self, owner: str) -> Reach: ...


@dataclass(frozen=True, slots=True)
class _Followed:
    driver: Reaching
    reach: Reach
    since: float
    former: Reach | None = None

    def of(self, name: str) -> "tuple[Endpoint, ...]":
        return self.reach.of(name) or (self.former.of(name) if self.former else ())

    def stop(self) -> None:
        self.reach.stop()
        if self.former:
            self.former.stop()


class Replicas:
    """The gateway's `ReplicaSource`. A place is "kubernetes:PK" of a target, an address "kubernetes://NAMESPACE/NAME"."""

    def __init__(
        self,
        driver_at: Callable[[str], Reaching] = driver_at,
        attached: Callable[[], frozenset[str]] = lambda: frozenset(target.place for target in attached()),
    ) -> None:
        """`attached` names the places that something may be deployed to: followed before it is, so that the first
        request finds its replicas."""
        self._driver_at, self._attached = driver_at, attached
        self._places: frozenset[str] = frozenset()
        self._followed: dict[str, _Followed] = {}  # written by the thread alone
        self._failing: set[str] = set()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="replicas", daemon=True)

    def of(self, place: str, address: str) -> "tuple[Endpoint, ...]":
        followed = self._followed.get(place)
        return followed.of(address.rpartition("/")[2]) if followed else ()

    def prepare(self, places: frozenset[str]) -> None:
        """Follow these places, and those that are attached, from soon on. To be called by one thread at a time."""
        self._places = places
        if self._thread.ident is None:
            self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._look()
            connections.close_all()  # no request of Django's ends here, so a broken one would stay
            self._wake.wait(LOOK_S)
            self._wake.clear()
        for followed in self._followed.values():
            followed.stop()

    def _look(self) -> None:
        places = self._places | self._known_to_be_attached()
        for place in places:
            try:
                self._follow(place)
            except Exception as exc:
                if place not in self._failing:
                    log.warning("cannot follow the replicas of %s: %s: %s", place, type(exc).__name__, exc)
                self._failing.add(place)
            else:
                self._failing.discard(place)
        for place in self._followed.keys() - places:
            self._followed.pop(place).stop()
        self._failing &= places

    def _known_to_be_attached(self) -> frozenset[str]:
        try:
            return self._attached()
        except Exception as exc:  # the database is away: what is followed stays so
            log.warning("cannot see which clusters are attached: %s: %s", type(exc).__name__, exc)
            return frozenset(self._followed)

    def _follow(self, place: str) -> None:
        driver, known, now = self._driver_at(place), self._followed.get(place), time.monotonic()
        if known is None:
            self._followed[place] = _Followed(driver, driver.reach(instance.owner()), now)
        elif known.driver is not driver:  # the target's connection was changed
            self._followed[place] = _Followed(driver, driver.reach(instance.owner()), now, known.reach)
            if known.former:
                known.former.stop()
        elif known.former and now - known.since > HANDOVER_S:
            self._followed[place] = replace(known, former=None)
            known.former.stop()
