"""The two kinds of load: closed, where each caller waits for its answer, and open, where the world does not wait."""

from abc import ABC, abstractmethod
from collections import deque
from itertools import cycle
from time import perf_counter, process_time

from profiling.load.connection import Connection
from profiling.load.plan import Plan
from profiling.load.schedule import Schedule
from profiling.load.waiting import Waiting
from profiling.load.windows import Measuring, Window

# A connection that broke is not used before: a server that is gone is not asked in a hot loop.
_PAUSE_S = 0.1
_LOOK_EVERY_S = 0.05


class Load(ABC):
    """Owns the connections, and counts what came of each request."""

    def __init__(self, plan: Plan, address: tuple[int, tuple], waiting: Waiting) -> None:
        self._plan = plan
        self._address = address
        self._waiting = waiting
        self._requests = cycle(plan.requests())
        self._connections: list[Connection] = []
        self._resting: deque[tuple[float, Connection]] = deque()
        self._uncounted: list[tuple[float, float, int, str]] = []
        self._answered_once = 0
        self._look_at = 0.0
        self.measuring = Measuring(plan.rule, perf_counter(), process_time)

    @abstractmethod
    def wait_s(self, now: float) -> float:
        """For so long nothing has to be done but what sockets bring."""

    @abstractmethod
    def _free(self, connection: Connection, now: float) -> None:
        """It carries nothing and may."""

    @property
    def busy(self) -> list[Connection]:
        """Those with a request under way."""
        return [connection for connection in self._connections if connection.busy]

    def tick(self, now: float) -> Window | None:
        """What is due. Returns the window that has just ended."""
        self._count()
        while self._resting and self._resting[0][0] <= now:
            self._free(self._resting.popleft()[1], now)
        if now >= self._look_at:
            self._look_at = now + min(_LOOK_EVERY_S, self._plan.timeout_s / 4)
            self._give_up(now)
        return self.measuring.tick(now, self._answered_once >= self._first_answers)

    @property
    def _first_answers(self) -> int:
        """So many connections have to have had an answer until all is warm."""
        return self._plan.concurrency

    def answered(self, connection: Connection, now: float, latency_s: float, status: int, text: str) -> None:
        # First the next requests of all that were answered, then the counting: the server works meanwhile.
        self._free(connection, now)
        self._uncounted.append((now, latency_s, status, text))
        if connection.answers == 1:
            self._answered_once += 1

    def _count(self) -> None:
        window = self.measuring.now_in
        for now, latency_s, status, text in self._uncounted:
            if status < 400:
                window.answered(now, status, latency_s)
            else:
                window.failed(now, status, text)
        self._uncounted.clear()

    def failed(self, connection: Connection, now: float, why: str, *, timed_out: bool = False) -> None:
        self.measuring.now_in.failed(now, None, why, timed_out=timed_out)
        self._resting.append((now + _PAUSE_S, connection))

    def _give_up(self, now: float) -> None:
        timeout_s = self._plan.timeout_s
        for connection in self.busy:
            if now - connection.sent >= timeout_s:
                connection.give_up(now, f"no answer within {timeout_s:g} s")

    def _connection(self) -> Connection:
        made = Connection(*self._address, self._waiting, self)
        self._connections.append(made)
        return made


class ClosedLoad(Load):
    def __init__(self, plan: Plan, address: tuple[int, tuple], waiting: Waiting) -> None:
        super().__init__(plan, address, waiting)
        for _ in range(plan.concurrency):
            self._free(self._connection(), perf_counter())

    def wait_s(self, now: float) -> float:
        return _LOOK_EVERY_S

    def _free(self, connection: Connection, now: float) -> None:
        connection.start(next(self._requests), now)


class OpenLoad(Load):
    """Requests wait in the schedule while `max_in_flight` others are under way; their latency counts from the moment
    they were due, so that what waits is not left out (which is known as coordinated omission)."""

    def __init__(self, plan: Plan, address: tuple[int, tuple], waiting: Waiting) -> None:
        super().__init__(plan, address, waiting)
        self._idle: deque[Connection] = deque()
        self._schedule = Schedule(perf_counter(), plan.rate)

    @property
    def _first_answers(self) -> int:
        return 1

    def wait_s(self, now: float) -> float:
        if not self._any_free():
            return _LOOK_EVERY_S
        return min(max(self._schedule.due - now, 0.0), _LOOK_EVERY_S)

    def tick(self, now: float) -> Window | None:
        while self._schedule.due <= now and self._any_free():
            # The longest idle first: every connection, and what is behind it, has its turn.
            connection = self._idle.popleft() if self._idle else self._connection()
            self._send(connection, now, late=True)
            now = perf_counter()
        return super().tick(now)

    def _any_free(self) -> bool:
        return bool(self._idle) or len(self._connections) < self._plan.max_in_flight

    def _free(self, connection: Connection, now: float) -> None:
        now = perf_counter()
        if self._schedule.due <= now:
            self._send(connection, now, late=self._any_free())
        else:
            self._idle.append(connection)

    def _send(self, connection: Connection, now: float, *, late: bool) -> None:
        """`late`: a connection was free when the request was due, so any delay is the generator's own."""
        due = self._schedule.take()
        connection.start(next(self._requests), now, due)
        self.measuring.now_in.late.add(now - due if late else 0.0)
