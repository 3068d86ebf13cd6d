"""A profile's way, on a target without the things that cost time; real requests are measured."""

import threading

import pytest

from deployments.errors import TargetUnavailable
from drivers import base, errors
from profiling import reconcile, services, sizes, transitions
from profiling.models import Point, Profile
from profiling.states import Mode, Purpose, SizeState, Status
from tests import objects
from tests.profiling.measured import texts, work

pytestmark = pytest.mark.django_db(transaction=True)
DIED = base.Observed(base.Phase.CRASHED, detail="out of memory: limit 64 MB", exit_code=137)


def points(profile: Profile) -> list[tuple[str, float]]:
    return list(Point.objects.filter(size__profile=profile).order_by("pk").values_list("mode", "load"))


def test_everything_is_measured_and_nothing_is_left(start, driver, quickly, rings):
    profile = start()
    assert rings == [("run_profile", profile.pk)]
    work(profile)
    assert (profile.status, profile.failure) == (Status.SUCCEEDED, None), texts(profile)
    assert [mode for mode, _ in points(profile)] == [Mode.CLOSED, Mode.CLOSED, Mode.OPEN, Mode.OPEN]
    facts = Point.objects.filter(size__profile=profile).first().facts
    assert facts["requests"] > 0 == facts["errors"]
    assert facts["throughput"] > 0 < facts["p95_ms"]
    size = profile.sizes.get()
    assert (size.state, size.peak_memory_bytes, size.idle_memory_bytes) == (SizeState.DONE, 1 << 20, 1 << 20)
    assert size.cold_start["first_ms"] > 0
    assert size.timeline[0][2] == 1 << 20
    assert profile.recommendation["memory_gb"] == 0.125
    assert driver.running == {}
    assert profile.method["cpu_limited"] is False
    assert "1 CPU, 1 GB: 2 at a time: " in texts(profile)


def test_workloads_say_whose_they_are_and_yield_to_others(start, driver, quickly, monkeypatch):
    seen = []
    applied = driver.apply
    monkeypatch.setattr(driver, "apply", lambda workload: seen.append(workload) or applied(workload))
    profile = work(start())
    (workload,) = seen
    assert workload.background
    assert workload.labels == {"workspace": "vision", "profile": str(profile.pk)}
    assert (workload.cpu, workload.memory_bytes) == (1, 1 << 30)


def test_another_worker_goes_on_from_the_last_point(start, driver, quickly, runtime, monkeypatch):
    """The first is lost in the second load; what it measured stays, what it started goes."""
    profile = start()
    measured = sizes.measure

    def lost(order, meanwhile):
        if order.get("concurrency") == 2:
            raise KeyboardInterrupt
        return measured(order, meanwhile)

    monkeypatch.setattr(sizes, "measure", lost)
    with pytest.raises(KeyboardInterrupt):
        work(profile)
    assert points(profile) == [(Mode.CLOSED, 1)]
    begun = Point.objects.get().facts
    Profile.objects.filter(pk=profile.pk).update(lease_until=None)
    monkeypatch.setattr(sizes, "measure", measured)
    work(profile, "second")
    assert profile.status == Status.SUCCEEDED
    assert [load for mode, load in points(profile) if mode == Mode.CLOSED] == [1, 2]
    assert Point.objects.order_by("pk").first().facts == begun
    assert driver.running == {}
    assert "goes on from what was measured" in texts(profile)


def test_a_worker_that_lost_its_lease_writes_nothing_more(start, driver, quickly, monkeypatch):
    profile = start()

    def taken(order, meanwhile):
        Profile.objects.filter(pk=profile.pk).update(lease_owner="another")
        return measured(order, meanwhile)

    measured = sizes.measure
    monkeypatch.setattr(sizes, "measure", taken)
    work(profile)
    assert (profile.status, profile.lease_owner, profile.recommendation) == (Status.MEASURING, "another", None)


def test_it_stops_at_once_and_keeps_what_it_has(start, driver, quickly, runtime):
    profile = start(concurrency=[1, 2, 4, 8])

    once = threading.Lock()

    def stop(asked: int) -> None:
        if Point.objects.filter(size__profile=profile).exists() and once.acquire(blocking=False):
            Profile.objects.filter(pk=profile.pk).update(cancel_requested=True)

    runtime.before_answer = stop
    work(profile)
    assert profile.status == Status.CANCELLED
    assert 1 <= len(points(profile)) < 4
    assert profile.recommendation is None  # no size is measured to its end
    assert profile.sizes.get().failure["detail"] == "The profile was stopped before it was measured."
    assert driver.running == {}


def test_one_that_was_stopped_goes_on_when_it_is_asked_to(start, driver, quickly, runtime):
    test_it_stops_at_once_and_keeps_what_it_has(start, driver, quickly, runtime)
    runtime.before_answer = None
    profile = Profile.objects.get()
    kept = points(profile)
    services.resume_profile(profile=profile)
    work(profile, "second")
    assert profile.status == Status.SUCCEEDED
    assert points(profile)[: len(kept)] == kept
    assert [load for mode, load in points(profile) if mode == Mode.CLOSED][:2] == [1, 2]


def test_requests_that_the_model_rejects_end_it_in_the_models_words(start, driver, quickly, runtime):
    runtime.answer = (400, b'{"message": "X has 2 features, but 4 are expected"}')
    profile = work(start())
    assert (profile.status, profile.failure["code"]) == (Status.FAILED, "samples-rejected")
    assert "Sample request 1 was answered with 400" in profile.failure["detail"]
    assert "X has 2 features, but 4 are expected" in profile.failure["detail"]
    assert driver.running == {}


