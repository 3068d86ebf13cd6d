"""Putting deployments in the queue: a row, and then a ring."""

from datetime import timedelta
from itertools import takewhile

from django.db import transaction
from django.utils import timezone

from deployments.doorbell import ring_deployment
from deployments.errors import ServiceBusy
from deployments.models import Deployment, Revision, Service
from deployments.routes import bump_routing
from deployments.service_state import refresh_state
from deployments.states import FINAL, Status
from workspaces.models import User

FIRST_PAUSE = timedelta(seconds=10)


def check_idle(service: Service) -> None:
    """Raises ServiceBusy while a deployment of the service runs; call it with the service's row locked."""
    newest = service.newest_deployment
    if newest and newest.status not in FINAL:
        raise ServiceBusy(
            f"Deployment {newest.pk} of service {service.name!r} is still {newest.status}.",
            advice="Wait for it, or cancel it.",
            deployment=newest.pk,
        )


def queue_deployment(revision: Revision, by: User | None) -> Deployment:
    """One attempt at `revision`, to be claimed by a worker; call it with the service's row locked."""
    deployment = Deployment.objects.create(revision=revision, created_by=by)
    refresh_state(revision.service)
    bump_routing()
    ring_deployment(deployment.pk)
    return deployment


@transaction.atomic
def restore(revision: Revision) -> Deployment | None:
    """Bring back a serving revision whose workload is gone.

    None while a deployment is under way, and for a while after one that tried the same and failed."""
    service = Service.objects.select_for_update().get(pk=revision.service_id)
    newest = service.newest_deployment
    if service.deleting or (newest and newest.status not in FINAL) or _failed_lately(service):
        return None
    return queue_deployment(revision, None)


def _failed_lately(service: Service) -> bool:
    """Whether to wait before the next attempt to restore: longer with each that has failed."""
    attempts = Deployment.objects.filter(revision__service=service).order_by("-pk")[:10]
    failed = list(takewhile(lambda row: row.created_by_id is None and row.status == Status.FAILED, attempts))
    if not failed:
        return False
    return timezone.now() - failed[0].finished_time < FIRST_PAUSE * 2 ** (len(failed) - 1)
