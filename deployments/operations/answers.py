"""The shapes of answers: the serializers that make them, with the types of what those pass on as it is."""

from rest_framework import serializers

from deployments import serializers as requests
from deployments.clusters import WAYS
from deployments.models import ServiceKey
from deployments.models import Target as TargetRow
from deployments.serializers import DeploymentSerializer, ServiceDetailSerializer, ServiceSerializer
from deployments.states import Step
from deployments.target_serializers import TargetSerializer
from drivers.base import ReplicaState


class Failure(serializers.Serializer):
    """Why a deployment failed; see deployments.failures."""

    code = serializers.CharField()
    detail = serializers.CharField()
    advice = serializers.CharField()
    step = serializers.CharField()
    traceback = serializers.CharField()


class Deployment(DeploymentSerializer):
    failure = Failure(allow_null=True)
    created_by = serializers.CharField(allow_null=True)


class _Shown(serializers.Serializer):
    """Of what serves now, or soon will."""

    tags = serializers.DictField(child=serializers.CharField())
    compute_type = serializers.ChoiceField(choices=TargetRow.Kind.choices, allow_null=True)
    target = serializers.CharField(allow_null=True)
    models = serializers.ListField(child=serializers.CharField())
    revision = serializers.IntegerField(allow_null=True)
    created_by = serializers.CharField(allow_null=True)


class Service(_Shown, ServiceSerializer):
    """A service, and what it serves now or soon will."""


class Scale(serializers.Serializer):
    """`minimum` replicas, or with a `maximum` as many up to it as keep CPU near `utilization` percent."""

    minimum = serializers.IntegerField()
    maximum = serializers.IntegerField(allow_null=True)
    utilization = serializers.IntegerField()


class Replica(serializers.Serializer):
    """One copy of what serves; `started` is in seconds since the epoch."""

    name = serializers.CharField()
    state = serializers.ChoiceField(choices=[str(state) for state in ReplicaState])
    detail = serializers.CharField(allow_blank=True)
    restarts = serializers.IntegerField()
    started = serializers.FloatField(allow_null=True)
    node = serializers.CharField(allow_blank=True)


class ServiceDetail(_Shown, ServiceDetailSerializer):
    """A service with its newest deployment and a request to try it with."""

    deployment = Deployment(allow_null=True)
    sample_request = serializers.JSONField()
    scale = Scale(allow_null=True)
    replicas = Replica(many=True)


class Connection(serializers.Serializer):
    """How a cluster is reached; its secrets are never shown."""

    server = serializers.CharField(allow_blank=True)
    in_cluster = serializers.BooleanField()
    namespace = serializers.CharField()
    registry = serializers.CharField()
    registry_username = serializers.CharField(allow_blank=True)
    access = serializers.ChoiceField(choices=WAYS)


class Target(TargetSerializer):
    connection = Connection(allow_null=True)
    created_by = serializers.CharField(allow_null=True)


class TargetList(serializers.Serializer):
    value = Target(many=True)


class ServiceList(serializers.Serializer):
    value = Service(many=True)


class DeploymentPage(serializers.Serializer):
    value = Deployment(many=True)
    next = serializers.CharField(allow_null=True, help_text="Send it back as `cursor`; null on the last page.")


class Keys(serializers.Serializer):
    primary_key = serializers.CharField()
    secondary_key = serializers.CharField()


class Logs(serializers.Serializer):
    content = serializers.CharField(help_text="Lines, oldest first.")


class TryAnswer(serializers.Serializer):
    """What the service answered; its own status and headers are in here."""

    status = serializers.IntegerField()
    headers = serializers.DictField(child=serializers.CharField())
    body = serializers.CharField()
    elapsed_ms = serializers.FloatField()


class LogLine(serializers.Serializer):
    seq = serializers.IntegerField(help_text="Counts from 1, without gaps.")
    at = serializers.DateTimeField()
    step = serializers.ChoiceField(choices=["", *Step.values])
    stream = serializers.CharField()
    text = serializers.CharField()


class LogLines(serializers.Serializer):
    lines = LogLine(many=True)
    last_seq = serializers.IntegerField(help_text="Send it back as `after_seq`.")
    finished = serializers.BooleanField(help_text="No line will follow these.")


class ServiceLogLine(LogLine):
    seq = serializers.IntegerField(help_text="Grows from line to line: when it was written, in microseconds.")
    step = serializers.CharField(help_text="The replica that wrote it; empty where there is only one.")
    level = serializers.ChoiceField(choices=["", "error"])


class ServiceLogLines(serializers.Serializer):
    lines = ServiceLogLine(many=True)
    last_seq = serializers.IntegerField(help_text="Send it back as `after_seq`.")
    finished = serializers.BooleanField(help_text="False: more can always follow.")


class RegenerateRequest(requests.RegenerateRequest):
    key = serializers.ChoiceField(choices=ServiceKey.Slot.values)
