"""Rows compared with the world, every few seconds: what was lost comes back, what is left over goes."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from deployments import readiness, removal
from deployments.doorbell import ring_deployment
from deployments.instance import owner
from deployments.log_archive import fold_ended
from deployments.models import Deployment, Service, Target, Workload
from deployments.packages import remove_idle
from deployments.queue import restore
from deployments.routes import bump_routing
from deployments.service_state import refresh_state
from deployments.states import FINAL
from deployments.targets import driver_of, refresh_targets
from drivers.base import Handle, Phase
from drivers.errors import DriverError

log = logging.getLogger("slipway.reconcile")
_one_at_a_time = threading.Lock()


def once() -> None:
    """One round; a second call in the same process while it runs does nothing."""
    if not _one_at_a_time.acquire(blocking=False):
        return
    try:
        for look in (
            ring_forgotten,
            watch_serving,
            retire_idle,
            remove_deleted,
            remove_orphans,
            remove_idle,
            fold_ended,
            refresh_targets,
        ):
            with _apart(look.__name__):
                look()
    finally:
        _one_at_a_time.release()


@contextmanager
def _apart(what: object) -> Iterator[None]:
    """What goes wrong inside keeps nothing else from being looked at; the next round tries it again."""
    try:
        yield
    except DriverError as exc:
        log.warning("%s: %s", what, exc)
    except Exception:
        log.exception("%s", what)


def ring_forgotten() -> None:
    """Deployments nobody works on: their message was lost, or their worker."""
    free = Q(lease_until=None) | Q(lease_until__lt=timezone.now())
    for pk in Deployment.objects.filter(free).exclude(status__in=FINAL).values_list("pk", flat=True):
        ring_deployment(pk)


def watch_serving() -> None:
    """What should serve: note whether it answers, follow it to a new address, bring it back when gone."""
    serving = Workload.objects.filter(revision__traffic__gt=0, retire_time=None, revision__service__deleting=False)
    for workload in serving.select_related("revision__service", "revision__target"):
        with _apart(workload.name):
            _watch(workload)


def _watch(workload: Workload) -> None:
    kind = workload.revision.target.kind
    try:
        seen = driver_of(kind).observe(Handle(kind, workload.name))
    except DriverError as exc:
        _note(workload, healthy=False, detail=f"{exc} {exc.advice}".strip(), address=workload.address)
        return
    if seen.phase is Phase.GONE:
        _note(workload, healthy=False, detail="Its workload is gone and is being started again.", address="")
        if restore(workload.revision):
            log.info("%s is gone; a deployment brings it back", workload.name)
        return
    if seen.phase is Phase.CRASHED or not seen.address:
        _note(workload, healthy=False, detail=seen.detail or "Its workload has crashed.", address="")
        return
    ready, answer = readiness.is_ready(seen.address)
    _note(workload, healthy=ready, detail=seen.detail or answer if not ready else "", address=seen.address)


@transaction.atomic
def _note(workload: Workload, *, healthy: bool, detail: str, address: str) -> None:
    if (workload.healthy, workload.detail, workload.address) == (healthy, detail, address):
        return
    moved = workload.address != address
    service = Service.objects.select_for_update().filter(pk=workload.revision.service_id).first()
    if service is None:
        return
    Workload.objects.filter(pk=workload.pk).update(healthy=healthy, detail=detail, address=address)
    refresh_state(service)
    if moved:
        bump_routing()


def retire_idle() -> None:
    """Workloads that nothing routes to any more and that had their time to finish."""
    for workload in Workload.objects.filter(retire_time__lt=timezone.now()).select_related("revision__target"):
        with _apart(workload.name):
            removal.stop_workload(workload)


def remove_deleted() -> None:
    for pk in Service.objects.filter(deleting=True).values_list("pk", flat=True):
        with _apart(f"service {pk}"):
            removal.remove_service(pk)


def remove_orphans() -> None:
    """Workloads of this studio that no row knows: left by a worker that died in the wrong moment."""
    for kind in set(Target.objects.filter(available=True).values_list("kind", flat=True)):
        with _apart(kind):
            _remove_orphans(kind)


def _remove_orphans(kind: str) -> None:
    driver = driver_of(kind)
    # Listed first: a row is always written before its workload, so a new one cannot look like an orphan.
    found = driver.list(owner())
    known = set(Workload.objects.filter(revision__target__kind=kind).values_list("name", flat=True))
    for handle in found:
        if handle.name not in known:
            log.info("%s belongs to nothing any more; removing it", handle.name)
            driver.delete(handle)
