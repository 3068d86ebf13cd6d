"""Putting deployments in the queue: a row, and then a ring."""

from django.db import transaction

from deployments.doorbell import ring_deployment
from deployments.errors import ServiceBusy
from deployments.models import Deployment, Revision, Service
from deployments.routes import bump_routing
from deployments.service_state import refresh_state
from deployments.states import FINAL
from workspaces.models import User


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
    """Bring back a serving revision whose workload is gone; None while a deployment is under way."""
    service = Service.objects.select_for_update().get(pk=revision.service_id)
    newest = service.newest_deployment
    if service.deleting or (newest and newest.status not in FINAL):
        return None
    return queue_deployment(revision, None)
