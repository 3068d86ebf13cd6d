"""Content, and the paths it is known by: in versions, and on its way in."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from registry.models.versions import ModelVersion
from workspaces.models import Workspace


class Blob(models.Model):
    """Content stored once, whoever refers to it."""

    class Damage(models.TextChoices):
        """What the last look at the stored bytes found."""

        NONE = ""
        MISSING = "missing"
        CHANGED = "changed"

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    # What zip archives name their entries' content by; computed when first wanted.
    crc32 = models.BigIntegerField(null=True)
    # Garbage collection leaves alone what arrived lately: its referrer may not be written yet.
    touched_time = models.DateTimeField(default=timezone.now, db_index=True)
    # The stored bytes were last read and hashed then.
    verified_time = models.DateTimeField(null=True)
    damage = models.CharField(max_length=8, choices=Damage.choices, blank=True, default=Damage.NONE)


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
    """A file that has arrived whole."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=1024)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="upload_files")
    # The blob's `touched_time` as this file left it: while that is so, nobody else has come for the content.
    brought_time = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "path"], name="one_upload_file_per_path")]
        ordering = ["path"]

    def __str__(self) -> str:
        return f"{self.path} of upload {self.upload_id}"


class IncomingFile(models.Model):
    """A file that arrives in pieces (tus 1.0). Its first `offset` bytes are here; whole, it becomes an UploadFile."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="incoming")
    path = models.CharField(max_length=1024)
    size = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    # What the sender says the whole will hash to; once all is here, what it does hash to.
    sha256 = models.CharField(max_length=64, blank=True)
    # The UploadFile is made. All may be here and this not so: then a process ended just in between.
    arrived = models.BooleanField(default=False)
    created_time = models.DateTimeField(auto_now_add=True)
