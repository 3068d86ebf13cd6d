"""What the worker does by the clock, in threads of its own.

Not as Celery tasks: those wait for a free place among the builds, and whether services answer must be
looked at while every place is taken. Each worker keeps its own clock, which dies with it; everything
on it may run twice, in two workers at once.
"""

import logging
import threading
import time
from collections.abc import Callable

from celery import bootsteps
from django.conf import settings
from django.db import close_old_connections

log = logging.getLogger("slipway.clock")
_SWEEP_S = 600.0
_ROLL_UP_S = 10.0
_PRUNE_S = 300.0


class Hand(threading.Thread):
    """Does `work` now and then every `seconds`, until told to stop; `on_the_mark`, when the time of day is a multiple
    of them."""

    def __init__(self, work: Callable[[], object], seconds: float, *, on_the_mark: bool = False) -> None:
        super().__init__(name=f"clock: {work.__qualname__}", daemon=True)
        self._work, self._seconds, self._on_the_mark = work, seconds, on_the_mark
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self._work()
            except Exception:
                log.exception("%s", self.name)
            close_old_connections()
            self._over.wait(self._seconds - time.time() % self._seconds if self._on_the_mark else self._seconds)

    def stop(self) -> None:
        self._over.set()


class Clock(bootsteps.StartStopStep):
    """Starts and stops with the worker."""

    def start(self, worker) -> None:
        from deployments import reconcile
        from metrics import rolling, sampling
        from metrics.ladder import FINEST
        from profiling import reconcile as profiles
        from registry import housekeeping

        self.hands = [
            Hand(reconcile.once, settings.RECONCILE_S),
            Hand(profiles.ring_forgotten, settings.RECONCILE_S),
            Hand(housekeeping.sweep, _SWEEP_S),
            Hand(sampling.look, FINEST.step_s, on_the_mark=True),
            Hand(rolling.roll_up, _ROLL_UP_S),
            Hand(rolling.prune, _PRUNE_S),
        ]
        for hand in self.hands:
            hand.start()

    def stop(self, worker) -> None:
        for hand in self.hands:
            hand.stop()
