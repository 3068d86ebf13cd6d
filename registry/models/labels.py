"""What people say of a version, a row for each saying."""

from django.db import models
from django.db.models.functions import Left

from registry.models.versions import Model, ModelVersion
from workspaces.models import Workspace

# Characters of a value that its index holds: a whole one may be longer than PostgreSQL takes into one.
HEAD = 100


class Label(models.Model):
    """`key=value` of a version, found by an index that begins with the workspace."""

    # Indexes of their own would only repeat the beginnings of those below.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="%(class)ss", db_index=False)
    key = models.CharField(max_length=500)
    value = models.CharField(max_length=500, blank=True)
    value_head = models.GeneratedField(
        expression=Left("value", HEAD), output_field=models.CharField(max_length=HEAD), db_persist=True
    )

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="one_%(class)s_per_key")]
        indexes = [models.Index(fields=["workspace", "key", "value_head", "version"])]
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class Tag(Label):
    """Can change; people find versions by it."""


class Property(Label):
    """Like a tag, but what is written stays; more may be added."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="properties", db_index=False)


class Parameter(Label):
    """What it was trained with."""


class Metric(models.Model):
    """What was measured of it."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="metrics", db_index=False)
    key = models.CharField(max_length=250)
    value = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="one_metric_per_key")]
        indexes = [models.Index(fields=["workspace", "key", "value", "version"])]
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class DatasetReference(models.Model):
    """Azure ML v1's `datasets`: which data played which part."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="datasets")
    scenario = models.CharField(max_length=250)
    dataset = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "scenario", "dataset"], name="one_reference_per_dataset")
        ]
        indexes = [models.Index(fields=["workspace", "dataset", "version"])]
        ordering = ["scenario", "dataset"]

    def __str__(self) -> str:
        return f"{self.scenario}: {self.dataset}"


class Alias(models.Model):
    """A name within a model that points to one of its versions and can be moved, such as `champion`."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="aliases")
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "name"], name="one_version_per_alias")]
        indexes = [models.Index(fields=["workspace", "name", "version"])]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
