"""The shapes of answers: the serializers that make them, with the types of what those pass on as it is."""

from rest_framework import serializers

from profiling.serializers import ProfileSummarySerializer
from profiling.states import Mode, Purpose, SizeState, Status

_POINT_FLOATS = ("throughput", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms", "cpu",
                 "throttled", "generator_cpu", "late_ms")  # fmt: skip


def _texts() -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField())


def _floats(names: tuple[str, ...], **options: object) -> dict[str, serializers.FloatField]:
    return {name: serializers.FloatField(**options) for name in names}


class ProfileFailure(serializers.Serializer):
    """Why a profile failed; see deployments.failures."""

    code = serializers.CharField()
    detail = serializers.CharField()
    advice = serializers.CharField(allow_blank=True)
    step = serializers.CharField(allow_blank=True)
    traceback = serializers.CharField(allow_blank=True)


class ProfileSizeFailure(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()


class ProfileProgress(serializers.Serializer):
    """Loads measured of those expected; `total` is a guess while it runs."""

    done = serializers.IntegerField()
    total = serializers.IntegerField()
    now = serializers.CharField(allow_blank=True)


class ProfileSamples(serializers.Serializer):
    source = serializers.ChoiceField(choices=["upload", "version", "signature"])
    count = serializers.IntegerField()
    bytes = serializers.IntegerField()


class ProfileShortRecommendation(serializers.Serializer):
    cpu = serializers.FloatField()
    memory_gb = serializers.FloatField()
    replicas = serializers.IntegerField()
    p95_ms = serializers.FloatField()
    requests_per_second = serializers.FloatField()


class ProfileRecommendation(ProfileShortRecommendation):
    """The smallest size that does what is wanted, with the numbers that say so."""

    measured_cpu = serializers.FloatField(help_text="The size whose numbers these are.")
    concurrency = serializers.IntegerField()
    onnx = serializers.BooleanField()
    meets_goal = serializers.BooleanField(allow_null=True)
    why = _texts()
    why_not_smaller = serializers.CharField()
    headroom = _texts()
    batching = serializers.CharField()
    onnx_says = serializers.CharField(allow_null=True)
    confidence = serializers.ChoiceField(choices=["high", "medium", "low"])
    doubts = _texts()
    deploy_url = serializers.CharField(allow_null=True, help_text="The form that deploys it; null without its version.")


class ProfileGoal(serializers.Serializer):
    p95_ms = serializers.FloatField(allow_null=True)
    requests_per_second = serializers.FloatField(allow_null=True)


class ProfileSettings(serializers.Serializer):
    """What was asked for, with what the studio chose."""

    cpu = serializers.ListField(child=serializers.FloatField())
    memory_gb = serializers.ListField(child=serializers.FloatField())
    concurrency = serializers.ListField(child=serializers.IntegerField())
    goal = ProfileGoal(allow_null=True)
    share = serializers.FloatField()
    budget_minutes = serializers.FloatField()
    try_onnx = serializers.BooleanField()
    search_memory = serializers.BooleanField(help_text="The least memory that is enough is looked for.")


class ProfilePoint(serializers.Serializer):
    """What was measured at one load. Latencies are of requests that succeeded; null when none did."""

    mode = serializers.ChoiceField(choices=Mode.choices)
    concurrency = serializers.IntegerField(allow_null=True, help_text="Of closed loads: clients at the same time.")
    rate = serializers.FloatField(allow_null=True, help_text="Of open loads: requests a second.")
    stable = serializers.BooleanField(help_text="The last windows agreed.")
    windows = serializers.IntegerField()
    requests = serializers.IntegerField()
    errors = serializers.IntegerField()
    timeouts = serializers.IntegerField()
    locals().update(_floats(_POINT_FLOATS, allow_null=True))
    memory_bytes = serializers.IntegerField(allow_null=True)
    generator_bound = serializers.BooleanField(help_text="The load generator was the limit.")
    stages = serializers.DictField(
        child=serializers.FloatField(), allow_null=True, help_text="Milliseconds: client, queue, model, other."
    )
    first_error = serializers.DictField(allow_null=True, help_text="`status` and the beginning of `body`.")


class ProfileKnee(serializers.Serializer):
    concurrency = serializers.IntegerField()


class ProfileSize(serializers.Serializer):
    """One size, and what happened there."""

    id = serializers.IntegerField()
    cpu = serializers.FloatField()
    memory_gb = serializers.FloatField()
    onnx = serializers.BooleanField()
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    state = serializers.ChoiceField(choices=SizeState.choices)
    failure = ProfileSizeFailure(allow_null=True)
    cold_start = serializers.DictField(
        child=serializers.FloatField(allow_null=True), allow_null=True, help_text="pull_s, start_s, load_s, first_ms."
    )
    idle_memory_bytes = serializers.IntegerField(allow_null=True)
    peak_memory_bytes = serializers.IntegerField(allow_null=True)
    timeline = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(allow_null=True)),
        help_text="Seconds since it began, cores in use, bytes, share of the time held back, requests at a time.",
    )
    points = ProfilePoint(many=True)
    knee = ProfileKnee(allow_null=True, help_text="The least load with nearly all the throughput.")


class ProfileSummary(ProfileSummarySerializer):
    models = _texts()
    status = serializers.ChoiceField(choices=Status.choices)
    failure = ProfileFailure(allow_null=True)
    created_by = serializers.CharField(allow_null=True)
    progress = ProfileProgress()
    samples = ProfileSamples()
    recommendation = ProfileShortRecommendation(allow_null=True)


class Profile(ProfileSummary):
    """A profile with all that was measured."""

    recommendation = ProfileRecommendation(allow_null=True)
    settings = ProfileSettings()
    method = serializers.DictField(help_text="How it was measured; empty before it began.")
    package = serializers.DictField(help_text="What was run: its size, and how long it took to prepare.")
    sizes = ProfileSize(many=True)

    class Meta(ProfileSummarySerializer.Meta):
        fields = [*ProfileSummarySerializer.Meta.fields, "settings", "method", "package", "sizes"]


class ProfilePage(serializers.Serializer):
    value = ProfileSummary(many=True)
    next = serializers.CharField(allow_null=True, help_text="Send it back as `cursor`; null on the last page.")


RESULT = {
    "type": "object",
    "description": "Under Azure ML v1's keys, without those that have no value.",
    "properties": {"name": {"type": "string"}, "state": {"type": "string"}},
    "required": ["name", "state"],
    "additionalProperties": True,
}
