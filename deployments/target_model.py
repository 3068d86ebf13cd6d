"""Compute targets as rows."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from workspaces.models import Workspace


class Target(models.Model):
    """Where workloads run, and what was last seen of it. Process and docker are there by themselves, clusters are
    attached; one that was detached stays as long as revisions name it."""

    class Kind(models.TextChoices):
        PROCESS = "process", "This server (process)"
        DOCKER = "docker", "Docker"
        KUBERNETES = "kubernetes", "Kubernetes"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="targets")
    name = models.CharField(max_length=63)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    available = models.BooleanField(default=False)
    detail = models.TextField(blank=True)
    cpu = models.FloatField(default=0)
    memory_bytes = models.BigIntegerField(default=0)
    checked_time = models.DateTimeField(null=True)
    # Of a cluster: what may be shown of how it is reached, and the secrets that go with it, sealed.
    connection = models.JSONField(default=dict, blank=True)
    sealed_secrets = models.TextField(blank=True)
    detached = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_time = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=models.Q(detached=False), name="one_target_per_name"
            )
        ]
        ordering = ["-kind", "name"]  # process before the others: it needs nothing and starts first

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> str:
        """Names the driver that runs things here: `docker`, or of clusters `kubernetes:7`."""
        return f"{self.kind}:{self.pk}" if self.kind == self.Kind.KUBERNETES else self.kind

    @property
    def title(self) -> str:
        return self.name if self.kind == self.Kind.KUBERNETES else self.get_kind_display()
