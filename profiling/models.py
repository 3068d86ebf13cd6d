"""Profiles: what was asked for, how far it came, and every number that was measured."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from deployments.models import Target
from profiling.states import FINAL, Mode, Purpose, SizeState, Status
from registry.models import Blob, ModelVersion
from workspaces.models import User, Workspace

PROFILE_NAME = RegexValidator(
    r"^[a-zA-Z0-9][a-zA-Z0-9\-._]{0,99}\Z",
    "A profile's name has 1 to 100 letters, digits, dots, dashes and underscores, and starts with a letter or digit.",
)


class ProfileQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ProfileQuerySet":
        return self.filter(workspace__memberships__user=user)


class Profile(models.Model):
    """One measuring of models with an inference configuration, on sizes of a target.

    `plan` is `profiling.plan.Plan.as_dict`; `target` is None once a cluster was forgotten, its name stays."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="profiles")
    name = models.CharField(max_length=100, validators=[PROFILE_NAME])
    description = models.TextField(blank=True)
    target = models.ForeignKey(Target, null=True, on_delete=models.SET_NULL, related_name="profiles")
    target_name = models.CharField(max_length=63)
    # Names, not references: they outlive versions that are deleted.
    model_references = models.JSONField(default=list)
    inference_config = models.JSONField(default=dict)
    plan = models.JSONField(default=dict)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED, db_index=True)
    failure = models.JSONField(null=True)
    cancel_requested = models.BooleanField(default=False)
    # What is being done now, in words.
    now = models.CharField(max_length=300, blank=True)
    package = models.JSONField(default=dict)
    method = models.JSONField(default=dict)
    recommendation = models.JSONField(null=True)
    samples_source = models.CharField(max_length=16)
    samples_count = models.PositiveIntegerField(default=0)
    samples_bytes = models.PositiveIntegerField(default=0)
    lease_owner = models.CharField(max_length=128, blank=True)
    lease_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_time = models.DateTimeField(default=timezone.now)
    started_time = models.DateTimeField(null=True)
    finished_time = models.DateTimeField(null=True)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_profile_per_name")]
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def finished(self) -> bool:
        return self.status in FINAL


class ProfileModel(models.Model):
    """A version that a profile measures; it may be deleted, and then the profile tells its name alone."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="model_links")
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="profile_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "version"], name="one_link_per_profiled_version")]
        ordering = ["pk"]

    @classmethod
    def measured(cls) -> models.QuerySet:
        """Those whose profile succeeded: the registry's `is:profiled`."""
        return cls.objects.filter(profile__status=Status.SUCCEEDED).order_by()


class ProfileFile(models.Model):
    """A source file of the inference configuration; its path is relative to the app root."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=1024)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="profile_files")

    class Meta:
        ordering = ["path"]


class ProfileSamples(models.Model):
    """The requests that are sent: a JSON list of bodies, compressed with zlib."""

    profile = models.OneToOneField(Profile, on_delete=models.CASCADE, related_name="samples")
    bodies = models.BinaryField()


class Size(models.Model):
    """One size on which the package is run, and what happened there."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="sizes")
    cpu = models.FloatField()
    memory_bytes = models.BigIntegerField()
    onnx = models.BooleanField(default=False)
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.CPU)
    state = models.CharField(max_length=16, choices=SizeState.choices, default=SizeState.WAITING)
    failure = models.JSONField(null=True)
    # pull_s, start_s, load_s, first_ms
    cold_start = models.JSONField(null=True)
    idle_memory_bytes = models.BigIntegerField(null=True)
    peak_memory_bytes = models.BigIntegerField(null=True)
    # [seconds since it began, cores, bytes, share of time throttled or null, requests at a time]
    timeline = models.JSONField(default=list)

    class Meta:
        ordering = ["pk"]

    @property
    def memory_gb(self) -> float:
        return self.memory_bytes / 1024**3


class Point(models.Model):
    """What was measured on a size at one load. `facts` holds the load generator's result and what the size used."""

    size = models.ForeignKey(Size, on_delete=models.CASCADE, related_name="points")
    mode = models.CharField(max_length=8, choices=Mode.choices)
    # Clients at the same time (closed), or requests a second (open).
    load = models.FloatField()
    facts = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["size", "mode", "load"], name="one_point_per_load")]
        ordering = ["pk"]


class ProfileLine(models.Model):
    """One line of a profile's log; `seq` counts from 1 without gaps."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="lines")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    step = models.CharField(max_length=16)
    stream = models.CharField(max_length=8)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "seq"], name="one_profile_line_per_seq")]
        ordering = ["seq"]
