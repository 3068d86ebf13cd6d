"""deployments.replicas: the watches behind the gateway's questions, begun and ended as routes and targets change."""

import logging
import threading

import pytest
from upstreams import NAME, PLACE, straight, wait_until

from deployments import instance, replicas
from deployments.replicas import Replicas
from drivers.errors import TargetUnavailable


class Reach:
    """A watch that knows one replica of everything, at its own port; 0: nothing yet."""

    def __init__(self, owner: str, port: int) -> None:
        self.owner, self.port, self.stopped, self.asked = owner, port, False, set()

    def of(self, name: str) -> tuple:
        self.asked.add(name)
        return (straight(self.port),) if self.port else ()

    def stop(self) -> None:
        self.stopped = True


class Driver:
    def __init__(self, port: int) -> None:
        self.port = port
        self.reaches: list[Reach] = []

    def reach(self, owner: str) -> Reach:
        self.reaches.append(Reach(owner, self.port))
        return self.reaches[-1]


class Targets:
    """deployments.targets, with a driver for each place it knows; slow on demand."""

    def __init__(self) -> None:
        self.drivers: dict[str, Driver] = {}
        self.asked = 0
        self.answers = threading.Event()
        self.answers.set()

    def driver_at(self, place: str) -> Driver:
        self.asked += 1
        self.answers.wait(10)
        if place not in self.drivers:
            raise TargetUnavailable(f"{place} is away")
        return self.drivers[place]


@pytest.fixture
def targets() -> Targets:
    return Targets()


@pytest.fixture
def source(targets, monkeypatch):
    monkeypatch.setattr(replicas, "LOOK_S", 0.01)
    made = Replicas(targets.driver_at, frozenset)
    yield made
    made.stop()


def ports(source: Replicas, place: str = PLACE) -> list[int]:
    return [each.port for each in source.of(place, NAME)]


def test_a_place_that_routes_name_is_followed_for_this_studio(source, targets):
    driver = targets.drivers[PLACE] = Driver(1)
    assert ports(source) == []
    source.prepare(frozenset({PLACE}))
    wait_until(lambda: ports(source) == [1])
    (reach,) = driver.reaches
    assert (reach.owner, reach.asked) == (instance.owner(), {NAME.rpartition("/")[2]})


def test_no_driver_is_made_in_a_gateway_without_clusters(source, targets):
    source.prepare(frozenset())
    source.prepare(frozenset())
    assert targets.asked == 0


def test_neither_routes_nor_requests_wait_for_a_target(source, targets):
    targets.answers.clear()
    source.prepare(frozenset({PLACE}))
    assert ports(source) == []
    targets.drivers[PLACE] = Driver(1)
    targets.answers.set()
    wait_until(lambda: ports(source) == [1])


def test_one_watch_is_kept_however_often_routes_change(source, targets):
    driver = targets.drivers[PLACE] = Driver(1)
    for _ in range(20):
        source.prepare(frozenset({PLACE}))
        wait_until(lambda: ports(source) == [1])
    wait_until(lambda: targets.asked > 5)
    assert len(driver.reaches) == 1 and not driver.reaches[0].stopped


def test_a_place_that_no_route_names_any_more_is_left(source, targets):
    targets.drivers = {PLACE: Driver(1), "kubernetes:2": Driver(2)}
    source.prepare(frozenset(targets.drivers))
    wait_until(lambda: (ports(source), ports(source, "kubernetes:2")) == ([1], [2]))
    source.prepare(frozenset({"kubernetes:2"}))
    wait_until(lambda: ports(source) == [])
    assert targets.drivers[PLACE].reaches[0].stopped
    assert ports(source, "kubernetes:2") == [2]


def test_a_changed_connection_takes_over_without_a_gap(source, targets, monkeypatch):
    old, new = Driver(1), Driver(0)
    targets.drivers[PLACE] = old
    source.prepare(frozenset({PLACE}))
    wait_until(lambda: ports(source) == [1])
    targets.drivers[PLACE] = new
    wait_until(lambda: new.reaches)
    assert ports(source) == [1] and not old.reaches[0].stopped
    new.reaches[0].port = 2
    assert ports(source) == [2]
    monkeypatch.setattr(replicas, "HANDOVER_S", 0.0)
    wait_until(lambda: old.reaches[0].stopped)
    assert ports(source) == [2] and len(new.reaches) == 1


def test_a_target_that_fails_is_tried_again_and_told_of_once(source, targets, caplog):
    targets.drivers["kubernetes:2"] = Driver(2)
    with caplog.at_level(logging.WARNING, "slipway.replicas"):
        source.prepare(frozenset({PLACE, "kubernetes:2"}))
        wait_until(lambda: targets.asked > 10)
    assert caplog.text.count("kubernetes:1 is away") == 1
    assert ports(source, "kubernetes:2") == [2]
    targets.drivers[PLACE] = Driver(1)
    wait_until(lambda: ports(source) == [1])


def test_a_target_that_fails_later_is_followed_as_before(source, targets):
    driver = targets.drivers.setdefault(PLACE, Driver(1))
    source.prepare(frozenset({PLACE}))
    wait_until(lambda: ports(source) == [1])
    targets.drivers.clear()
    asked = targets.asked
    wait_until(lambda: targets.asked > asked + 3)
    assert ports(source) == [1] and not driver.reaches[0].stopped


def test_the_gateways_end_ends_the_watches(source, targets):
    driver = targets.drivers[PLACE] = Driver(1)
    source.prepare(frozenset({PLACE}))
    wait_until(lambda: ports(source) == [1])
    source.stop()
    wait_until(lambda: driver.reaches[0].stopped)
