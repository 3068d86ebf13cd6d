"""Rows compared with the world, every few seconds: what was lost comes back, what is left over goes."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from deployments import readiness, recipes, removal, watching
from deployments.doorbell import ring_deployment
from deployments.hooks import workloads_elsewhere
from deployments.instance import owner
from deployments.leases import free
from deployments.log_archive import fold_ended
from deployments.models import Deployment, Service, Target, Workload
from deployments.packages import remove_idle
from deployments.queue import restore
from deployments.states import FINAL
from deployments.targets import attached, driver_at, driver_of, refresh_targets
from drivers.base import Handle, Observed, Phase
from drivers.errors import DriverError

log = logging.getLogger("slipway.reconcile")
_one_at_a_time = threading.Lock()
_SETTLE_S = 0.15


def once() -> None:
    """One round; a second call in the same process while it runs does nothing."""
    if not _one_at_a_time.acquire(blocking=False):
        return
    try:
        for look in (
            ring_forgotten,
            follow_clusters,
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
    for pk in Deployment.objects.filter(free()).exclude(status__in=FINAL).values_list("pk", flat=True):
        ring_deployment(pk)


def watch_serving() -> None:
    """What should serve: note whether it answers, follow it to a new address, bring it back when gone."""
    for workload in _serving():
        with _apart(workload.name):
            _watch(workload)


def look_at_workload(workload_id: int) -> None:
    """Now, because something about it was changed by hand."""
    for workload in _serving().filter(pk=workload_id):
        with _apart(workload.name):
            _watch(workload)


def _serving() -> QuerySet[Workload]:
    serving = Workload.objects.filter(revision__traffic__gt=0, retire_time=None, revision__service__deleting=False)
    return serving.select_related("revision__service", "revision__target")


def _watch(workload: Workload) -> None:
    target = workload.revision.target
    handle = Handle(target.kind, workload.name)
    try:
        driver = driver_of(target)
        seen = driver.observe(handle)
    except DriverError as exc:
        # A cluster goes on without its API server, and the gateway with the replicas it knows.
        still = workload.healthy and target.kind == Target.Kind.KUBERNETES
        watching.note(workload, healthy=still, detail=f"{exc} {exc.advice}".strip())
        return
    if seen.phase is Phase.GONE:
        said = "Its workload is gone and is being started again."
        watching.note_seen(workload, seen, healthy=False, detail=said, address="")
        if restore(workload.revision):
            log.info("%s is gone; a deployment brings it back", workload.name)
        return
    if seen.phase is Phase.CRASHED or not seen.address:
        detail = seen.detail or "Its workload has crashed."
        # Where a name stands for its replicas, it goes on to: they may come back.
        address = workload.address if driver.scales else ""
        watching.note_seen(workload, seen, healthy=False, detail=detail, address=address)
        return
    if driver.scales:
        ready, detail = seen.ready_replicas > 0, _of_replicas(seen)
    else:
        ready, answer = readiness.is_ready(driver, handle, seen)
        detail = "" if ready else seen.detail or answer
    watching.note_seen(workload, seen, healthy=ready, detail=detail, address=seen.address)
    if driver.scales and recipes.scale_of(workload.revision) != seen.scale:
        driver.scale(handle, recipes.scale_of(workload.revision))


def _of_replicas(seen: Observed) -> str:
    """Nothing while all is well; else how many are ready, and what is the matter with the others."""
    if not seen.ready_replicas:
        return seen.detail or "No replica is ready."
    if seen.code and seen.ready_replicas < seen.wanted:
        return f"{seen.ready_replicas} of {seen.wanted} replicas are ready. {seen.detail}"
    return ""


def follow_clusters() -> None:
    """Hear of changes in clusters as they happen; the round that calls this is the safety net."""
    for target in attached():
        with _apart(target.name):
            driver_of(target).watch(owner(), _changes.heard)


class _Changes(threading.Thread):
    """Looks at workloads that a cluster has told of, a moment later: one change is told of several times."""

    def __init__(self) -> None:
        super().__init__(name="changes in clusters", daemon=True)
        self._names: set[str] = set()
        self._any = threading.Event()
        self._lock = threading.Lock()

    def heard(self, name: str) -> None:
        with self._lock:
            self._names.add(name)
            if not self.is_alive():
                self.start()
        self._any.set()

    def run(self) -> None:
        while self._any.wait():
            time.sleep(_SETTLE_S)
            self._any.clear()
            with self._lock:
                names, self._names = self._names, set()
            with _apart("changes in clusters"):
                self._look(names)
            connection.close()

    def _look(self, names: set[str]) -> None:
        for workload in _serving().filter(name__in=names):
            with _apart(workload.name):
                _watch(workload)


_changes = _Changes()


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
    for place in {target.place for target in Target.objects.filter(available=True, detached=False)}:
        with _apart(place):
            _remove_orphans(place)


def _remove_orphans(place: str) -> None:
    driver = driver_at(place)
    # Listed first: a row is always written before its workload, so a new one cannot look like an orphan.
    found = driver.list(owner())
    known = set(Workload.objects.filter(revision__target__kind=driver.kind).values_list("name", flat=True))
    known |= workloads_elsewhere()
    for handle in found:
        if handle.name not in known:
            log.info("%s belongs to nothing any more; removing it", handle.name)
            driver.delete(handle)
