"""CPU, memory and replicas as the worker sees them, of any target."""

import threading
import time

import pytest

from deployments.models import Revision, Service, Target, Workload
from drivers.base import Usage
from drivers.errors import DriverError
from metrics import sampling
from metrics.models import UsageSample
from metrics.sampling import Sampler, cores_used
from tests import objects

pytestmark = pytest.mark.django_db(transaction=True)


class Driver:
    """Answers `usage` with what it is told; may fail, or hang until `gate` opens."""

    def __init__(self, *usages: Usage) -> None:
        self.usages = usages
        self.error: Exception | None = None
        self.gate: threading.Event | None = None

    def usage(self, handle) -> tuple[Usage, ...]:
        if self.gate:
            assert self.gate.wait(30)
        if self.error:
            raise self.error
        return self.usages


@pytest.fixture
def drivers(monkeypatch) -> dict[str, Driver]:
    """By the target's name."""
    found: dict[str, Driver] = {}
    monkeypatch.setattr(sampling, "driver_of", lambda target: found[target.name])
    return found


@pytest.fixture
def at(monkeypatch):
    """`at(seconds)`: that is the time of day, for the sampler."""

    def set_to(seconds: float) -> None:
        monkeypatch.setattr(sampling, "slot_just_ended", lambda now: int(seconds) // 10 * 10)

    return set_to


def used(cpu_seconds: float, at: float, memory_bytes: int = 100, replica: str = "") -> Usage:
    return Usage(replica=replica, at=at, cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)


def samples() -> list[tuple]:
    return list(UsageSample.objects.order_by("at_s").values_list("at_s", "cpu", "memory_bytes"))


def test_cores_are_what_was_used_between_two_looks(service, drivers, at):
    drivers["process"], sampler = Driver(used(5.0, 100.0)), Sampler()
    at(1000)
    sampler.look()
    drivers["process"].usages = (used(7.5, 110.0, memory_bytes=300),)
    at(1010)
    sampler.look()
    assert samples() == [(1010, 0.25, 300)]


def test_the_first_look_leaves_the_slot_to_workers_that_know_more(service, drivers, at):
    drivers["process"] = Driver(used(5.0, 100.0))
    knowing, new = Sampler(), Sampler()
    at(1000)
    knowing.look()
    drivers["process"].usages = (used(6.0, 110.0),)
    at(1010)
    new.look()
    knowing.look()
    assert samples() == [(1010, 0.1, 100)]


def test_of_two_workers_one_writes_a_slot(service, drivers, at):
    drivers["process"] = Driver(used(5.0, 100.0))
    workers = [Sampler(), Sampler()]
    for moment in (1000, 1010, 1020):
        at(moment)
        drivers["process"].usages = (used(moment / 10, float(moment)),)
        for worker in workers:
            worker.look()
    assert [at_s for at_s, *_ in samples()] == [1010, 1020]


def test_replicas_add_up_and_one_that_is_new_waits_its_turn():
    before = {"a": used(10.0, 100.0, replica="a"), "b": used(20.0, 50.0, replica="b")}
    now = (used(12.0, 110.0, replica="a"), used(23.0, 60.0, replica="b"), used(99.0, 7.0, replica="c"))
    assert cores_used(before, now) == pytest.approx(0.5)


def test_a_replica_that_was_started_again_uses_never_less_than_nothing():
    assert cores_used({"": used(500.0, 100.0)}, [used(2.0, 110.0)]) == pytest.approx(0.2)


@pytest.mark.parametrize("now", [(), (used(9.0, 100.0),), (used(9.0, 90.0),)], ids=["none", "same look", "other clock"])
def test_what_says_nothing_about_cpu_is_not_told_as_zero(now):
    assert cores_used({"": used(5.0, 100.0)}, now) is None


def test_what_nobody_can_measure_leaves_replicas_without_cpu_and_memory(service, drivers, at):
    drivers["process"], sampler = Driver(), Sampler()
    at(1000)
    sampler.look()
    row = UsageSample.objects.get()
    assert (row.cpu, row.memory_bytes, row.cpu_samples, row.replicas, row.wanted_replicas) == (None, None, 0, 1, 1)


def test_a_place_that_does_not_answer_leaves_a_gap(service, drivers, at):
    drivers["process"], sampler = Driver(), Sampler()
    drivers["process"].error = DriverError("no engine")
    at(1000)
    sampler.look()
    assert samples() == []


def test_limits_are_those_of_all_replicas(service, drivers, at, place):
    Revision.objects.update(deployment_config={"cpu": 0.5, "memory_gb": 1.0, "memory_limit_gb": 2.0})
    Target.objects.update(kind=Target.Kind.KUBERNETES)
    ready = [{"state": "ready"}, {"state": "ready"}, {"state": "starting"}]
    Workload.objects.update(replicas=ready, wanted_replicas=3)
    drivers["process"], sampler = Driver(used(1.0, 1.0, replica="a"), used(1.0, 1.0, replica="b")), Sampler()
    for moment in (1000, 1010):
        at(moment)
        sampler.look()
    row = UsageSample.objects.get()
    assert (row.cpu_limit, row.memory_limit_bytes) == (1.0, 4 << 30)
    assert (row.replicas, row.wanted_replicas, row.memory_bytes) == (2, 3, 200)


def test_no_cpu_limit_is_told_of_processes_which_have_none(service, drivers, at):
    drivers["process"], sampler = Driver(), Sampler()
    at(1000)
    sampler.look()
    row = UsageSample.objects.get()
    assert row.cpu_limit is None and row.memory_limit_bytes == 1 << 30


def test_a_place_that_hangs_delays_no_other(service, drivers, at, place, contributor, monkeypatch):
    monkeypatch.setattr(sampling, "PATIENCE_S", 0.3)
    objects.target(place, "docker")
    other = objects.live(objects.deployment(place, contributor, "other", target="docker"))
    drivers |= {"process": Driver(), "docker": Driver()}
    drivers["docker"].gate = threading.Event()
    sampler = Sampler()
    for moment in (1000, 1010):
        at(moment)
        sampler.look()
    assert set(UsageSample.objects.values_list("service__name", "at_s")) == {("reader", 1000), ("reader", 1010)}
    drivers["docker"].gate.set()
    sampler._asking["docker"].join(30)
    at(1020)
    sampler.look()
    # What it told at last is written under the slot it was asked in.
    late = UsageSample.objects.filter(service=other).values_list("at_s", flat=True)
    assert sorted(late) == [1000, 1020]


def test_services_that_are_being_deleted_or_serve_nothing_are_not_asked_for(service, drivers, at):
    Service.objects.update(deleting=True)
    Sampler().look()
    assert samples() == []


def test_a_service_that_was_deleted_meanwhile_is_left_out(service, drivers, at):
    drivers["process"], sampler = Driver(), Sampler()
    sampler._seen = [UsageSample(service_id=987654, step_s=10, at_s=1000)]
    at(1000)
    sampler.look()
    assert [row.service_id for row in UsageSample.objects.all()] == [service.pk]


def test_a_revision_that_shares_the_traffic_is_added(service):
    one = UsageSample(cpu=0.2, cpu_samples=1, memory_bytes=100, replicas=1, wanted_replicas=1, cpu_limit=None)
    other = UsageSample(cpu=0.3, cpu_samples=1, memory_bytes=50, replicas=0, wanted_replicas=2, cpu_limit=None)
    both = sampling._together([one, other])
    assert (both.cpu, both.memory_bytes, both.replicas, both.wanted_replicas) == (0.5, 150, 1, 3)
    assert both.cpu_limit is None


def test_a_slot_is_the_one_that_has_just_ended_or_is_about_to():
    from metrics.ladder import slot_just_ended

    assert {slot_just_ended(1009.9), slot_just_ended(1010.0), slot_just_ended(1014.0)} == {1000}
    assert time.time() - slot_just_ended(time.time()) < 20
