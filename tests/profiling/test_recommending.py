"""What is recommended for numbers that are known, and in which words."""

import pytest

from profiling.models import Profile
from profiling.plan import Plan
from profiling.recommending import recommend
from profiling.states import Purpose, SizeState
from tests import objects
from tests.profiling.measured import GIB, MIB, facts, size, started

ONE = [(1, 100, 10), (2, 182, 11), (4, 190, 21), (-95, 95, 12)]
HALF = [(1, 50, 20), (2, 91, 22), (4, 95, 42)]
TENTH = [(1, 10, 100), (2, 18, 110)]


@pytest.fixture
def profile(place, contributor, driver, rings):
    """On a target that limits CPU; its sizes are the test's."""
    objects.target(place, "docker")
    made = started(place, contributor, target="docker")
    made.sizes.all().delete()
    return made


def wanted(profile: Profile, **goal) -> Profile:
    plan = Plan.from_dict(profile.plan).as_dict() | {"goal": {"p95_ms": None, "requests_per_second": None} | goal}
    Profile.objects.filter(pk=profile.pk).update(plan=plan)
    return Profile.objects.get(pk=profile.pk)


def told(profile: Profile) -> str:
    found = recommend(profile)
    return " ".join([*found["why"], found["why_not_smaller"], *found["headroom"], found["batching"]])


def test_nothing_measured_nothing_recommended(profile):
    assert recommend(profile) is None
    size(profile, 1, (1, 0, None))
    assert recommend(profile) is None


def test_without_a_goal_the_smallest_size_near_the_best_latency(profile):
    size(profile, 2, (1, 105, 9.5), (2, 200, 10))
    size(profile, 1, *ONE)
    size(profile, 0.5, *HALF)
    found = recommend(profile)
    assert (found["cpu"], found["replicas"], found["meets_goal"]) == (1, 1, None)
    assert found["concurrency"] == 2  # 182 of 190 requests/s: four at a time only wait longer
    assert found["requests_per_second"] == 127.4  # 70 % of 182
    assert "within 10 % of the best" in told(profile)
    assert "On 0.5 CPU the same requests take 20 ms, 2.0 times as long." in told(profile)


def test_memory_is_the_peak_and_a_quarter_in_steps(profile):
    size(profile, 1, *ONE, peak=110 * MIB)
    found = recommend(profile)
    assert found["memory_gb"] == 0.25  # 137.5 MiB, rounded up to 256
    assert "it held 110 MB at most; times 1.25, rounded up to whole 128 MB, is 256 MB" in told(profile)


def test_memory_that_was_tried_and_not_enough_is_not_recommended(profile):
    size(profile, 1, *ONE, peak=110 * MIB)
    size(profile, 1, purpose=Purpose.MEMORY, memory_bytes=256 * MIB, state=SizeState.FAILED)
    size(profile, 1, (4, 190, 20), purpose=Purpose.MEMORY, memory_bytes=384 * MIB)
    assert recommend(profile)["memory_gb"] == 0.375


def test_a_goal_of_latency_takes_the_smallest_size_that_keeps_it(profile):
    profile = wanted(profile, p95_ms=25)
    for cpu, loads in ((1, ONE), (0.5, HALF), (0.1, TENTH)):
        size(profile, cpu, *loads)
    found = recommend(profile)
    assert (found["cpu"], found["meets_goal"], found["p95_ms"]) == (0.5, True, 22)
    assert "On 0.1 CPU, no load was answered within 25 ms: one by one it takes 100 ms." in told(profile)


def test_a_goal_nobody_keeps_is_said(profile):
    profile = wanted(profile, p95_ms=1)
    size(profile, 1, *ONE)
    found = recommend(profile)
    assert found["meets_goal"] is False
    assert "No size that was measured answers 95 of 100 requests within 1 ms." in told(profile)


