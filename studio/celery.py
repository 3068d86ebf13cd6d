"""The worker's Celery application.

A message is only a doorbell: the row says what is to be done. Each worker keeps its own clock, in a
thread that dies with it, and every scheduled task may run twice, so no separate beat is needed.
"""

import os
import warnings

from celery import Celery, bootsteps
from celery.beat import EmbeddedService
from celery.signals import worker_ready
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

# As root in a container, which is where it says so, there is nobody else to run as.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")

TRANSPORT_ALIASES["folder"] = "studio.folder_broker:Transport"

app = Celery("slipway")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class Clock(bootsteps.StartStopStep):
    """Rings the scheduled tasks from inside the worker."""

    def start(self, worker) -> None:
        # The schedule is fixed and its tasks may run twice: nothing to remember between two starts.
        self.service = EmbeddedService(worker.app, thread=True, scheduler_cls="celery.beat:Scheduler")
        self.service.start()

    def stop(self, worker) -> None:
        self.service.stop()


app.steps["worker"].add(Clock)


@worker_ready.connect
def mark_ready(**_) -> None:
    """Tells the supervisor that the worker takes messages, and looks at once at what it missed."""
    app.send_task("deployments.tasks.reconcile")
    settings.DATA_DIR.joinpath("worker.ready").touch()
