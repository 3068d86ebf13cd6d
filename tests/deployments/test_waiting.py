"""How long a deployment waits for room in a cluster, and how long for what has found it."""

import time

import pytest

from deployments.states import Status
from drivers import base
from tests.deployments.working import texts, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]
NO_ROOM = base.Observed(base.Phase.UNSCHEDULABLE, detail="No room: 1 Insufficient cpu.", code="unschedulable")


def observing(driver, monkeypatch, seconds: float) -> None:
    """There is no room for that long; after it the workload takes a moment to be ready."""
    begun: list[float] = []

    def observe(handle):
        begun.append(time.monotonic())
        waited = time.monotonic() - begun[0]
        if waited < seconds:
            return NO_ROOM
        ready = waited > seconds + 0.2
        return base.Observed(base.Phase.RUNNING, int(ready), address=driver.runtime.address, ready=ready)

    monkeypatch.setattr(driver, "observe", observe)


def test_what_waited_for_room_has_all_of_its_time_to_start(driver, queued, settings, monkeypatch):
    settings.START_TIMEOUT_S, settings.SCHEDULE_TIMEOUT_S = 0.5, 10
    observing(driver, monkeypatch, 0.8)
    work(queued)
    assert queued.status == Status.LIVE, queued.failure
    assert "Waiting up to 10 s for room." in texts(queued)


def test_room_is_waited_for_no_longer_than_is_allowed(driver, queued, settings, monkeypatch):
    settings.SCHEDULE_TIMEOUT_S = 0.3
    observing(driver, monkeypatch, 60)
    work(queued)
    assert (queued.status, queued.failure["code"], queued.failure["step"]) == ("failed", "unschedulable", "check")
    assert "1 Insufficient cpu" in queued.failure["detail"] and not driver.running
