"""The one lane user code runs in: the main thread, as under Azure's sync worker.

init() and run() share a thread, so what is bound to a thread (SQLite connections, TensorFlow graphs,
event loops, signal handlers) works as it did; the HTTP side has a thread of its own and keeps answering.

What the event loop parsed in one turn goes over together, and whatever waits when the lane is free is taken at once:
the batch grows with the load, and a lone request waits for nobody.

Handing over costs more than a small model takes. Where the model may run in any thread and has been quick so far, the
event loop asks it itself."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Semaphore
from time import perf_counter

from slipway_scoring.dataplane import Answer, Call, Outcome, Scorer
from slipway_scoring.errors import ClientGone, ScoringTimedOut, ScriptFailed
from slipway_scoring.exchange import Exchange
from slipway_scoring.log import logger, traceback_text
from slipway_scoring.tally import Tally

_PIECES_AHEAD = 64
# For so long the event loop may be away from its connections.
_QUICK_S = 0.025
_SMALL_BYTES = 256 * 1024
# So many batches in a row must have been quick.
_PROBATION = 5
Done = Callable[[Outcome], None]


class Lane:
    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._parsed: list[tuple[Call, Done]] = []
        self._waiting: SimpleQueue[list[tuple[Call, Done]] | None] = SimpleQueue()
        self._outcomes: deque[tuple[Done, Outcome]] = deque()
        self._loop: asyncio.AbstractEventLoop = None  # type: ignore[assignment]
        self._delivery_due = False
        self._scorer: Scorer | None = None  # once the event loop may ask it
        self._quick_ones = 0
        self._handed_over = 0  # calls, less those delivered

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def submit(self, call: Call, done: Done) -> None:
        """Called in the event loop, where `done` is called too."""
        self._tally.add("queue", 1)
        if not self._parsed:
            self._loop.call_soon(self._hand_over)
        self._parsed.append((call, done))

    def _hand_over(self) -> None:
        jobs, self._parsed = self._parsed, []
        scorer = self._scorer
        if (
            scorer is not None
            and self._quick_ones >= _PROBATION
            and not self._handed_over
            and sum(len(call.body) for call, _ in jobs) < _SMALL_BYTES
        ):
            for start in range(0, len(jobs), scorer.most):
                self._score_here(scorer, jobs[start : start + scorer.most])
        else:
            self._handed_over += len(jobs)
            self._waiting.put(jobs)

    def _score_here(self, scorer: Scorer, jobs: list[tuple[Call, Done]]) -> None:
        outcomes = self._outcomes_of(scorer, [call for call, _ in jobs], limited=False)
        for _, done in jobs:
            self._tally.add("queue", -1)
            done(next(outcomes))

    def _outcomes_of(self, scorer: Scorer, calls: list[Call], *, limited: bool) -> Iterator[Outcome]:
        self._tally.batched(len(calls))
        started = perf_counter()
        self._tally.add("queue_seconds", sum(started - call.began for call in calls))
        with self._tally.busy():
            try:
                outcomes = scorer.score(calls, limited=limited)
            except BaseException as error:
                outcomes = [error] * len(calls)
        elapsed_s = perf_counter() - started
        self._tally.add("model_seconds", sum(_in_model(outcome, elapsed_s) for outcome in outcomes))
        self._timed(elapsed_s)
        return iter(outcomes)

    def _timed(self, seconds: float) -> None:
        self._quick_ones = self._quick_ones + 1 if seconds < _QUICK_S else 0

    def stop(self) -> None:
        """Ends `run` after the calls that wait already."""
        self._waiting.put(None)

    def run(self, scorer: Scorer) -> None:
        """Called in the main thread; returns after `stop`."""
        if scorer.any_thread:
            self._scorer = scorer
        stopping = False
        while not stopping and (jobs := self._waiting.get()) is not None:
            try:
                while True:
                    more = self._waiting.get_nowait()
                    if more is None:
                        stopping = True
                        break
                    jobs += more
            except Empty:
                pass
            for start in range(0, len(jobs), scorer.most):
                self._score(scorer, jobs[start : start + scorer.most])

    def _score(self, scorer: Scorer, jobs: list[tuple[Call, Done]]) -> None:
        awaited = [not call.abandoned() for call, _ in jobs]
        calls = [call for (call, _), someone in zip(jobs, awaited, strict=True) if someone]
        outcomes = self._outcomes_of(scorer, calls, limited=True) if calls else iter(())
        for (call, done), someone in zip(jobs, awaited, strict=True):
            outcome = next(outcomes) if someone else ClientGone()
            self._outcomes.append((done, outcome))
            if isinstance(outcome, Answer) and outcome.pieces is not None:
                self._ring()
                self._stream(call.exchange, outcome.pieces)
        self._ring()

    def _ring(self) -> None:
        if self._outcomes and not self._delivery_due:
            self._delivery_due = True
            self._loop.call_soon_threadsafe(self._deliver)

    def _stream(self, exchange: Exchange, pieces: Iterator[bytes]) -> None:
        """What a script makes while it is sent, no faster than it goes out."""
        room = Semaphore(_PIECES_AHEAD)

        def send(piece: bytes) -> None:
            exchange.send(piece)
            room.release()

        try:
            with self._tally.busy():
                for piece in pieces:
                    room.acquire()
                    if exchange.gone:
                        return
                    self._loop.call_soon_threadsafe(send, piece)
        except BaseException as error:
            logger.error("An answer broke off while run() made it:\n%s", traceback_text(error))
            self._loop.call_soon_threadsafe(exchange.break_off)
        else:
            self._loop.call_soon_threadsafe(exchange.end)

    def _deliver(self) -> None:
        # Cleared first: what is appended from here on either is taken below or rings again.
        self._delivery_due = False
        while self._outcomes:
            done, outcome = self._outcomes.popleft()
            self._tally.add("queue", -1)
            self._handed_over -= 1
            done(outcome)


def _in_model(outcome: Outcome, batch_s: float) -> float:
    """Seconds; of an answer its own, of a failure, which does not know, those of its batch."""
    if isinstance(outcome, Answer):
        return (outcome.elapsed_ms or 0.0) / 1000
    return batch_s if isinstance(outcome, (ScriptFailed, ScoringTimedOut)) else 0.0
