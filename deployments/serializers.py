"""Deployments rows as JSON, and JSON as typed requests."""

from dataclasses import asdict

from rest_framework import serializers

from deployments import recipes
from deployments.models import Deployment, DeploymentStep, Revision, Service


class StepSerializer(serializers.ModelSerializer):
    title = serializers.CharField(source="get_name_display")

    class Meta:
        model = DeploymentStep
        fields = ["name", "title", "outcome", "detail", "started_time", "ended_time"]


class DeploymentSerializer(serializers.ModelSerializer):
    service = serializers.CharField(source="revision.service.name")
    revision = serializers.IntegerField(source="revision.number")
    models = serializers.ListField(source="revision.model_references", child=serializers.CharField())
    target = serializers.CharField(source="revision.target.name")
    finished = serializers.BooleanField()
    steps = StepSerializer(many=True)
    created_by = serializers.CharField(source="created_by.username", default=None)

    class Meta:
        model = Deployment
        fields = [
            "id", "service", "revision", "models", "target", "status", "finished", "failure", "steps",
            "cancel_requested", "created_by", "created_time", "started_time", "finished_time",
        ]  # fmt: skip


class ServiceSerializer(serializers.ModelSerializer):
    """A service found by `deployments.queries`; `models`, `target` and `revision` are what serves now, or soon will."""

    compute_type = serializers.SerializerMethodField()
    target = serializers.SerializerMethodField()
    models = serializers.SerializerMethodField()
    revision = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.username", default=None)

    class Meta:
        model = Service
        fields = [
            "name", "state", "state_detail", "description", "tags", "scoring_uri", "swagger_uri", "auth_enabled",
            "compute_type", "target", "models", "revision", "created_by", "created_time", "updated_time",
        ]  # fmt: skip

    def _serving(self, service: Service) -> Revision | None:
        return next((revision for revision in service.shown_revisions if revision.traffic), None)

    def _shown(self, service: Service) -> Revision | None:
        return self._serving(service) or next(iter(service.shown_revisions), None)

    def get_compute_type(self, service: Service) -> str | None:
        shown = self._shown(service)
        return shown.target.kind if shown else None

    def get_target(self, service: Service) -> str | None:
        shown = self._shown(service)
        return shown.target.name if shown else None

    def get_models(self, service: Service) -> list[str]:
        shown = self._shown(service)
        return shown.model_references if shown else []

    def get_revision(self, service: Service) -> int | None:
        serving = self._serving(service)
        return serving.number if serving else None


class ServiceDetailSerializer(ServiceSerializer):
    deployment = serializers.SerializerMethodField()
    sample_request = serializers.SerializerMethodField()
    conversion = serializers.SerializerMethodField()
    scale = serializers.SerializerMethodField()
    replicas = serializers.SerializerMethodField()

    class Meta(ServiceSerializer.Meta):
        fields = [*ServiceSerializer.Meta.fields, "deployment", "sample_request", "conversion", "scale", "replicas"]

    def get_scale(self, service: Service) -> dict | None:
        """How many replicas are wanted: `minimum`, or up to `maximum`; null while nothing serves."""
        serving = self._serving(service)
        return asdict(recipes.scale_of(serving)) if serving else None

    def get_replicas(self, service: Service) -> list[dict]:
        """As they were last seen."""
        serving = self._serving(service)
        workload = getattr(serving, "workload", None) if serving else None
        return workload.replicas if workload else []

    def get_conversion(self, service: Service) -> dict | None:
        """Whether what serves is an ONNX graph, and why; null where none was asked for."""
        serving = self._serving(service)
        return serving.conversion if serving else None

    def get_deployment(self, service: Service) -> dict | None:
        newest = service.newest_deployment
        return DeploymentSerializer(newest).data if newest else None

    def get_sample_request(self, service: Service) -> object:
        serving = self._serving(service)
        return serving.sample_request if serving else None


class AutoscalerRequest(serializers.Serializer):
    """The keys of a deployment configuration's `autoScaler`."""

    minReplicas = serializers.IntegerField(required=False, min_value=1)
    maxReplicas = serializers.IntegerField(required=False, min_value=1)
    targetUtilization = serializers.IntegerField(required=False, min_value=1, max_value=100)


class ScaleRequest(serializers.Serializer):
    """Either a number of replicas, or between how many."""

    replicas = serializers.IntegerField(required=False, allow_null=True, default=None)
    autoscaler = AutoscalerRequest(required=False, allow_null=True, default=None)


class ConfigField(serializers.Field):
    """A configuration: the text of its file, or an object."""

    def to_internal_value(self, data):
        if isinstance(data, str | dict):
            return data
        raise serializers.ValidationError("It must be the text of a configuration file, or an object.")

    def to_representation(self, value):
        return value


class DeployRequest(serializers.Serializer):
    name = serializers.CharField(trim_whitespace=False)
    models = serializers.ListField(child=serializers.CharField(), default=list)
    target = serializers.CharField(allow_blank=True, default="")
    source_upload = serializers.UUIDField(allow_null=True, default=None)
    inference_config = ConfigField(allow_null=True, default=None)
    deployment_config = ConfigField(allow_null=True, default=None)
    description = serializers.CharField(allow_blank=True, default="", max_length=20_000)
    tags = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    overwrite = serializers.BooleanField(default=False)


class RegenerateRequest(serializers.Serializer):
    key = serializers.CharField()
