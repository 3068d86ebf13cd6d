"""Registry rows as JSON."""

from django.db.models import prefetch_related_objects
from rest_framework import serializers

from registry import services
from registry.models import Activity, ModelVersion
from registry.services import activity


class FileSerializer(serializers.Serializer):
    path = serializers.CharField()
    size = serializers.IntegerField(source="blob.size")
    sha256 = serializers.CharField(source="blob_id")


class VersionFileSerializer(FileSerializer):
    """`damage` is what the last look at the stored bytes found, `verified_time` when that was."""

    damage = serializers.CharField(source="blob.damage", help_text="`missing`, `changed`, or empty.")
    verified_time = serializers.DateTimeField(source="blob.verified_time", allow_null=True)


class _Versions(serializers.ListSerializer):
    """Fetches what all rows show at once, however the rows were found."""

    def to_representation(self, data):
        rows = list(data)
        if rows:
            prefetch_related_objects(rows, *self.child.RELATED)
        uses = services.uses_by_version(rows)
        for row in rows:
            row.uses = uses[row.pk]
        return super().to_representation(rows)


class VersionSerializer(serializers.ModelSerializer):
    """One version as lists show it.

    `services` use it, be it in a revision of the past, and keep it from being deleted; `serving` serve it now."""

    RELATED = ("model", "created_by", "tags", "properties", "metrics", "aliases")

    id = serializers.CharField(source="reference")
    name = serializers.CharField()
    tags = serializers.DictField(source="tag_map", child=serializers.CharField())
    properties = serializers.DictField(source="property_map", child=serializers.CharField())
    metrics = serializers.DictField(source="metric_map", child=serializers.FloatField())
    aliases = serializers.ListField(source="alias_names", child=serializers.CharField())
    services = serializers.SerializerMethodField()
    serving = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.username", default=None)

    class Meta:
        model = ModelVersion
        list_serializer_class = _Versions
        fields = [
            "id", "name", "version", "description", "framework", "framework_version", "stage", "risk", "aliases",
            "tags", "properties", "metrics", "size_bytes", "experiment_name", "run_id", "services", "serving",
            "created_by", "created_time", "updated_time",
        ]  # fmt: skip

    def to_representation(self, version: ModelVersion) -> dict:
        if not hasattr(version, "uses"):
            version.uses = services.uses_by_version([version])[version.pk]
        return super().to_representation(version)

    def get_services(self, version: ModelVersion) -> list[str]:
        return list(version.uses)

    def get_serving(self, version: ModelVersion) -> list[str]:
        return [service for service, serving in version.uses.items() if serving]


class PeriodSerializer(serializers.Serializer):
    """A revision of a service that served the version; `until` is null while it does."""

    service = serializers.CharField()
    revision = serializers.IntegerField(allow_null=True)
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    by = serializers.CharField(allow_null=True)


class VersionDetailSerializer(VersionSerializer):
    """One version with all that it carries, its files, what they say of themselves, and where it serves and served."""

    parameters = serializers.DictField(source="parameter_map", child=serializers.CharField())
    datasets = serializers.DictField(source="dataset_map", child=serializers.ListField(child=serializers.CharField()))
    parent = serializers.CharField(source="parent.reference", default=None)
    children = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()
    deployed = serializers.SerializerMethodField()

    risk_reasons = serializers.SerializerMethodField()

    class Meta(VersionSerializer.Meta):
        fields = [
            *VersionSerializer.Meta.fields, "parameters", "datasets", "signature", "sample_input", "sample_output",
            "cpu", "memory_gb", "gpu", "script", "git_repository", "git_branch", "git_commit", "parent", "children",
            "risk_reasons", "facts", "files", "deployed",
        ]  # fmt: skip

    def get_children(self, version: ModelVersion) -> list[str]:
        return [child.reference for child in version.children.select_related("model").order_by("pk")]

    def get_risk_reasons(self, version: ModelVersion) -> list[str]:
        return version.facts.get("risk_reasons", [])

    def get_files(self, version: ModelVersion) -> list[dict]:
        return VersionFileSerializer(version.files.select_related("blob"), many=True).data

    def get_deployed(self, version: ModelVersion) -> list[dict]:
        return PeriodSerializer(services.periods_of(version), many=True).data


class ActivitySerializer(serializers.ModelSerializer):
    """One thing that was done; `text` follows the name of who did it, `by` is null for the studio itself."""

    model = serializers.CharField(source="model_name")
    text = serializers.SerializerMethodField()
    by = serializers.CharField(source="by.username", default=None)

    class Meta:
        model = Activity
        fields = ["id", "model", "version", "verb", "text", "detail", "by", "time"]

    def get_text(self, row: Activity) -> str:
        return activity.sentence(row)


class OutcomeSerializer(serializers.Serializer):
    """How a change went with one version; `code`, `problem` and `advice` are empty when it was done."""

    reference = serializers.CharField()
    done = serializers.BooleanField()
    code = serializers.CharField()
    problem = serializers.CharField()
    advice = serializers.CharField()
    services = serializers.ListField(child=serializers.CharField())


class _RowSerializer(serializers.Serializer):
    key = serializers.CharField()
    cells = serializers.ListField(child=serializers.CharField(allow_null=True))
    same = serializers.BooleanField()


class _SectionSerializer(serializers.Serializer):
    title = serializers.CharField()
    rows = _RowSerializer(many=True)


class ComparisonSerializer(serializers.Serializer):
    """Cells are in the order of `versions`; null where a version says nothing."""

    versions = serializers.ListField(child=serializers.CharField())
    sections = _SectionSerializer(many=True)
