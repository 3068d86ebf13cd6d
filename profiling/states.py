"""The states of profiles and of the sizes they measure."""

from django.db import models


class Status(models.TextChoices):
    """Of a profile."""

    QUEUED = "queued"
    PREPARING = "preparing"
    MEASURING = "measuring"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED})


class SizeState(models.TextChoices):
    """Of one size; failed is one that the model could not run on, skipped one that was not tried."""

    WAITING = "waiting"
    STARTING = "starting"
    MEASURING = "measuring"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


SIZE_ENDED = frozenset({SizeState.DONE, SizeState.FAILED, SizeState.SKIPPED})


class Purpose(models.TextChoices):
    """What a size is measured for."""

    CPU = "cpu", "How much CPU it needs"
    MEMORY = "memory", "How little memory is enough"
    ONNX = "onnx", "Whether an ONNX graph is faster"


class Mode(models.TextChoices):
    """Closed: each of some clients sends when it has its answer. Open: requests come at a rate, answered or not."""

    CLOSED = "closed"
    OPEN = "open"
