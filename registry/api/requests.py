"""What programs send, checked for its types; the rules of what it says are the services'."""

from rest_framework import serializers


class Strict(serializers.Serializer):
    """Refuses fields that it does not have: a name that is written wrongly must not look as if it had worked."""

    def to_internal_value(self, data):
        try:
            unknown = sorted(set(data) - set(self.fields))
        except TypeError:
            unknown = []  # no object: said by the framework
        if unknown and not isinstance(data, list | str):
            known = ", ".join(self.fields)
            raise serializers.ValidationError({unknown[0][:60]: [f"There is no such field. There are {known}."]})
        return super().to_internal_value(data)


class TagMapField(serializers.DictField):
    child = serializers.CharField(allow_blank=True, trim_whitespace=False)


class NumberField(serializers.Field):
    """A JSON number, and no text that looks like one."""

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise serializers.ValidationError("It must be a number.")
        return data

    def to_representation(self, value):
        return value


class MetricsField(serializers.DictField):
    child = NumberField()


class DatasetsField(serializers.DictField):
    """`{"training": ["iris-2026"]}`, as (scenario, dataset) pairs."""

    child = serializers.ListField(child=serializers.CharField(trim_whitespace=False))

    def to_internal_value(self, data):
        given = super().to_internal_value(data)
        return [(scenario, dataset) for scenario, datasets in given.items() for dataset in datasets]


class AnyJson(serializers.Field):
    """Any JSON at all."""

    def to_internal_value(self, data):
        return data

    def to_representation(self, value):
        return value


def _text(most: int) -> serializers.CharField:
    return serializers.CharField(allow_blank=True, default="", max_length=most)


class RegisterRequest(Strict):
    name = serializers.CharField(trim_whitespace=False)
    upload = serializers.UUIDField()
    description = _text(20_000)
    framework = serializers.CharField(allow_blank=True, default="")
    framework_version = _text(64)
    tags = TagMapField(default=dict)
    properties = TagMapField(default=dict)
    metrics = MetricsField(default=dict)
    parameters = TagMapField(default=dict)
    datasets = DatasetsField(default=list)
    sample_input = AnyJson(allow_null=True, default=None)
    sample_output = AnyJson(allow_null=True, default=None)
    signature = AnyJson(allow_null=True, default=None)
    cpu = NumberField(allow_null=True, default=None)
    memory_gb = NumberField(allow_null=True, default=None)
    gpu = NumberField(allow_null=True, default=None)
    experiment_name = _text(255)
    run_id = _text(255)
    script = _text(1024)
    git_repository = _text(1024)
    git_branch = _text(255)
    git_commit = _text(64)
    parent = _text(600)


class ChangeRequest(Strict):
    """What is left out stays as it is; `tags`, `metrics`, `parameters` and `datasets` replace all there were."""

    description = serializers.CharField(allow_blank=True, required=False, max_length=20_000)
    tags = TagMapField(required=False)
    add_tags = TagMapField(required=False)
    remove_tags = serializers.ListField(child=serializers.CharField(trim_whitespace=False), required=False)
    add_properties = TagMapField(required=False)
    stage = serializers.CharField(required=False)
    metrics = MetricsField(required=False)
    parameters = TagMapField(required=False)
    datasets = DatasetsField(required=False)
    sample_input = AnyJson(allow_null=True, required=False)
    sample_output = AnyJson(allow_null=True, required=False)
    cpu = NumberField(allow_null=True, required=False)
    memory_gb = NumberField(allow_null=True, required=False)
    gpu = NumberField(allow_null=True, required=False)


class AliasRequest(Strict):
    version = serializers.IntegerField(min_value=1, max_value=10**9)


class BulkRequest(Strict):
    references = serializers.ListField(child=serializers.CharField(max_length=600), allow_empty=False)
    add_tags = TagMapField(required=False)
    remove_tags = serializers.ListField(child=serializers.CharField(trim_whitespace=False), required=False)
    stage = serializers.CharField(required=False)
    delete = serializers.BooleanField(default=False)


class PageRequest(Strict):
    limit = serializers.IntegerField(default=50, min_value=1, max_value=255)
    cursor = serializers.CharField(default="", allow_blank=True)


class ActivityRequest(PageRequest):
    model = serializers.CharField(default="", allow_blank=True, max_length=255)
    version = serializers.IntegerField(default=None, allow_null=True, min_value=1, max_value=10**9)


class CompareRequest(Strict):
    """`version` is repeated."""

    version = serializers.ListField(child=serializers.CharField(max_length=600), default=list)


def asked(kind: type[serializers.Serializer], data) -> dict:
    """What a body or a query string asks for. Raises the framework's ValidationError."""
    request = kind(data=data)
    request.is_valid(raise_exception=True)
    return dict(request.validated_data)
