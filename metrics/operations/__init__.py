"""REST of metrics, described."""

from rest_framework import serializers

from deployments.errors import ServiceNotFound
from metrics.api import ServiceMetrics
from metrics.errors import RangeInvalid
from metrics.windows import DEFAULT, RANGES
from workspaces.operations import Answer, Operation, Operations, Parameter


class MetricsPoint(serializers.Serializer):
    """What is known of the `step_s` seconds from `at` on; of the last point perhaps only their beginning."""

    at = serializers.DateTimeField()
    requests = serializers.IntegerField(allow_null=True)
    requests_per_second = serializers.FloatField(allow_null=True)
    ok = serializers.IntegerField(allow_null=True, help_text="Answered with a status below 400.")
    client_errors = serializers.IntegerField(allow_null=True, help_text="4xx, and callers that left.")
    errors = serializers.IntegerField(allow_null=True, help_text="5xx, the gateway's own too.")
    p50_ms = serializers.FloatField(allow_null=True, help_text="Latencies are of requests that were `ok`.")
    p95_ms = serializers.FloatField(allow_null=True)
    p99_ms = serializers.FloatField(allow_null=True)
    mean_ms = serializers.FloatField(allow_null=True)
    in_flight = serializers.FloatField(allow_null=True, help_text="Requests under way at a time, on average.")
    cpu = serializers.FloatField(allow_null=True, help_text="Cores in use, of all replicas together, on average.")
    memory_bytes = serializers.IntegerField(allow_null=True, help_text="The most, of all replicas together.")
    cpu_limit = serializers.FloatField(allow_null=True, help_text="Null where nothing limits it.")
    memory_limit_bytes = serializers.IntegerField(allow_null=True)
    replicas = serializers.IntegerField(allow_null=True, help_text="The fewest that were ready.")
    wanted_replicas = serializers.IntegerField(allow_null=True, help_text="The most that were wanted.")


class MetricsMark(serializers.Serializer):
    """A deployment that went live."""

    at = serializers.DateTimeField()
    text = serializers.CharField()
    deployment = serializers.IntegerField()


_Metrics = type("_Metrics", (serializers.Serializer,), {"from": serializers.DateTimeField()})


class ServiceMetricsAnswer(_Metrics):
    service = serializers.CharField()
    to = serializers.DateTimeField()
    step_s = serializers.IntegerField()
    series = MetricsPoint(many=True)
    marks = MetricsMark(many=True)


_POINT = {
    "at": "2026-03-02T09:30:00Z",
    "requests": 120,
    "requests_per_second": 12.0,
    "ok": 118,
    "client_errors": 1,
    "errors": 1,
    "p50_ms": 3.1,
    "p95_ms": 9.0,
    "p99_ms": 20.1,
    "mean_ms": 4.0,
    "in_flight": 0.048,
    "cpu": 0.4,
    "memory_bytes": 91000000,
    "cpu_limit": 1.0,
    "memory_limit_bytes": 1073741824,
    "replicas": 1,
    "wanted_replicas": 1,
}
_EXAMPLE = {
    "service": "iris",
    "from": "2026-03-02T09:30:00Z",
    "to": "2026-03-02T09:30:10Z",
    "step_s": 10,
    "series": [_POINT],
    "marks": [{"at": "2026-03-02T09:30:02Z", "text": "Revision 3 live", "deployment": 12}],
}

OPERATIONS: Operations = {
    (ServiceMetrics, "GET"): Operation(
        id="get_service_metrics",
        summary="Show a service's metrics",
        description=(
            "Requests, latency, errors, CPU, memory and replicas, in steps that suit the range, with the deployments "
            "that went live meanwhile. What nobody measured is null: that is not 0."
        ),
        tag="services",
        parameters=[
            Parameter("range", "How long.", {"type": "string", "enum": list(RANGES), "default": DEFAULT}, "1h"),
            Parameter(
                "until",
                "When it ends; left out, now.",
                {"type": "string", "format": "date-time"},
                "2026-03-02T09:30:10Z",
            ),
        ],
        answers=[Answer(ServiceMetricsAnswer, _EXAMPLE)],
        errors=[ServiceNotFound, RangeInvalid],
    ),
}
