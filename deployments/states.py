"""The states of deployments and services, and which may follow which."""

from django.db import models


class Status(models.TextChoices):
    """Of one attempt to bring a revision live."""

    QUEUED = "queued"
    BUILDING = "building"
    STARTING = "starting"
    CHECKING = "checking"
    LIVE = "live"
    FAILED = "failed"
    CANCELLED = "cancelled"


_ENDS_EARLY = {Status.FAILED, Status.CANCELLED}
NEXT = {
    Status.QUEUED: {Status.BUILDING} | _ENDS_EARLY,
    Status.BUILDING: {Status.STARTING} | _ENDS_EARLY,
    Status.STARTING: {Status.CHECKING} | _ENDS_EARLY,
    Status.CHECKING: {Status.LIVE} | _ENDS_EARLY,
    Status.LIVE: set(),
    Status.FAILED: set(),
    Status.CANCELLED: set(),
}
FINAL = frozenset(status for status in Status if not NEXT[status])


class ServiceState(models.TextChoices):
    """Azure ML v1's names (contract §5.1)."""

    TRANSITIONING = "Transitioning"
    HEALTHY = "Healthy"
    UNHEALTHY = "Unhealthy"
    UNSCHEDULABLE = "Unschedulable"
    FAILED = "Failed"
    DELETING = "Deleting"


class Outcome(models.TextChoices):
    """Of one step of a deployment."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Step(models.TextChoices):
    """The steps of a deployment, in order; the label is what people read. Only clusters are pushed to."""

    ENVIRONMENT = "environment", "Prepare environment"
    PACKAGE = "package", "Build package"
    PUSH = "push", "Push image"
    START = "start", "Start workload"
    CHECK = "check", "Load model and check"
    SWITCH = "switch", "Route traffic"
