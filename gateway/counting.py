"""What is counted of every request: in memory, by service and revision, in slots of some seconds.

The event loop counts, and at the end of each slot puts what it has aside; a thread of its own writes that down. So
a request costs a few additions, and a database that is away or slow costs requests nothing.
"""

import asyncio
import logging
import threading
import time
import uuid
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

log = logging.getLogger("gateway.counting")

AGAIN_S = 5.0
"""How long after a failure to write it is tried again."""
MOST_SLOTS = 360
MOST_ROWS = 20_000
"""What is kept while it cannot be written; the oldest goes first."""
LAST_WORDS_S = 2.0
"""How long a gateway that ends may take to write what it still has."""

CALLER_LEFT = 499
"""Counted, never sent: nobody was there any more to hear a status."""
BROKEN_OFF = 502
"""Counted for an answer that had begun well and was not finished."""


@dataclass(frozen=True, slots=True)
class Counted:
    """As metrics.recording.Counted: of one revision in one slot."""

    ok: int
    client_errors: int
    errors: int
    seconds: float
    ok_seconds: float
    buckets: dict[str, int]


Key = tuple[str, str, int]
"""Workspace, service, revision."""


@dataclass(frozen=True, slots=True)
class CountSink:
    """Where counts go. `write` is called by one thread with the name of this process, the second the slot began at
    and what was counted; after an exception again with the same."""

    step_s: int
    bounds_s: Sequence[float]
    write: Callable[[str, int, Mapping[Key, Counted]], None]


class _Tally:
    __slots__ = ("buckets", "client_errors", "errors", "ok_seconds", "seconds")

    def __init__(self, buckets: int) -> None:
        self.client_errors = self.errors = 0
        self.seconds = self.ok_seconds = 0.0
        self.buckets = [0] * buckets

    def counted(self) -> Counted:
        buckets = {str(number): count for number, count in enumerate(self.buckets) if count}
        ok = sum(buckets.values())
        return Counted(ok, self.client_errors, self.errors, self.seconds, self.ok_seconds, buckets)


class Counters:
    def __init__(self, sink: CountSink | None = None) -> None:
        """Without a sink nothing is counted."""
        self._sink = sink or CountSink(10, (), lambda writer, at_s, counted: None)
        self._bounds = list(self._sink.bounds_s)
        self._tallies: dict[Key, _Tally] = {}
        self._slot = self._slot_now()
        self._writer = _Writer(self._sink)

    def add(self, workspace: str, service: str, revision: int, status: int, seconds: float) -> None:
        key = (workspace, service, revision)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = _Tally(len(self._bounds) + 1)
        tally.seconds += seconds
        if status < 400:
            tally.ok_seconds += seconds
            tally.buckets[bisect_left(self._bounds, seconds)] += 1
        elif status < 500:
            tally.client_errors += 1
        else:
            tally.errors += 1

    def start(self) -> None:
        self._slot = self._slot_now()
        self._writer.start()

    async def run(self) -> None:
        """Ends every slot at its end."""
        step_s = self._sink.step_s
        while True:
            await asyncio.sleep(step_s - time.time() % step_s)
            # The clock may have been set back: then the slot goes on until its time has come once more.
            if self._slot_now() > self._slot:
                self._end_slot()

    async def stop(self) -> None:
        self._end_slot()
        await asyncio.to_thread(self._writer.stop)

    def _end_slot(self) -> None:
        ended, self._tallies = self._tallies, {}
        self._writer.put(self._slot, ended)
        self._slot = self._slot_now()

    def _slot_now(self) -> int:
        return int(time.time() // self._sink.step_s) * self._sink.step_s


class _Writer(threading.Thread):
    """Writes slot after slot; what could not be written stays, and is written before what came later."""

    def __init__(self, sink: CountSink) -> None:
        super().__init__(name="gateway-counts", daemon=True)
        self._sink = sink
        self._name = uuid.uuid4().hex[:16]
        self._ended: deque[tuple[int, dict[Key, _Tally]]] = deque()
        self._left: deque[tuple[int, dict[Key, Counted]]] = deque()
        self._rows_left = 0
        self._failing = False
        self._news = threading.Event()
        self._over = threading.Event()

    def put(self, at_s: int, tallies: dict[Key, _Tally]) -> None:
        """Nothing may be added to `tallies` any more."""
        self._ended.append((at_s, tallies))
        self._news.set()

    def stop(self) -> None:
        self._over.set()
        self._news.set()
        if self.ident is not None:
            self.join(LAST_WORDS_S)

    def run(self) -> None:
        while not self._over.is_set():
            self._news.wait(AGAIN_S if self._left else None)
            self._news.clear()
            self._take_ended()
            self._write_left()

    def _take_ended(self) -> None:
        while self._ended:
            at_s, tallies = self._ended.popleft()
            self._left.append((at_s, {key: tally.counted() for key, tally in tallies.items()}))
            self._rows_left += len(tallies)
        while len(self._left) > MOST_SLOTS or (self._rows_left > MOST_ROWS and len(self._left) > 1):
            self._rows_left -= len(self._left.popleft()[1])

    def _write_left(self) -> None:
        try:
            while self._left:
                at_s, counted = self._left[0]
                self._sink.write(self._name, at_s, counted)
                self._left.popleft()
                self._rows_left -= len(counted)
        except Exception as exc:
            if not self._failing:
                log.warning("cannot write what was counted, keeping it: %s: %s", type(exc).__name__, exc)
            self._failing = True
        else:
            if self._failing:
                log.warning("writing what was counted again")
            self._failing = False
