"""Profiles as JSON, and JSON as typed requests."""

from dataclasses import asdict
from urllib.parse import urlencode

from django.urls import reverse
from rest_framework import serializers

from deployments.serializers import ConfigField
from profiling import search
from profiling.keeping import measured
from profiling.models import Point, Profile, Size
from profiling.progress import progress_of
from profiling.samples import FORMATS
from profiling.states import Mode

_SHORT = ("cpu", "memory_gb", "replicas", "p95_ms", "requests_per_second")
_OF_POINT = (
    "stable", "windows", "requests", "errors", "timeouts", "throughput", "mean_ms", "p50_ms", "p90_ms", "p95_ms",
    "p99_ms", "p999_ms", "max_ms", "cpu", "throttled", "memory_bytes", "generator_cpu", "generator_bound", "late_ms",
    "stages", "first_error",
)  # fmt: skip


class PointSerializer(serializers.BaseSerializer):
    """A point with all its numbers; `concurrency` of closed loads, `rate` of open ones."""

    def to_representation(self, point: Point) -> dict[str, object]:
        closed = point.mode == Mode.CLOSED
        told = {name: point.facts.get(name) for name in _OF_POINT}
        load = {"concurrency": int(point.load) if closed else None, "rate": None if closed else point.load}
        return {"mode": point.mode, **load, **told}


class SizeSerializer(serializers.ModelSerializer):
    memory_gb = serializers.FloatField()
    points = PointSerializer(many=True)
    knee = serializers.SerializerMethodField()

    class Meta:
        model = Size
        fields = [
            "id", "cpu", "memory_gb", "onnx", "purpose", "state", "failure", "cold_start", "idle_memory_bytes",
            "peak_memory_bytes", "timeline", "points", "knee",
        ]  # fmt: skip

    def get_knee(self, size: Size) -> dict | None:
        """The least load with nearly all the throughput."""
        found = search.knee(measured(size))
        return {"concurrency": int(found.load.amount)} if found else None


class ProfileSummarySerializer(serializers.ModelSerializer):
    models = serializers.JSONField(source="model_references")
    target = serializers.CharField(source="target_name")
    created_by = serializers.CharField(source="created_by.username", default=None)
    finished = serializers.BooleanField()
    progress = serializers.SerializerMethodField()
    samples = serializers.SerializerMethodField()
    recommendation = serializers.SerializerMethodField()

    class Meta:
        model = Profile
        fields = [
            "name", "description", "status", "finished", "failure", "target", "models", "created_by", "created_time",
            "started_time", "finished_time", "cancel_requested", "progress", "samples", "recommendation",
        ]  # fmt: skip

    def get_progress(self, profile: Profile) -> dict:
        """Loads measured of those expected, and what is measured now."""
        return asdict(progress_of(profile))

    def get_samples(self, profile: Profile) -> dict:
        """Where the requests come from: "upload", "version" or "signature"."""
        return {
            "source": profile.samples_source,
            "count": profile.samples_count,
            "bytes": profile.samples_bytes,
        }

    def get_recommendation(self, profile: Profile) -> dict | None:
        told = profile.recommendation
        return {name: told[name] for name in _SHORT} if told else None


class ProfileSerializer(ProfileSummarySerializer):
    """A profile found by `profiling.queries.find_profile`, with all that was measured."""

    settings = serializers.SerializerMethodField()
    sizes = SizeSerializer(many=True)

    class Meta(ProfileSummarySerializer.Meta):
        fields = [*ProfileSummarySerializer.Meta.fields, "settings", "method", "package", "sizes"]

    def get_settings(self, profile: Profile) -> dict:
        return profile.plan

    def get_recommendation(self, profile: Profile) -> dict | None:
        told = profile.recommendation
        return {**told, "deploy_url": deploy_url(profile)} if told else None


def deploy_url(profile: Profile) -> str | None:
    """The form that deploys the version, with what is recommended filled in; None when the version is gone."""
    links = list(profile.model_links.select_related("version__model"))
    told = profile.recommendation
    if len(links) != 1 or not told:
        return None
    version = links[0].version
    form = reverse("deployments:deploy", args=[profile.workspace.name, version.name, version.version])
    asked = {"cpu": f"{told['cpu']:g}", "memory_gb": f"{told['memory_gb']:g}", "target": profile.target_name}
    if told["onnx"]:
        asked["convert_to_onnx"] = "on"
    return f"{form}?{urlencode(asked)}"


class GoalRequest(serializers.Serializer):
    """What is wanted: 95 of 100 answers within `p95_ms`, at `requests_per_second`; either may be left out."""

    p95_ms = serializers.FloatField(required=False, allow_null=True)
    requests_per_second = serializers.FloatField(required=False, allow_null=True)


class NumbersField(serializers.Field):
    """A number, or a list of them."""

    def to_internal_value(self, data):
        values = data if isinstance(data, list) else [data]
        if not values or len(values) > 100 or not all(_is_number(value) for value in values):
            raise serializers.ValidationError("It must be a number, or a list of numbers.")
        return values

    def to_representation(self, value):
        return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


class ProfileRequest(serializers.Serializer):
    name = serializers.CharField(default="", allow_blank=True, trim_whitespace=False)
    models = serializers.ListField(child=serializers.CharField(), default=list)
    target = serializers.CharField(allow_blank=True, default="")
    source = serializers.UUIDField(allow_null=True, default=None)
    inference_config = ConfigField(allow_null=True, default=None)
    samples = serializers.CharField(allow_null=True, default=None, trim_whitespace=False, allow_blank=True)
    samples_format = serializers.ChoiceField(choices=FORMATS, default="auto")
    description = serializers.CharField(allow_blank=True, default="", max_length=20_000)
    cpu = NumbersField(allow_null=True, default=None)
    memory_gb = NumbersField(allow_null=True, default=None)
    concurrency = NumbersField(allow_null=True, default=None)
    goal = GoalRequest(allow_null=True, default=None)
    share = serializers.FloatField(allow_null=True, default=None)
    budget_minutes = serializers.FloatField(allow_null=True, default=None)
    try_onnx = serializers.BooleanField(allow_null=True, default=None)


class ListRequest(serializers.Serializer):
    model = serializers.CharField(default="", allow_blank=True)
    version = serializers.IntegerField(default=None, allow_null=True, min_value=1)
    cursor = serializers.CharField(default="", allow_blank=True)
    limit = serializers.IntegerField(default=50, min_value=1, max_value=255)
