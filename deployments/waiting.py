"""The wait for a workload that was started: until it is ready, or until waiting is of no use."""

import time
from collections.abc import Callable
from typing import Protocol

from django.conf import settings

from deployments import failures, readiness
from deployments.failures import DeploymentFailed, Failure
from deployments.logs import LogWriter
from deployments.pulse import Pulse
from drivers.base import Driver, Handle, Observed, Phase
from drivers.errors import TargetUnavailable

_POLL_S = 0.05
_POLL_LATER_S = 0.25
_TAIL_CLUSTER_S = 1.0


class Walk(Protocol):
    """What a running deployment or profile lends to it."""

    driver: Driver
    pulse: Pulse
    writer: LogWriter
    begun: float

    def say(self, text: str) -> None: ...

    def placed(self, failure: Failure) -> Failure: ...


class Waiting:
    """`show` is told of what was seen wherever there are replicas to tell of."""

    def __init__(self, walk: Walk, handle: Handle, show: Callable[[Observed], None]) -> None:
        self._walk, self._handle, self._show = walk, handle, show
        self._begun = time.monotonic()
        self._since = walk.begun
        self._read_at = 0.0
        self._told = ""
        self._no_room_since: float | None = None

    def until_ready(self) -> Observed:
        """Copies what the workload writes into the log meanwhile, and says what it waits for.

        Raises DeploymentFailed."""
        answer = ""
        while True:
            self._walk.pulse.check()
            seen = self._observe()
            if seen is not None:
                ready, answer = self._judge(seen)
                if ready:
                    self._read()
                    return seen
            waited = time.monotonic() - self._begun
            if waited > settings.START_TIMEOUT_S and self._no_room_since is None:
                self._fail(failures.of_time(settings.START_TIMEOUT_S, answer))
            time.sleep(_POLL_S if waited < 5 else _POLL_LATER_S)

    def _observe(self) -> Observed | None:
        """None while the target is away: what was begun there goes on without it, and it may come back."""
        try:
            return self._walk.driver.observe(self._handle)
        except TargetUnavailable as exc:
            if not self._walk.driver.scales:
                raise
            self._tell(f"{exc} Waiting for it.")
            return None

    def _judge(self, seen: Observed) -> tuple[bool, str]:
        if cause := self._read_now_and_then():  # the runtime says why it gives up; how it ends adds nothing
            self._fail(cause)
        if seen.phase in {Phase.CRASHED, Phase.GONE}:
            self._fail(self._read() or failures.of_end(seen))
        if seen.replicas:
            if seen.detail and not seen.ready:
                self._tell(seen.detail)
            self._show(seen)
        if seen.phase is Phase.UNSCHEDULABLE:
            self._wait_for_room(seen)
            return False, seen.detail
        if self._no_room_since is not None:
            # It starts only now: what it waited for room is not taken from its time to start.
            self._no_room_since, self._begun = None, time.monotonic()
        return readiness.is_ready(self._walk.driver, self._handle, seen) if seen.address else (False, seen.detail)

    def _wait_for_room(self, seen: Observed) -> None:
        now = time.monotonic()
        if self._no_room_since is None:
            self._no_room_since = now
            self._walk.say(f"Waiting up to {settings.SCHEDULE_TIMEOUT_S:g} s for room.")
        if now - self._no_room_since > settings.SCHEDULE_TIMEOUT_S:
            self._fail(failures.of_no_room(seen, settings.SCHEDULE_TIMEOUT_S))

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._walk.say(text)

    def _fail(self, failure: Failure) -> None:
        raise DeploymentFailed(self._walk.placed(failure))

    def _read_now_and_then(self) -> Failure | None:
        """A log in a cluster is a request for each look; one on this machine costs nothing."""
        pause = _TAIL_CLUSTER_S if self._walk.driver.scales else 0.0
        if time.monotonic() - self._read_at < pause:
            return None
        return self._read()

    def _read(self) -> Failure | None:
        """Copy what the workload wrote since; the cause, when it says why it gives up."""
        self._read_at, cause = time.monotonic(), None
        for record in self._walk.driver.logs(self._handle, since=self._since):
            self._since = record.at
            found = failures.of_boot_line(record.text)
            if found is None:
                self._walk.writer.line(record.stream, record.text, at=record.at)
            cause = found or cause
        return cause
