"""The one lane user code runs in: the main thread, one call at a time, as under Azure's sync worker.

init() and run() share a thread, so what is bound to a thread (SQLite connections, TensorFlow graphs,
event loops, signal handlers) works as it did; the HTTP side has a thread of its own and keeps answering."""

import asyncio
from collections import deque
from queue import SimpleQueue

from slipway_scoring.dataplane import Answer, Call, Scorer


class Lane:
    def __init__(self) -> None:
        self._waiting: SimpleQueue = SimpleQueue()
        self._done: deque = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._delivery_due = False

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def score(self, call: Call) -> "asyncio.Future[Answer]":
        """Called in the event loop."""
        future = self._loop.create_future()
        self._waiting.put((future, call))
        return future

    def stop(self) -> None:
        """Ends `run` after the calls that wait already."""
        self._waiting.put(None)

    def run(self, scorer: Scorer) -> None:
        """Called in the main thread; returns after `stop`."""
        while (job := self._waiting.get()) is not None:
            future, call = job
            if future.cancelled():
                continue
            try:
                self._finish(future, scorer.score(call), None)
            except BaseException as error:
                self._finish(future, None, error)

    def _finish(self, future: asyncio.Future, answer: Answer | None, error: BaseException | None) -> None:
        self._done.append((future, answer, error))
        if not self._delivery_due:
            self._delivery_due = True
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        # Cleared first: what is appended from here on either is taken below or rings again.
        self._delivery_due = False
        while self._done:
            future, answer, error = self._done.popleft()
            if future.cancelled():
                continue
            if error is None:
                future.set_result(answer)
            else:
                future.set_exception(error)
