"""Models and their versions."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from workspaces.models import User, Workspace

MODEL_NAME = RegexValidator(
    r"^[a-zA-Z0-9][a-zA-Z0-9\-._]{0,254}\Z",
    "A model's name has 1 to 255 letters, digits, dots, dashes and underscores, and starts with a letter or digit.",
)


class Framework(models.TextChoices):
    """Azure ML v1's names (contract §3.4), MLflow's own format, and boosters in files of their own."""

    SCIKIT_LEARN = "ScikitLearn", "scikit-learn"
    ONNX = "Onnx", "ONNX"
    MLFLOW = "MLflow", "MLflow model"
    XGBOOST = "XGBoost", "XGBoost"
    LIGHTGBM = "LightGBM", "LightGBM"
    TENSORFLOW = "TensorFlow", "TensorFlow"
    TF_KERAS = "TfKeras", "Keras"
    PYTORCH = "PyTorch", "PyTorch"
    MULTI = "Multi", "Several"
    CUSTOM = "Custom", "Custom (entry script)"


class Stage(models.TextChoices):
    """MLflow's four. An archived version is kept, but lists leave it out and nothing new deploys it."""

    NONE = "None", "None"
    STAGING = "Staging", "Staging"
    PRODUCTION = "Production", "Production"
    ARCHIVED = "Archived", "Archived"


class Risk(models.TextChoices):
    """What the pickles of a version would run when they are read, by the names they import."""

    NONE = "none", "No pickle"
    KNOWN = "known", "Only names of known libraries"
    UNKNOWN = "unknown", "Names nobody vouches for, or bytes that cannot be followed"
    UNSAFE = "unsafe", "Names that run commands, open files or reach the network"


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
        return self.filter(workspace__memberships__user=user)


class ModelVersion(models.Model):
    """`name:version`: files that do not change, with what people say of them."""

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="versions")
    # The model's, repeated: indexes that begin with it keep one workspace's lists apart from the others'.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    description = models.TextField(blank=True)
    framework = models.CharField(max_length=32, choices=Framework.choices, default=Framework.CUSTOM)
    framework_version = models.CharField(max_length=64, blank=True)
    stage = models.CharField(max_length=16, choices=Stage.choices, default=Stage.NONE)
    size_bytes = models.BigIntegerField(default=0)
    # Read from the files' bytes without running them; see registry.reading.
    facts = models.JSONField(default=dict)
    risk = models.CharField(max_length=8, choices=Risk.choices, default=Risk.NONE)
    # {"inputs": [{"name", "type", "shape"}], "outputs": […], "source": who says so}; empty when nobody knows.
    signature = models.JSONField(default=dict)
    sample_input = models.JSONField(null=True)
    sample_output = models.JSONField(null=True)
    # Azure's ResourceConfiguration: what a deployment of it is offered first.
    cpu = models.FloatField(null=True)
    memory_gb = models.FloatField(null=True)
    gpu = models.PositiveIntegerField(null=True)
    # Where it came from, as whoever registered it said.
    experiment_name = models.CharField(max_length=255, blank=True)
    run_id = models.CharField(max_length=255, blank=True)
    script = models.CharField(max_length=1024, blank=True)
    git_repository = models.CharField(max_length=1024, blank=True)
    git_branch = models.CharField(max_length=255, blank=True)
    git_commit = models.CharField(max_length=64, blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="children")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_time = models.DateTimeField(auto_now_add=True)
    updated_time = models.DateTimeField(auto_now=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "version"], name="one_row_per_version")]
        # Each is an order of the list, or what a search walks when nothing narrower is asked for.
        indexes = [
            models.Index(fields=["workspace", "id"]),
            models.Index(fields=["workspace", "size_bytes", "id"]),
            models.Index(fields=["workspace", "version", "id"]),
            models.Index(fields=["workspace", "created_time"]),
            models.Index(fields=["workspace", "stage", "id"]),
            models.Index(fields=["workspace", "framework", "id"]),
            models.Index(fields=["workspace", "created_by", "id"]),
            models.Index(fields=["workspace", "risk", "id"]),
            models.Index(fields=["workspace", "run_id", "id"]),
        ]
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
    def archived(self) -> bool:
        return self.stage == Stage.ARCHIVED

    @property
    def tag_map(self) -> dict[str, str]:
        return {tag.key: tag.value for tag in self.tags.all()}

    @property
    def property_map(self) -> dict[str, str]:
        return {item.key: item.value for item in self.properties.all()}

    @property
    def metric_map(self) -> dict[str, float]:
        return {metric.key: metric.value for metric in self.metrics.all()}

    @property
    def parameter_map(self) -> dict[str, str]:
        return {parameter.key: parameter.value for parameter in self.parameters.all()}

    @property
    def dataset_pairs(self) -> list[tuple[str, str]]:
        """(scenario, dataset), in order."""
        return sorted((reference.scenario, reference.dataset) for reference in self.datasets.all())

    @property
    def dataset_map(self) -> dict[str, list[str]]:
        """The datasets of each scenario, as Azure tells them."""
        found: dict[str, list[str]] = {}
        for scenario, dataset in self.dataset_pairs:
            found.setdefault(scenario, []).append(dataset)
        return found

    @property
    def alias_names(self) -> list[str]:
        return [alias.name for alias in self.aliases.all()]

    @property
    def is_pickle(self) -> bool:
        """Whether reading the model runs code that its file holds."""
        return self.risk != Risk.NONE
