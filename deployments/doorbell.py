"""Ringing the worker. A lost ring costs seconds, nothing more: reconcile finds what waits in the rows."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger("slipway.doorbell")


def ring_deployment(deployment_id: int) -> None:
    ring("deployments.tasks.run_deployment", deployment_id)


def ring_removal(service_id: int) -> None:
    ring("deployments.tasks.remove_service", service_id)


def ring_look(workload_id: int) -> None:
    ring("deployments.tasks.look_at_workload", workload_id)


def ring(task: str, pk: int) -> None:
    """For the row `pk`, once the surrounding transaction is committed."""
    transaction.on_commit(lambda: _ring(task, pk))


def _ring(task: str, pk: int) -> None:
    try:
        current_app.send_task(task, [pk])
    except (OperationalError, OSError) as exc:
        log.warning("the broker does not answer (%s); reconcile will find %s %s", exc, task, pk)
