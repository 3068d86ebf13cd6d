"""What was counted and measured of services, in slots of time (see `metrics.ladder`).

The finest slots are written once and never changed, so that writing them again changes nothing; `metrics.rolling` adds
each to its slots of the coarser levels.
"""

from typing import Self

from django.db import models

from deployments.models import Service


class Slot(models.Model):
    step_s = models.PositiveSmallIntegerField()
    at_s = models.BigIntegerField()
    # Whether it has been added to the coarser levels; always so of these.
    rolled = models.BooleanField(default=False)

    class Meta:
        abstract = True

    # What tells a service's rows of one slot apart, and what `take` adds up.
    TOLD_APART: tuple[str, ...] = ()
    SUMS: tuple[str, ...] = ()

    def coarser(self, step_s: int, at_s: int) -> Self:
        """The slot this one is a part of, before anything is added to it."""
        raise NotImplementedError

    def take(self, finer: Self) -> None:
        """Add what was seen in a part of this slot."""
        raise NotImplementedError


class RequestCount(Slot):
    """Requests that a gateway answered, or that left it, in a slot. `revision` 0: none was chosen for them.

    In the finest slots each gateway process has rows of its own, by its `writer`; in the others all are together."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="request_counts")
    revision = models.PositiveIntegerField()
    writer = models.CharField(max_length=16, blank=True)
    ok = models.PositiveBigIntegerField(default=0)
    client_errors = models.PositiveBigIntegerField(default=0)
    errors = models.PositiveBigIntegerField(default=0)
    # From the request's head to the end of its answer: of all, and of those that went well, which `buckets` count
    # (`metrics.histogram`).
    seconds = models.FloatField(default=0)
    ok_seconds = models.FloatField(default=0)
    buckets = models.JSONField(default=dict)

    TOLD_APART = ("revision", "writer")
    SUMS = ("ok", "client_errors", "errors", "seconds", "ok_seconds", "buckets")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "step_s", "at_s", "revision", "writer"], name="one_count_per_slot"
            )
        ]
        indexes = [
            models.Index(fields=["step_s", "at_s"], name="counts_by_age"),
            models.Index(fields=["id"], condition=models.Q(rolled=False), name="counts_to_roll_up"),
        ]

    @property
    def requests(self) -> int:
        return self.ok + self.client_errors + self.errors

    def coarser(self, step_s: int, at_s: int) -> "RequestCount":
        whole = {"step_s": step_s, "at_s": at_s, "rolled": True}
        return RequestCount(service_id=self.service_id, revision=self.revision, **whole)

    def take(self, finer: "RequestCount") -> None:
        for name in ("ok", "client_errors", "errors", "seconds", "ok_seconds"):
            setattr(self, name, getattr(self, name) + getattr(finer, name))
        for number, count in finer.buckets.items():
            self.buckets[number] = self.buckets.get(number, 0) + count


class UsageSample(Slot):
    """What a service's workloads used in a slot, all replicas together. Null is what nobody measured."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="usage_samples")
    # Cores, the mean of `cpu_samples` readings; bytes, the most that was seen.
    cpu = models.FloatField(null=True)
    cpu_samples = models.PositiveIntegerField(default=0)
    memory_bytes = models.BigIntegerField(null=True)
    # What all replicas together may use.
    cpu_limit = models.FloatField(null=True)
    memory_limit_bytes = models.BigIntegerField(null=True)
    # The fewest that were ready, the most that were wanted.
    replicas = models.PositiveIntegerField(null=True)
    wanted_replicas = models.PositiveIntegerField(null=True)

    SUMS = ("cpu", "cpu_samples", "memory_bytes", "cpu_limit", "memory_limit_bytes", "replicas", "wanted_replicas")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "step_s", "at_s"], name="one_sample_per_slot")]
        indexes = [
            models.Index(fields=["step_s", "at_s"], name="samples_by_age"),
            models.Index(fields=["id"], condition=models.Q(rolled=False), name="samples_to_roll_up"),
        ]

    def coarser(self, step_s: int, at_s: int) -> "UsageSample":
        return UsageSample(service_id=self.service_id, step_s=step_s, at_s=at_s, rolled=True)

    def take(self, finer: "UsageSample") -> None:
        if finer.cpu is not None:
            samples = self.cpu_samples + finer.cpu_samples
            self.cpu = ((self.cpu or 0) * self.cpu_samples + finer.cpu * finer.cpu_samples) / samples
            self.cpu_samples = samples
        for name in ("memory_bytes", "cpu_limit", "memory_limit_bytes", "wanted_replicas"):
            setattr(self, name, _known(max, getattr(self, name), getattr(finer, name)))
        self.replicas = _known(min, self.replicas, finer.replicas)


class Listening(models.Model):
    """A gateway counted during this slot: a service without a row of counts had no requests. Without this row,
    nobody knows."""

    step_s = models.PositiveSmallIntegerField()
    at_s = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step_s", "at_s"], name="one_listening_per_slot")]


class RollUp(models.Model):
    """One row; who adds finer slots to coarser ones holds its lock."""


def _known(choose, one, other):
    return other if one is None else one if other is None else choose(one, other)
