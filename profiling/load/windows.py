"""Windows of measuring: when warming up is over, when a window ends, when the last ones agree. No clock is read here:
every time is given, in seconds of one clock."""

from collections.abc import Callable
from statistics import median

from profiling.load.latencies import Latencies
from profiling.load.plan import Rule


class Window:
    """What came back between two moments. Requests belong to the window in which they ended."""

    def __init__(self, begun: float, cpu_s: float) -> None:
        self.begun = self.ended = begun
        self.cpu_s = cpu_s  # of the generator: its clock while the window lasts, afterwards what it used
        self.latencies = Latencies()
        self.late = Latencies()
        self.errors = 0
        self.timeouts = 0
        self.statuses: dict[int, int] = {}
        self.first_error: dict | None = None
        self.last = begun
        self.p95_ms: float | None = None  # once it has ended: it takes too long to be found again and again

    @property
    def requests(self) -> int:
        return self.latencies.count + self.errors

    @property
    def seconds(self) -> float:
        return self.ended - self.begun

    @property
    def throughput(self) -> float:
        return self.latencies.count / self.seconds if self.seconds > 0 else 0.0

    def answered(self, now: float, status: int, latency_s: float) -> None:
        self.last = now
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.latencies.add(latency_s)

    def failed(self, now: float, status: int | None, text: str, *, timed_out: bool = False) -> None:
        """`status` None: no answer came, `text` says why."""
        self.last = now
        self.errors += 1
        self.timeouts += timed_out
        if status is not None:
            self.statuses[status] = self.statuses.get(status, 0) + 1
        if self.first_error is None:
            self.first_error = {"status": status, "body": text}

    def end(self, now: float, cpu_s: float) -> None:
        self.ended = now
        self.cpu_s = cpu_s - self.cpu_s
        self.p95_ms = self.latencies.percentile_ms(95)

    def end_at(self, now: float, rule: Rule) -> float | None:
        """The moment at which the window has ended, or None.

        It is that of the last answer: between two answers lies the time of a whole number of them, whereas a window cut
        by the clock would be wrong by one, much where there are few. Only when the last half of the longest window was
        silent the clock cuts."""
        if self.last - self.begun >= rule.window_s and self.requests >= rule.window_requests:
            return self.last
        if now - self.begun >= rule.max_window_s:
            return self.last if self.last - self.begun >= rule.max_window_s / 2 else now
        return None


def warm_at(now: float, begun: float, last: float, all_answered: bool, rule: Rule) -> float | None:
    """The moment at which warming up, begun at `begun`, is over; `last` is the moment of the last answer."""
    if all_answered and last - begun >= rule.warm_up_s:
        return last
    return now if now - begun >= 5 * rule.warm_up_s else None


def agree(windows: list[Window], rule: Rule) -> bool:
    """Whether the last ones do, in throughput and p95."""
    last = windows[-rule.agree :]
    if len(last) < rule.agree:
        return False
    return all(
        _close(values, rule.within)
        for values in ([window.throughput for window in last], [window.p95_ms for window in last])
    )


def _close(values: list[float | None], within: float) -> bool:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return not known
    return max(known) - min(known) <= within * median(known)


class Measuring:
    """Warm-up, then windows until they agree. `cpu_s` reads the seconds of CPU the generator has used."""

    def __init__(self, rule: Rule, begun: float, cpu_s: Callable[[], float]) -> None:
        self._rule = rule
        self._cpu_s = cpu_s
        self.warming = True
        self.now_in = Window(begun, cpu_s())
        self.windows: list[Window] = []
        self.stable = False

    @property
    def over(self) -> bool:
        return self.stable or len(self.windows) >= self._rule.max_windows

    @property
    def counted(self) -> list[Window]:
        """Those the result is of: the last ones where they agree, else all."""
        return self.windows[-self._rule.agree :] if self.stable else self.windows

    def tick(self, now: float, all_answered: bool) -> Window | None:
        """The window that has just ended."""
        window = self.now_in
        if self.warming:
            over = warm_at(now, window.begun, window.last, all_answered, self._rule)
            if over is not None:
                self.warming = False
                self._next(over)
            return None
        ended = window.end_at(now, self._rule)
        if ended is None:
            return None
        window.end(ended, self._cpu_s())
        self.windows.append(window)
        self.stable = agree(self.windows, self._rule)
        self._next(ended)
        return window

    def _next(self, begun: float) -> None:
        self.now_in = Window(begun, self._cpu_s())
