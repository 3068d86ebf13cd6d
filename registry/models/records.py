"""What was done in the registry, and what people keep to find things again."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from workspaces.models import Workspace


class Activity(models.Model):
    """One thing done to a model or version. Names, not references: it outlives what it tells of."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    model_name = models.CharField(max_length=255)
    # None when it is of the name as a whole.
    version = models.PositiveIntegerField(null=True)
    verb = models.CharField(max_length=32)
    detail = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    time = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["workspace", "model_name", "-id"])]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.model_name} {self.verb}"


class SavedView(models.Model):
    """A query of the models page under a name: its maker's own, or shared with the workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="saved_views")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    # The text of the search box.
    query = models.CharField(max_length=2000, blank=True)
    sort = models.CharField(max_length=300, blank=True)
    shared = models.BooleanField(default=False)
    # Shown when the models page is opened without a query; at most one of a workspace.
    default = models.BooleanField(default=False)
    created_time = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "created_by", "name"], name="one_view_per_name"),
            models.UniqueConstraint(
                fields=["workspace"], condition=models.Q(default=True), name="one_default_view_per_workspace"
            ),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
