"""Compute targets: their drivers, and which of them answer now."""

import logging
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from deployments.errors import TargetNotFound, TargetUnavailable
from deployments.models import Target
from drivers import errors
from drivers.base import Driver
from drivers.docker import DockerDriver
from drivers.errors import DriverError
from drivers.process import ProcessDriver
from workspaces.models import Workspace

log = logging.getLogger("slipway.targets")


@lru_cache(maxsize=8)
def driver_of(kind: str) -> Driver:
    """The driver for targets of that kind; one of each per process."""
    if kind == Target.Kind.PROCESS:
        return ProcessDriver(root=settings.DATA_DIR, runtime=settings.RUNTIME_DIR)
    return DockerDriver(
        cache=settings.DATA_DIR / "docker-cache", runtime=settings.RUNTIME_DIR, base_image=settings.BASE_IMAGE
    )


def kinds_offered() -> list[str]:
    """The kinds this studio may use; the process target only where the operator said so."""
    return [Target.Kind.PROCESS, Target.Kind.DOCKER] if settings.PROCESS_TARGET else [Target.Kind.DOCKER]


def check_offered(kind: str) -> None:
    """Raises drivers.errors.TargetUnavailable when the operator has turned the target off."""
    if kind not in kinds_offered():
        raise errors.TargetUnavailable(f"Target {kind!r} is turned off.", advice=_ADVICE[kind])


def refresh_targets() -> None:
    """Look at every target and write what was seen; one that answers for the first time appears."""
    workspaces = list(Workspace.objects.all())
    for kind in Target.Kind.values:
        seen = _look(kind)
        for workspace in workspaces:
            if seen["available"]:
                Target.objects.update_or_create(workspace=workspace, name=kind, defaults={"kind": kind, **seen})
            else:
                Target.objects.filter(workspace=workspace, kind=kind).update(**seen)


def _look(kind: str) -> dict[str, object]:
    now = timezone.now()
    if kind not in kinds_offered():
        return {"available": False, "checked_time": now, "detail": "The operator has turned this target off."}
    try:
        capacity = driver_of(kind).check()
    except DriverError as exc:
        return {"available": False, "checked_time": now, "detail": " ".join(filter(None, [str(exc), exc.advice]))}
    return {
        "available": True,
        "checked_time": now,
        "detail": capacity.detail,
        "cpu": capacity.cpu,
        "memory_bytes": capacity.memory_bytes,
    }


def find_target(*, workspace: Workspace, name: str) -> Target:
    """The target of that name, or the first that answers when `name` is empty.

    Raises TargetNotFound or TargetUnavailable, with the reason."""
    targets = Target.objects.filter(workspace=workspace)
    if not name:
        found = targets.filter(available=True).first()
        if found is None:
            raise TargetUnavailable(
                "No compute target answers.", advice="Start a Docker engine, or turn on SLIPWAY_PROCESS_TARGET."
            )
        return found
    found = targets.filter(name=name).first()
    if found is None and name in Target.Kind.values:
        seen = _look(name)
        if not seen["available"]:
            raise TargetUnavailable(f"Target {name!r} does not answer: {seen['detail']}", advice=_ADVICE[name])
        return Target.objects.update_or_create(workspace=workspace, name=name, defaults={"kind": name, **seen})[0]
    if found is None:
        there = ", ".join(targets.values_list("name", flat=True)) or "none"
        raise TargetNotFound(f"There is no compute target {name!r}.", advice=f"Targets here: {there}.")
    if not found.available:
        raise TargetUnavailable(f"Target {name!r} does not answer: {found.detail}", advice=_ADVICE[found.kind])
    return found


_ADVICE = {
    Target.Kind.DOCKER: "Start the Docker engine, or deploy to another target.",
    Target.Kind.PROCESS: "The operator can turn it on with SLIPWAY_PROCESS_TARGET=on.",
}
