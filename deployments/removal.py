"""Taking a deleted service away, workloads first; may run twice."""

import logging

from django.db import transaction
from django.utils import timezone

from deployments.instance import owner
from deployments.models import Deployment, Service, Target, Workload
from deployments.routes import bump_routing
from deployments.service_state import refresh_state
from deployments.states import FINAL
from deployments.targets import BUILT_IN, driver_at, driver_of
from drivers.base import Handle
from drivers.errors import DriverError

log = logging.getLogger("slipway.removal")


def remove_service(service_id: int) -> bool:
    """False when a worker still has one of its deployments: that ends first, and reconcile rings again."""
    service = Service.objects.filter(pk=service_id, deleting=True).first()
    if service is None:
        return True
    held = Deployment.objects.filter(revision__service=service, lease_until__gt=timezone.now())
    if held.exclude(status__in=FINAL).exists():
        return False
    for workload in Workload.objects.filter(revision__service=service).select_related("revision__target"):
        stop_workload(workload)
    with transaction.atomic():
        service.delete()
        bump_routing()
    return True


def stop_workload(workload: Workload) -> None:
    """End what runs, then forget it. Raises DriverError, and then the row stays for the next round."""
    target = workload.revision.target
    driver_of(target).delete(Handle(target.kind, workload.name))
    workload.delete()


def stop_everything() -> None:
    """End every workload of this studio on this machine, keeping the rows: they come back when it starts again."""
    # What runs in a cluster runs without the studio: it keeps serving, as far as its gateway is there.
    for kind in set(Target.objects.filter(kind__in=BUILT_IN).values_list("kind", flat=True)):
        try:
            driver = driver_at(kind)
            for handle in driver.list(owner()):
                driver.delete(handle, grace_s=3.0)
                _note_stopped(handle.name)
        except DriverError as exc:
            log.warning("%s: %s", kind, exc)


@transaction.atomic
def _note_stopped(name: str) -> None:
    workload = Workload.objects.filter(name=name).select_related("revision__service").first()
    if workload is not None:
        detail = "The studio was stopped; it starts again with it."
        Workload.objects.filter(pk=workload.pk).update(healthy=False, address="", detail=detail)
        refresh_state(workload.revision.service)
        bump_routing()
