"""Models, their versions and the files those are made of."""

import uuid

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Left
from django.utils import timezone

from workspaces.models import User, Workspace

MODEL_NAME = RegexValidator(
    r"^[a-zA-Z0-9][a-zA-Z0-9\-._]{0,254}\Z",
    "A model's name has 1 to 255 letters, digits, dots, dashes and underscores, and starts with a letter or digit.",
)
# Characters of a tag's value that its index holds.
HEAD = 100


class Framework(models.TextChoices):
    """Azure ML v1's names (contract §3.4), and MLflow's own format."""

    SCIKIT_LEARN = "ScikitLearn", "scikit-learn"
    ONNX = "Onnx", "ONNX"
    MLFLOW = "MLflow", "MLflow model"
    TENSORFLOW = "TensorFlow", "TensorFlow"
    TF_KERAS = "TfKeras", "Keras"
    PYTORCH = "PyTorch", "PyTorch"
    MULTI = "Multi", "Several"
    CUSTOM = "Custom", "Custom (entry script)"


class Blob(models.Model):
    """Content stored once, whoever refers to it."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    # Garbage collection leaves alone what arrived lately: its referrer may not be written yet.
    touched_time = models.DateTimeField(default=timezone.now, db_index=True)


class Model(models.Model):
    """A name that versions gather under."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="models")
    name = models.CharField(max_length=255, validators=[MODEL_NAME])
    # Survives the deletion of versions, so that a number is never given twice.
    last_version = models.PositiveIntegerField(default=0)
    created_time = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_model_per_name")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class VersionQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "VersionQuerySet":
        return self.filter(model__workspace__memberships__user=user)


class ModelVersion(models.Model):
    """`name:version`: files that do not change, with what people say of them."""

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    description = models.TextField(blank=True)
    framework = models.CharField(max_length=32, choices=Framework.choices, default=Framework.CUSTOM)
    framework_version = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    # Read from the files' bytes without running them; see registry.facts.
    facts = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_time = models.DateTimeField(auto_now_add=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "version"], name="one_row_per_version")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.reference

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def reference(self) -> str:
        """`name:version`, the id people write."""
        return f"{self.model.name}:{self.version}"

    @property
    def tag_map(self) -> dict[str, str]:
        return {tag.key: tag.value for tag in self.tags.all()}

    @property
    def property_map(self) -> dict[str, str]:
        return {item.key: item.value for item in self.properties.all()}

    @property
    def is_pickle(self) -> bool:
        """Whether reading the model runs code that its file holds."""
        return bool(self.facts.get("pickles"))


class Tag(models.Model):
    """Can change; people find versions by it."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=500)
    value = models.CharField(max_length=500, blank=True)
    # What the index holds of it: a whole value may be longer than PostgreSQL takes into one.
    value_head = models.GeneratedField(
        expression=Left("value", HEAD), output_field=models.CharField(max_length=HEAD), db_persist=True
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="one_tag_per_key")]
        indexes = [models.Index(fields=["key", "value_head", "version"])]
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class Property(models.Model):
    """Like a tag, but it never changes."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="properties")
    key = models.CharField(max_length=500)
    value = models.CharField(max_length=500, blank=True)
    # What the index holds of it: a whole value may be longer than PostgreSQL takes into one.
    value_head = models.GeneratedField(
        expression=Left("value", HEAD), output_field=models.CharField(max_length=HEAD), db_persist=True
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="one_property_per_key")]
        indexes = [models.Index(fields=["key", "value_head", "version"])]
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class VersionFile(models.Model):
    """One file of a version: its path as registered, its content as a blob."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=1024)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="version_files")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "path"], name="one_file_per_path")]
        ordering = ["path"]

    def __str__(self) -> str:
        return self.path


class Upload(models.Model):
    """Files on their way in. Nothing else sees them until they are registered or deployed with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="uploads")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    touched_time = models.DateTimeField(default=timezone.now, db_index=True)


class UploadFile(models.Model):
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=1024)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="upload_files")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "path"], name="one_upload_file_per_path")]
        ordering = ["path"]
