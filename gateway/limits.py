"""How many requests one replica works on at a time, and the queue before it."""

import asyncio
from collections import OrderedDict


class Slots:
    """First come, first served. Counts within one gateway process."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._limit = 1
        self._queue: OrderedDict[asyncio.Future[bool], None] = OrderedDict()

    def try_acquire(self, limit: int) -> bool:
        self._limit = limit
        if self._queue or self.in_flight >= limit:
            return False
        self.in_flight += 1
        return True

    async def wait(self, max_wait_s: float) -> bool:
        """Queue for a slot. False when none came free within `max_wait_s` seconds."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._queue[turn] = None
        timer = loop.call_later(max_wait_s, lambda: turn.done() or turn.set_result(False))
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self.release()  # the turn had come, but nobody is left to use it
            raise
        finally:
            timer.cancel()
            self._queue.pop(turn, None)

    def release(self) -> None:
        self.in_flight -= 1
        while self._queue and self.in_flight < self._limit:
            turn, _ = self._queue.popitem(last=False)
            if not turn.done():
                self.in_flight += 1
                turn.set_result(True)

    @property
    def load(self) -> int:
        return self.in_flight + len(self._queue)

    @property
    def idle(self) -> bool:
        return not self.in_flight and not self._queue