def test_a_model_that_cannot_be_loaded_ends_it(start, driver, quickly):
    line = 'SLIPWAY-BOOT-FAILED {"code": "model-not-loadable", "message": "no such class"}'
    driver.dies_after_start(3, "", line)
    profile = work(start(cpu=[0.5, 1]))
    assert (profile.failure["code"], profile.failure["detail"]) == ("model-not-loadable", "no such class")
    assert [size.state for size in profile.sizes.all()] == [SizeState.FAILED, SizeState.SKIPPED]


def test_a_size_it_dies_on_is_told_and_the_others_are_measured(start, driver, quickly, runtime, monkeypatch):
    profile = start(memory_gb=[1, 0.125])
    applied = driver.apply

    def small_ones_die(workload):
        handle = applied(workload)
        if workload.memory_bytes < 1 << 30:
            runtime.before_answer = lambda asked: driver.ended.update({workload.name: DIED})
        return handle

    monkeypatch.setattr(driver, "apply", small_ones_die)
    work(profile)
    big, small = profile.sizes.all()
    assert (profile.status, big.state, small.state) == (Status.SUCCEEDED, SizeState.DONE, SizeState.FAILED)
    assert small.failure == {
        "code": "out-of-memory",
        "detail": "It ended while it answered 1 at a time: out of memory: limit 64 MB",
    }


def test_sizes_that_all_die_say_so(start, driver, quickly, runtime):
    driver.dies_after_start(137, "out of memory: limit 64 MB")
    profile = work(start())
    assert profile.failure["code"] == "nothing-measured"
    assert "out of memory" in profile.failure["detail"]


def test_the_least_memory_is_looked_for(start, driver, quickly, runtime, monkeypatch):
    profile = start(memory_gb=None)
    monkeypatch.setattr(driver, "usage", lambda handle: (base.Usage("", 1.0, 1.0, 200 << 20),))
    work(profile)
    tried = profile.sizes.filter(purpose=Purpose.MEMORY)
    assert [size.memory_bytes >> 20 for size in tried] == [256, 160, 96]
    assert {size.state for size in tried} == {SizeState.DONE}
    assert profile.recommendation["memory_gb"] == 0.25


def test_time_that_is_over_leaves_the_rest_unmeasured(start, driver, quickly):
    profile = start(cpu=[1, 0.5], budget_minutes=1)
    plan = profile.plan | {"budget_minutes": 0}
    Profile.objects.filter(pk=profile.pk).update(plan=plan)
    work(profile)
    assert (profile.status, profile.failure["code"]) == (Status.FAILED, "nothing-measured")
    assert {size.failure["detail"] for size in profile.sizes.all()} == {"The profile failed before it was measured."}


def test_a_target_that_goes_away_ends_it_with_its_words(start, driver, quickly):
    driver.trouble["prepare_environment"] = errors.TargetUnavailable("No engine here.", advice="Start it.")
    profile = work(start())
    assert (profile.failure["code"], profile.failure["detail"]) == ("target-unavailable", "No engine here.")


def test_a_workload_that_cannot_be_reached_directly_is_not_measured(start, driver, quickly, monkeypatch):
    monkeypatch.setattr(driver, "direct", lambda handle: None)
    profile = work(start())
    assert profile.failure["code"] == "unreachable"
    assert "the numbers would be the API server's" in profile.failure["detail"]


def test_a_target_that_is_turned_off_is_not_used(start, driver, quickly, settings):
    profile = start()
    settings.PROCESS_TARGET = False
    assert work(profile).failure["code"] == TargetUnavailable.code


def test_one_at_a_time_and_the_first_first(place, contributor, start, driver, quickly):
    first, second = start(), start(models=["digits:1"])
    assert not transitions.claim(second.pk, "early")
    assert transitions.claim(first.pk, "one")
    assert not transitions.claim(second.pk, "early")
    assert not transitions.claim(first.pk, "two")
    Profile.objects.filter(pk=first.pk).update(status=Status.FAILED, lease_until=None)
    assert transitions.claim(second.pk, "early")


def test_a_cluster_has_a_queue_of_its_own(place, contributor, start):
    first, second = start(), start(models=["digits:1"])
    Profile.objects.filter(pk=second.pk).update(target=objects.target(place, "prod", kind="kubernetes"))
    assert transitions.claim(first.pk, "one")
    assert transitions.claim(second.pk, "two")


def test_those_nobody_works_on_are_rung_again(start, rings):
    profile = start()
    del rings[:]
    reconcile.ring_forgotten()
    assert rings == [("run_profile", profile.pk)]
    assert transitions.claim(profile.pk, "one")
    reconcile.ring_forgotten()
    assert len(rings) == 1


def test_workloads_of_profiles_under_way_are_no_orphans(start, driver, quickly):
    from deployments import reconcile as deployments

    profile = start()
    name = sizes.workload_name(profile, profile.sizes.get())
    work_ = base.Workload(name, deployments.owner(), {}, base.PackageRef("/", None, "d", False), 1, 1 << 30)
    driver.apply(work_)
    deployments.remove_orphans()
    assert name in driver.running
    Profile.objects.filter(pk=profile.pk).update(status=Status.CANCELLED)
    deployments.remove_orphans()
    assert name not in driver.running


def test_a_model_that_was_deleted_meanwhile_is_told(start, driver, quickly):
    profile = start()
    profile.model_links.get().version.delete()
    assert work(profile).failure["code"] == "version-not-found"
    assert profile.model_references == ["digits:1"]


def test_the_generator_ends_with_the_worker(start, driver, quickly, runtime):
    """Whatever is raised while a load is measured, its generator has ended when it is heard."""
    before = threading.active_count()
    test_it_stops_at_once_and_keeps_what_it_has(start, driver, quickly, runtime)
    assert not [thread for thread in threading.enumerate() if thread.name == "load generator"]
    assert threading.active_count() <= before + 5
