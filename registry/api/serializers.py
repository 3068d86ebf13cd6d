"""Registry rows as JSON, and JSON as typed requests."""

from rest_framework import serializers

from registry import services
from registry.models import ModelVersion


class FileSerializer(serializers.Serializer):
    path = serializers.CharField()
    size = serializers.IntegerField(source="blob.size")
    sha256 = serializers.CharField(source="blob_id")


class VersionSerializer(serializers.ModelSerializer):
    """One version as lists show it."""

    id = serializers.CharField(source="reference")
    name = serializers.CharField()
    tags = serializers.DictField(source="tag_map", child=serializers.CharField())
    properties = serializers.DictField(source="property_map", child=serializers.CharField())
    created_by = serializers.CharField(source="created_by.username", default=None)

    class Meta:
        model = ModelVersion
        fields = [
            "id",
            "name",
            "version",
            "description",
            "framework",
            "framework_version",
            "tags",
            "properties",
            "size_bytes",
            "created_by",
            "created_time",
        ]


class VersionDetailSerializer(VersionSerializer):
    """One version with its files, what they say of themselves, and who uses it."""

    files = serializers.SerializerMethodField()
    services = serializers.SerializerMethodField()

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "facts", "files", "services"]

    def get_files(self, version: ModelVersion) -> list[dict]:
        return FileSerializer(version.files.select_related("blob"), many=True).data

    def get_services(self, version: ModelVersion) -> list[str]:
        return services.users_of(version)


class TagMapField(serializers.DictField):
    child = serializers.CharField(allow_blank=True, trim_whitespace=False)


class RegisterRequest(serializers.Serializer):
    name = serializers.CharField(trim_whitespace=False)
    upload = serializers.UUIDField()
    description = serializers.CharField(allow_blank=True, default="", max_length=20_000)
    framework = serializers.CharField(allow_blank=True, default="")
    framework_version = serializers.CharField(allow_blank=True, default="", max_length=64)
    tags = TagMapField(default=dict)
    properties = TagMapField(default=dict)


class ChangeRequest(serializers.Serializer):
    description = serializers.CharField(allow_blank=True, required=False, max_length=20_000)
    tags = TagMapField(required=False)


class ListRequest(serializers.Serializer):
    """The list's query string; `tag` and `property` may repeat and must all hold."""

    q = serializers.CharField(default="", allow_blank=True, max_length=2000)
    tag = serializers.ListField(child=serializers.CharField(), default=list)
    property = serializers.ListField(child=serializers.CharField(), default=list)
    name = serializers.CharField(default="", allow_blank=True)
    framework = serializers.CharField(default="", allow_blank=True)
    latest = serializers.BooleanField(default=False)
    limit = serializers.IntegerField(default=50, min_value=1, max_value=255)
    cursor = serializers.CharField(default="", allow_blank=True)
