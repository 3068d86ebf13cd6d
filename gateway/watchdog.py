"""One clock for everything that may take too long. A timer for each request would cost more than the rest."""

import asyncio
import time
from typing import Protocol

TICK_S = 0.05


class Watched(Protocol):
    def check(self, now: float) -> None:
        """Called every TICK_S seconds with `now()`."""


class Watchdog:
    def __init__(self) -> None:
        self._watched: set[Watched] = set()
        self.add = self._watched.add
        self.discard = self._watched.discard
        self.now = time.monotonic

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now = self.now()
            for each in tuple(self._watched):
                each.check(now)
