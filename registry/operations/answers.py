"""The shapes of answers: the serializers that make them, with the types of what those pass on as it is."""

from rest_framework import serializers

from registry.api import finding
from registry.api.serializers import (
    ActivitySerializer,
    FileSerializer,
    OutcomeSerializer,
    PeriodSerializer,
    VersionDetailSerializer,
    VersionFileSerializer,
    VersionSerializer,
)

_NEXT = "Send it back as `cursor`; null on the last page."


class Version(VersionSerializer):
    """One version as lists show it; `services` keep it from being deleted, `serving` serve it now."""

    created_by = serializers.CharField(allow_null=True)


class VersionDetail(VersionDetailSerializer):
    """One version with all that it carries, its files, and where it serves and served."""

    created_by = serializers.CharField(allow_null=True)
    parent = serializers.CharField(allow_null=True)
    files = VersionFileSerializer(many=True)
    deployed = PeriodSerializer(many=True)
    signature = serializers.DictField()
    facts = serializers.DictField(help_text="Read from the files' bytes, without running them.")


class VersionPage(serializers.Serializer):
    value = Version(many=True)
    next = serializers.CharField(allow_null=True, help_text=_NEXT)
    hints = serializers.ListField(child=serializers.CharField(), help_text="How `q` was understood.")
    faults = finding.FaultSerializer(many=True)


class _Counts(serializers.Serializer):
    versions = serializers.IntegerField()
    archived = serializers.IntegerField()


class Model(serializers.Serializer):
    """A name, and a page of its versions, newest first."""

    name = serializers.CharField()
    created_time = serializers.DateTimeField()
    aliases = serializers.DictField(child=serializers.IntegerField(), help_text="Versions by alias.")
    counts = _Counts()
    versions = Version(many=True)
    next = serializers.CharField(allow_null=True, help_text=_NEXT)


class Alias(serializers.Serializer):
    alias = serializers.CharField()
    version = serializers.IntegerField()
    id = serializers.CharField()


class Outcomes(serializers.Serializer):
    value = OutcomeSerializer(many=True)


class Activity(ActivitySerializer):
    """One thing that was done; `text` follows the name of who did it, `by` is null for the studio itself."""

    by = serializers.CharField(allow_null=True)
    detail = serializers.DictField()


class ActivityPage(serializers.Serializer):
    value = Activity(many=True)
    next = serializers.CharField(allow_null=True, help_text=_NEXT)


class FileCheck(serializers.Serializer):
    """What the stored bytes of a file are now."""

    path = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=["ok", "missing", "changed"])


class Verified(serializers.Serializer):
    id = serializers.CharField()
    intact = serializers.BooleanField()
    files = FileCheck(many=True)


class UploadBegun(serializers.Serializer):
    id = serializers.UUIDField()


class UploadFiles(serializers.Serializer):
    id = serializers.UUIDField()
    files = FileSerializer(many=True)


class Upload(UploadFiles):
    """`guess` is what registering the files would say of them."""

    guess = serializers.DictField()


class Facets(serializers.Serializer):
    value = finding._FacetSerializer(many=True)


class Suggestions(serializers.Serializer):
    """They replace `q[start:end]`."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    value = finding._SuggestionSerializer(many=True)


class Views(serializers.Serializer):
    value = finding.SavedViewSerializer(many=True)
