"""A thread beside a running pipeline: keeps its lease, stores its lines, hears a request to stop."""

import threading
import time

from django.conf import settings
from django.db import connection

from deployments import transitions
from deployments.logs import LogWriter
from deployments.models import Deployment

_TICK_S = 0.1
_LISTEN_S = 0.5


class Abandoned(Exception):
    """The lease went to another worker: leave everything as it is."""


class CancelRequested(Exception):
    """Somebody asked for the deployment to stop."""


class Pulse(threading.Thread):
    def __init__(self, deployment: Deployment, worker: str, writer: LogWriter) -> None:
        super().__init__(name=f"pulse of deployment {deployment.pk}", daemon=True)
        self._deployment_id, self._worker, self._writer = deployment.pk, worker, writer
        self._over = threading.Event()
        self._lost, self._cancel = False, deployment.cancel_requested

    def run(self) -> None:
        try:
            renewed = listened = time.monotonic()
            while not self._over.wait(_TICK_S):
                self._writer.flush()
                now = time.monotonic()
                if now - listened >= _LISTEN_S:
                    listened = now
                    self._cancel = Deployment.objects.filter(pk=self._deployment_id, cancel_requested=True).exists()
                if now - renewed >= settings.LEASE_S / 3:
                    renewed = now
                    self._lost = not transitions.renew(self._deployment_id, self._worker)
        except Exception:
            self._lost = True  # without the database this worker can prove nothing; another may go on
            raise
        finally:
            connection.close()

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
