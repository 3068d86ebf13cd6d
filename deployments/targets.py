"""Compute targets: their drivers, and which of them answer now."""

import threading
from collections.abc import Iterable

from django.conf import settings
from django.utils import timezone

from deployments.connections import connection_of, registry_of
from deployments.errors import TargetNotFound, TargetUnavailable
from deployments.models import Target
from drivers import errors
from drivers.base import Driver
from drivers.docker import DockerDriver
from drivers.errors import DriverError
from drivers.process import ProcessDriver
from workspaces.models import Workspace

# What is there by itself, once for all workspaces.
BUILT_IN = (Target.Kind.PROCESS, Target.Kind.DOCKER)
_lock = threading.Lock()
_drivers: dict[str, tuple[object, Driver]] = {}


def driver_of(target: Target) -> Driver:
    """Raises drivers.errors.TargetUnavailable for a cluster that was detached."""
    if target.kind in BUILT_IN:
        return driver_at(target.kind)
    if target.detached:
        raise errors.TargetUnavailable(
            f"The target {target.name} was detached from this workspace.",
            advice="Deploy a new revision to another target.",
        )
    # By all that it is reached with: changed credentials make another driver.
    return _kept(target.place, (target.connection, target.sealed_secrets), lambda: kubernetes_driver(target))


def driver_at(place: str) -> Driver:
    """The driver of `Target.place`; one of each per process. Raises Target.DoesNotExist when the target is gone."""
    if place == Target.Kind.PROCESS:
        return _kept(place, None, lambda: ProcessDriver(root=settings.DATA_DIR, runtime=settings.RUNTIME_DIR))
    if place == Target.Kind.DOCKER:
        return _kept(place, None, lambda: DockerDriver(**_building()))
    return driver_of(Target.objects.get(pk=int(place.partition(":")[2])))


def kubernetes_driver(target: Target) -> Driver:
    """A new one, for what the row says now."""
    from drivers.kubernetes import KubernetesDriver  # half a second and 30 MB that few studios need

    facts = target.connection
    connection, registry = connection_of(target), registry_of(target)
    return KubernetesDriver(connection, registry, facts["namespace"], way=facts["access"], **_building())


def _building() -> dict[str, object]:
    cache = settings.DATA_DIR / "docker-cache"
    return {"cache": cache, "runtime": settings.RUNTIME_DIR, "base_image": settings.BASE_IMAGE}


def _kept(place: str, facts: object, make) -> Driver:
    with _lock:
        known = _drivers.get(place)
        if known and known[0] == facts:
            return known[1]
        made = make()
        _drivers[place] = (facts, made)
    if known:
        known[1].close()
    return made


def forget(place: str) -> None:
    """Stop whatever the driver there keeps running; for a target that was detached."""
    with _lock:
        known = _drivers.pop(place, None)
    if known:
        known[1].close()


def forget_all() -> None:
    """The next question to each place makes its driver anew."""
    with _lock:
        _drivers.clear()


def kinds_offered() -> list[str]:
    """The kinds this studio may use; the process target only where the operator said so."""
    return [kind for kind in Target.Kind.values if kind != Target.Kind.PROCESS or settings.PROCESS_TARGET]


def check_offered(kind: str) -> None:
    """Raises drivers.errors.TargetUnavailable when the operator has turned the target off."""
    if kind not in kinds_offered():
        raise errors.TargetUnavailable(f"Target {kind!r} is turned off.", advice=_ADVICE[kind])


def refresh_targets() -> None:
    """Look at every target and write what was seen; one that answers for the first time appears."""
    workspaces = list(Workspace.objects.all())
    for kind in BUILT_IN:
        seen = _look(kind)
        for workspace in workspaces:
            if seen["available"]:
                found = {"kind": kind, **seen}
                Target.objects.update_or_create(workspace=workspace, name=kind, detached=False, defaults=found)
            else:
                Target.objects.filter(workspace=workspace, kind=kind).update(**seen)
    clusters = attached()
    for place in set(_drivers) - {*BUILT_IN, *(target.place for target in clusters)}:
        forget(place)  # detached by another process, which cannot stop what this one keeps running
    for target in clusters:
        look_at(target)


def attached() -> list[Target]:
    return list(Target.objects.exclude(kind__in=BUILT_IN).filter(detached=False))


def look_at(target: Target) -> None:
    """Write whether the target answers, and what it has."""
    Target.objects.filter(pk=target.pk).update(**_asked(lambda: driver_of(target)))


def _look(kind: str) -> dict[str, object]:
    if kind not in kinds_offered():
        detail = "The operator has turned this target off."
        return {"available": False, "checked_time": timezone.now(), "detail": detail}
    return _asked(lambda: driver_at(kind))


def _asked(driver) -> dict[str, object]:
    now = timezone.now()
    try:
        capacity = driver().check()
    except DriverError as exc:
        return {"available": False, "checked_time": now, "detail": " ".join(filter(None, [str(exc), exc.advice]))}
    return {
        "available": True,
        "checked_time": now,
        "detail": capacity.detail,
        "cpu": capacity.cpu,
        "memory_bytes": capacity.memory_bytes,
    }


def in_order(targets: Iterable[Target]) -> list[Target]:
    """Those that are there by themselves first, the one that needs nothing before all; then clusters by name."""
    return sorted(
        targets, key=lambda target: (BUILT_IN.index(target.kind) if target.kind in BUILT_IN else 9, target.name)
    )


def find_target(*, workspace: Workspace, name: str) -> Target:
    """The target of that name, or the first that answers when `name` is empty.

    Raises TargetNotFound or TargetUnavailable, with the reason."""
    targets = Target.objects.filter(workspace=workspace, detached=False)
    if not name:
        found = next(iter(in_order(targets.filter(available=True))), None)
        if found is None:
            raise TargetUnavailable(
                "No compute target answers.",
                advice="Start a Docker engine, turn on SLIPWAY_PROCESS_TARGET, or attach a Kubernetes cluster.",
            )
        return found
    found = targets.filter(name=name).first()
    if found is None and name in BUILT_IN:
        seen = _look(name)
        if not seen["available"]:
            raise TargetUnavailable(f"Target {name!r} does not answer: {seen['detail']}", advice=_ADVICE[name])
        made = {"kind": name, **seen}
        return Target.objects.update_or_create(workspace=workspace, name=name, detached=False, defaults=made)[0]
    if found is None:
        there = ", ".join(targets.values_list("name", flat=True)) or "none"
        raise TargetNotFound(f"There is no compute target {name!r}.", advice=f"Targets here: {there}.")
    if not found.available:
        raise TargetUnavailable(f"Target {name!r} does not answer: {found.detail}", advice=_ADVICE[found.kind])
    return found


_ADVICE = {
    Target.Kind.DOCKER: "Start the Docker engine, or deploy to another target.",
    Target.Kind.PROCESS: "The operator can turn it on with SLIPWAY_PROCESS_TARGET=on.",
    Target.Kind.KUBERNETES: "Test its connection on the targets page, or deploy to another target.",
}
