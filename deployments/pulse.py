"""A thread beside long work: keeps its lease, stores its lines, hears a request to stop."""

import threading
import time

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from deployments import leases
from deployments.logs import LogWriter

_TICK_S = 0.1
_LISTEN_S = 0.5


class Abandoned(Exception):
    """The lease went to another worker: leave everything as it is."""


class CancelRequested(Exception):
    """Somebody asked for it to stop."""


class Pulse(threading.Thread):
    """Of the one row in `work`, which has a lease and a column `cancel_requested`."""

    def __init__(self, work: QuerySet, worker: str, writer: LogWriter) -> None:
        super().__init__(name=f"pulse of {worker}", daemon=True)
        self._work, self._worker, self._writer = work, worker, writer
        self._over = threading.Event()
        self._lost, self._cancel = False, self._asked_to_stop()

    def run(self) -> None:
        try:
            renewed = listened = time.monotonic()
            while not self._over.wait(_TICK_S):
                self._writer.flush()
                now = time.monotonic()
                if now - listened >= _LISTEN_S:
                    listened = now
                    self._cancel = self._asked_to_stop()
                if now - renewed >= settings.LEASE_S / 3:
                    renewed = now
                    self._lost = not leases.renew(self._work.all(), self._worker)
        except Exception:
            self._lost = True  # without the database this worker can prove nothing; another may go on
            raise
        finally:
            connection.close()

    def _asked_to_stop(self) -> bool:
        return self._work.filter(cancel_requested=True).exists()

    def check(self) -> None:
        """Raises Abandoned or CancelRequested when the pipeline should not go on."""
        if self._lost:
            raise Abandoned
        if self._cancel:
            raise CancelRequested

    def stop(self) -> None:
        self._over.set()
        self.join()
        self._writer.flush()
