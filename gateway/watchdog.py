"""One clock for everything that may take too long. A timer for each request would cost more than the rest."""

import asyncio
from typing import Protocol

TICK_S = 0.05


class Watched(Protocol):
    def check(self, now: float) -> None:
        """Called every TICK_S seconds with the event loop's time."""


class Watchdog:
    def __init__(self) -> None:
        self._watched: set[Watched] = set()
        self.add = self._watched.add
        self.discard = self._watched.discard

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK_S)
            now = loop.time()
            for each in tuple(self._watched):
                each.check(now)