def test_more_requests_than_one_replica_takes_need_several_in_a_cluster(place, profile):
    profile = wanted(profile, requests_per_second=500)
    Profile.objects.filter(pk=profile.pk).update(target=objects.target(place, "prod", kind="kubernetes"))
    profile = Profile.objects.get(pk=profile.pk)
    size(profile, 1, *ONE)
    size(profile, 0.5, *HALF)
    found = recommend(profile)
    assert (found["cpu"], found["replicas"], found["meets_goal"]) == (1, 4, True)  # 500 / 127.4; half a CPU: 8 of them
    assert "500 requests/s need 4 replicas at 127 requests/s each." in told(profile)
    assert "On 0.5 CPU it takes 8 replicas of 64 requests/s, 4 CPU in all." in told(profile)


def test_a_target_of_one_replica_gets_the_size_that_does_it_alone(profile):
    profile = wanted(profile, requests_per_second=100)
    size(profile, 1, *ONE)
    size(profile, 0.5, *HALF)
    assert (recommend(profile)["cpu"], recommend(profile)["replicas"]) == (1, 1)
    profile = wanted(profile, requests_per_second=500)
    found = recommend(profile)
    assert found["meets_goal"] is False
    assert "docker runs one replica of a service." in found["doubts"]


def test_a_size_that_did_not_run_says_why_nothing_smaller(profile):
    size(profile, 1, *ONE)
    died = {"code": "out-of-memory", "detail": "It ended while it answered 4 at a time: out of memory."}
    size(profile, 0.5, state=SizeState.FAILED, failure=died)
    assert "On 0.5 CPU it did not run: It ended while it answered 4 at a time" in told(profile)


@pytest.mark.parametrize(("throughput", "pays"), [(230, True), (200, False)], ids=["pays", "does-not"])
def test_a_graph_is_recommended_from_a_fifth_more_on(profile, throughput, pays):
    size(profile, 1, *ONE)
    size(profile, 1, (1, throughput, 5), purpose=Purpose.ONNX, onnx=True)
    found = recommend(profile)
    assert found["onnx"] is pays
    assert ("It pays." in found["onnx_says"]) is pays


def test_a_graph_that_is_recommended_gets_the_memory_it_held(profile):
    size(profile, 1, *ONE, peak=90 * MIB)
    size(profile, 1, (1, 300, 5), purpose=Purpose.ONNX, onnx=True, peak=190 * MIB)
    assert recommend(profile)["memory_gb"] == 0.25


def test_a_graph_that_could_not_be_made_says_why(profile):
    size(profile, 1, *ONE)
    why = {"code": "not-converted", "detail": "HistGradientBoosting cannot be translated."}
    size(profile, 1, purpose=Purpose.ONNX, onnx=True, state=SizeState.SKIPPED, failure=why)
    assert (
        recommend(profile)["onnx_says"] == "An ONNX graph was not measured: HistGradientBoosting cannot be translated."
    )


def test_requests_that_are_scored_together_are_told_of(profile):
    size(profile, 1, (1, 100, 10), (8, 500, 16))
    assert "8 at a time bring 5.0 times the throughput of 1." in told(profile)


def test_doubts_lower_the_confidence(profile):
    size(profile, 1, *ONE)
    size(profile, 1, (4, 190, 20), purpose=Purpose.MEMORY, memory_bytes=256 * MIB)
    assert (recommend(profile)["confidence"], recommend(profile)["doubts"]) == ("high", [])
    point = profile.sizes.first().points.first()
    point.facts = facts(100, 10, stable=False, generator_bound=True)
    point.save()
    found = recommend(profile)
    assert found["confidence"] == "medium"
    assert "1 point of 4 on this size did not become stable." in found["doubts"]
    Profile.objects.filter(pk=profile.pk).update(samples_source="signature")
    assert recommend(Profile.objects.get(pk=profile.pk))["confidence"] == "low"


def test_where_cpu_is_not_limited_what_was_used_decides(place, profile):
    Profile.objects.filter(pk=profile.pk).update(target=objects.target(place, "process"))
    profile = Profile.objects.get(pk=profile.pk)
    size(profile, 1, *ONE, memory_bytes=2 * GIB)
    found = recommend(profile)
    assert found["cpu"] == 1.3  # 0.9 cores were used: 70 % of it
    assert "This target does not limit CPU" in " ".join(found["doubts"])
