"""Compute targets as JSON, and JSON about them as typed requests."""

from rest_framework import serializers

from deployments.clusters import WAYS, Asked
from deployments.models import Target


class TargetSerializer(serializers.ModelSerializer):
    """`connection` is how a cluster is reached, without its secrets; null for targets that were not attached."""

    connection = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.username", default=None)

    class Meta:
        model = Target
        fields = [
            "name", "kind", "available", "detail", "cpu", "memory_bytes", "checked_time", "connection", "created_by",
            "created_time",
        ]  # fmt: skip

    def get_connection(self, target: Target) -> dict | None:
        known = target.connection
        if not known:
            return None
        shown = ("server", "in_cluster", "namespace", "registry", "registry_username", "access")
        return {name: known[name] for name in shown}


class _Connection(serializers.Serializer):
    kubeconfig = serializers.CharField(required=False, trim_whitespace=False, help_text="The text of the file.")
    context = serializers.CharField(required=False, help_text="Empty: the kubeconfig's current one.", allow_blank=True)
    in_cluster = serializers.BooleanField(required=False, default=None, allow_null=True)
    namespace = serializers.CharField(required=False, allow_blank=True, help_text="Empty: one per workspace.")
    registry = serializers.CharField(required=False, help_text="HOST, HOST:PORT or HOST:PORT/PATH.")
    registry_username = serializers.CharField(required=False, allow_blank=True)
    registry_password = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    access = serializers.ChoiceField(required=False, choices=WAYS, help_text="How requests reach replicas.")

    @property
    def asked(self) -> Asked:
        return Asked(**{name: value for name, value in self.validated_data.items() if name in Asked.__slots__})


class AttachRequest(_Connection):
    name = serializers.CharField(trim_whitespace=False)
    kind = serializers.ChoiceField(choices=[Target.Kind.KUBERNETES])


class UpdateRequest(_Connection):
    pass


class RoomSerializer(serializers.Serializer):
    """What the nodes that take pods have; what is left is null where the account may not look at all pods."""

    nodes = serializers.IntegerField()
    ready = serializers.IntegerField()
    cpu = serializers.FloatField()
    memory_bytes = serializers.IntegerField()
    largest_cpu = serializers.FloatField()
    largest_memory_bytes = serializers.IntegerField()
    cpu_left = serializers.FloatField(allow_null=True)
    memory_left_bytes = serializers.IntegerField(allow_null=True)


class MissingSerializer(serializers.Serializer):
    """A permission that the credentials lack; an optional one costs only what `why` says."""

    verb = serializers.CharField()
    resource = serializers.CharField()
    namespace = serializers.CharField(allow_blank=True, help_text="Empty: in the whole cluster.")
    why = serializers.CharField()
    optional = serializers.BooleanField()


class ProblemSerializer(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField(source="__str__")
    advice = serializers.CharField(allow_blank=True)


class ReportSerializer(serializers.Serializer):
    """What a test of a connection found."""

    works = serializers.BooleanField()
    version = serializers.CharField()
    namespace = serializers.CharField()
    room = RoomSerializer(allow_null=True)
    missing = MissingSerializer(many=True)
    problems = ProblemSerializer(many=True)
