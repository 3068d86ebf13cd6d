"""The worker's Celery application.

A message is only a doorbell: the row says what is to be done.
"""

import os
import warnings

from celery import Celery
from celery.signals import worker_ready
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

from studio.clock import Clock

# As root in a container, which is where it says so, there is nobody else to run as.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")

TRANSPORT_ALIASES["folder"] = "studio.folder_broker:Transport"

app = Celery("slipway")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Clock)


@worker_ready.connect
def mark_ready(**_) -> None:
    """Tells the supervisor that the worker takes messages."""
    settings.DATA_DIR.joinpath("worker.ready").touch()
