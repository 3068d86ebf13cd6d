"""Services, what they serve, and every attempt to bring it live."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from deployments.states import FINAL, Outcome, ServiceState, Status, Step
from deployments.target_model import Target
from registry.models import Blob, ModelVersion
from workspaces.models import User, Workspace

SERVICE_NAME = RegexValidator(
    r"^(?=.{3,32}\Z)[a-z]([-a-z0-9]*[a-z0-9])?\Z",
    "A service's name has 3 to 32 small letters, digits and dashes, starts with a letter "
    "and ends with a letter or digit.",
)


class ServiceQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ServiceQuerySet":
        return self.filter(workspace__memberships__user=user)


class Service(models.Model):
    """What people call: a name, a scoring URI that never changes, keys, a state."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="services")
    name = models.CharField(max_length=32, validators=[SERVICE_NAME])
    description = models.TextField(blank=True)
    tags = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=16, choices=ServiceState.choices, default=ServiceState.TRANSITIONING)
    state_detail = models.TextField(blank=True)
    deleting = models.BooleanField(default=False)
    auth_enabled = models.BooleanField(default=True)
    last_revision = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_time = models.DateTimeField(auto_now_add=True)
    updated_time = models.DateTimeField(auto_now=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_service_per_name")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def scoring_uri(self) -> str:
        return f"{settings.GATEWAY_URL}/services/{self.workspace.name}/{self.name}/score"

    @property
    def swagger_uri(self) -> str:
        return f"{settings.GATEWAY_URL}/services/{self.workspace.name}/{self.name}/swagger.json"

    @property
    def newest_deployment(self) -> "Deployment | None":
        return Deployment.objects.filter(revision__service=self).order_by("-pk").first()

    @property
    def serving_revision(self) -> "Revision | None":
        return self.revisions.filter(traffic__gt=0).order_by("-number").first()


class ServiceKey(models.Model):
    """A key callers send. The gateway compares hashes; its text is sealed, for its owner to see again."""

    class Slot(models.TextChoices):
        PRIMARY = "Primary"
        SECONDARY = "Secondary"

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="keys")
    slot = models.CharField(max_length=16, choices=Slot.choices)
    hash = models.CharField(max_length=64)
    sealed = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "slot"], name="one_key_per_slot")]


class Revision(models.Model):
    """An immutable numbered snapshot of what a service is to serve; only its traffic changes."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="revisions")
    versions = models.ManyToManyField(ModelVersion, through="RevisionModel", related_name="revisions")
    inference_config = models.JSONField(default=dict)
    deployment_config = models.JSONField(default=dict)
    traffic = models.PositiveSmallIntegerField(default=0)
    # What the runtime itself offered as an example request, once the model was loaded.
    sample_request = models.JSONField(null=True)
    # What became of the wish to serve it as an ONNX graph, as the runtime told it.
    conversion = models.JSONField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_time = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "number"], name="one_revision_per_number")]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.service.name} revision {self.number}"

    @property
    def model_references(self) -> list[str]:
        return [link.version.reference for link in self.model_links.all()]


class RevisionModel(models.Model):
    """A model version in a revision. While this row is there, the version cannot be deleted."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="model_links")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="revision_links")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]

    @classmethod
    def uses_of(cls, versions: list[int]) -> list[tuple[int, str, bool]]:
        """(version, service, whether it serves it now): who holds versions, for the registry to tell people."""
        serves = models.Case(models.When(revision__traffic__gt=0, then=True), default=False)
        found = cls.objects.filter(version__in=versions).order_by()
        return list(found.values_list("version_id", "revision__service__name", serves).distinct())


class RevisionFile(models.Model):
    """A source file of the inference configuration; its path is relative to the app root."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=1024)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="revision_files")

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return f"{self.path} of {self.revision}"


class Package(models.Model):
    """A package built for a target; it goes when nothing has used it for a while. `place` is `Target.place`."""

    place = models.CharField(max_length=32)
    location = models.CharField(max_length=1024)
    used_time = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "location"], name="one_row_per_package")]


class Workload(models.Model):
    """What runs, or is about to, for a revision. The row is there before the thing itself."""

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="workload")
    name = models.CharField(max_length=128, unique=True)
    package = models.ForeignKey(Package, null=True, on_delete=models.PROTECT, related_name="workloads")
    address = models.CharField(max_length=255, blank=True)
    healthy = models.BooleanField(default=False)
    detail = models.TextField(blank=True)
    # As it was last seen: `drivers.base.Phase`, its replicas, and how many there should be.
    phase = models.CharField(max_length=16, blank=True)
    replicas = models.JSONField(default=list)
    wanted_replicas = models.PositiveIntegerField(default=1)
    # What was asked for by hand since; null, what the revision's configuration says.
    scale = models.JSONField(null=True)
    # Set when nothing routes to it any more: requests under way may finish until then.
    retire_time = models.DateTimeField(null=True, db_index=True)


class Deployment(models.Model):
    """One attempt to bring a revision live: steps, log, outcome."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="deployments")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED, db_index=True)
    failure = models.JSONField(null=True)
    cancel_requested = models.BooleanField(default=False)
    # Who works on it, and until when the others leave it alone.
    lease_owner = models.CharField(max_length=128, blank=True)
    lease_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_time = models.DateTimeField(default=timezone.now)
    started_time = models.DateTimeField(null=True)
    finished_time = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"deployment {self.pk}"

    @property
    def finished(self) -> bool:
        return self.status in FINAL


class DeploymentStep(models.Model):
    """How far a deployment came, and how long each step took."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=16, choices=Step.choices)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.RUNNING)
    detail = models.CharField(max_length=500, blank=True)
    started_time = models.DateTimeField(default=timezone.now)
    ended_time = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deployment", "name"], name="one_row_per_step")]
        ordering = ["pk"]


class DeploymentEvent(models.Model):
    """A transition that happened."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="events")
    frm = models.CharField(max_length=16, choices=Status.choices)
    to = models.CharField(max_length=16, choices=Status.choices)
    reason = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]


class LogLine(models.Model):
    """One line of a deployment's log; `seq` counts from 1 without gaps."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="lines")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    step = models.CharField(max_length=16)
    stream = models.CharField(max_length=8)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deployment", "seq"], name="one_line_per_seq")]
        ordering = ["seq"]

    def as_event(self) -> dict[str, object]:
        return {
            "seq": self.seq,
            "at": self.at.isoformat(timespec="milliseconds"),
            "step": self.step,
            "stream": self.stream,
            "text": self.text,
        }


class LogArchive(models.Model):
    """All lines of a deployment that ended, as compressed JSON; see deployments.log_archive."""

    deployment = models.OneToOneField(Deployment, on_delete=models.CASCADE, related_name="archive")
    lines = models.BinaryField()


class RoutingVersion(models.Model):
    """One row, whose number grows whenever the gateway must read its routes again."""

    number = models.BigIntegerField(default=0)
