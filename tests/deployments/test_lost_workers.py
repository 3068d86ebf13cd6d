"""Workers that are killed, stuck or told to stop: another goes on, and nothing is left over."""

import threading
import time

import pytest
from django.db import connection

from deployments import pipeline, services, tasks, transitions
from deployments.logs import LogWriter
from deployments.models import Deployment, DeploymentStep, LogLine, Service, Workload
from deployments.states import FINAL, Status
from drivers.errors import DriverError
from tests.deployments.working import redeploy, texts, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]


def test_a_deployment_cancelled_while_it_builds_ends_at_its_next_line(driver, queued):
    def cancelled_meanwhile(log):
        services.cancel_deployment(deployment=queued)
        for _ in range(100):
            log("stdout", "still building")
            time.sleep(0.05)

    driver.while_building = cancelled_meanwhile
    work(queued)
    assert queued.status == Status.CANCELLED and queued.failure is None
    assert texts(queued)[-1] == "Cancelled." and len(texts(queued)) < 60
    assert queued.steps.get(name="environment").outcome == "cancelled"


def test_a_deployment_cancelled_while_its_workload_loads_leaves_no_workload(driver, queued, runtime, settings):
    settings.START_TIMEOUT_S = 30
    runtime.ready = False
    threading.Timer(0.3, lambda: (services.cancel_deployment(deployment=queued), connection.close())).start()
    work(queued)
    assert queued.status == Status.CANCELLED
    assert not driver.running and not Workload.objects.exists()


def test_a_cancelled_first_deployment_leaves_a_failed_service_and_a_later_one_what_served(driver, queued, contributor):
    service = work(queued).revision.service
    second = redeploy(service, contributor)
    services.cancel_deployment(deployment=second)
    service.refresh_from_db()
    assert (service.state, service.serving_revision.number) == ("Healthy", 1)


def test_a_deployment_whose_worker_was_lost_is_cancelled_with_its_workload(driver, queued, runtime):
    """Between two workers nobody holds it, yet a workload may run: the next worker ends both."""
    stopped_at(queued, Status.CHECKING, driver)
    services.release_lease(deployment=queued)
    services.cancel_deployment(deployment=queued)
    assert queued.status == Status.CHECKING
    work(queued, "second")
    assert queued.status == Status.CANCELLED and not driver.running and not Workload.objects.exists()


def stopped_at(deployment: Deployment, status: Status, driver, worker: str = "lost") -> None:
    """As if `worker` had been killed just after it reached `status`."""

    class Killed(BaseException):
        pass

    reached = transitions.move

    def dying(pk, frm, to, **options):
        done = reached(pk, frm, to, **options)
        if to == status:
            raise Killed
        return done

    assert transitions.claim(deployment.pk, worker)
    transitions.move = dying
    try:
        pipeline.run(deployment.pk, worker)
    except Killed:
        pass
    finally:
        transitions.move = reached
    deployment.refresh_from_db()
    assert deployment.status == status


@pytest.mark.parametrize("status", [Status.BUILDING, Status.STARTING, Status.CHECKING])
def test_another_worker_goes_on_from_wherever_the_first_was_lost(driver, queued, status):
    stopped_at(queued, status, driver)
    assert not transitions.claim(queued.pk, "second"), "the lease still holds"
    time.sleep(1)
    work(queued, "second")
    assert queued.status == Status.LIVE
    assert len(driver.running) == 1 == Workload.objects.count()
    assert "The worker was lost; another one goes on from here." in texts(queued)
    assert [step.outcome for step in queued.steps.all()] == ["done"] * 5
    seqs = list(queued.lines.values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def test_lines_of_the_workload_that_the_lost_worker_copied_are_not_copied_again(driver, queued, runtime, settings):
    settings.START_TIMEOUT_S = 30
    runtime.ready = False
    driver.writes = ("loading weights",)
    threading.Timer(0.8, lambda: (services.release_lease(deployment=queued), connection.close())).start()
    work(queued)
    assert queued.status == Status.CHECKING and texts(queued).count("loading weights") == 1
    runtime.ready = True
    driver.writes = ()
    work(queued, "second")
    assert queued.status == Status.LIVE and texts(queued).count("loading weights") == 1


def test_a_worker_that_loses_its_lease_stops_and_touches_nothing(driver, queued, runtime, settings):
    settings.START_TIMEOUT_S = 30
    runtime.ready = False
    threading.Timer(0.3, lambda: (services.release_lease(deployment=queued), connection.close())).start()
    work(queued)
    assert queued.status == Status.CHECKING and queued.lease_owner == ""
    assert len(driver.running) == 1 and "delete" not in driver.calls


def test_a_worker_that_fails_after_it_lost_its_lease_leaves_the_workload_to_its_successor(driver, queued):
    def lost_meanwhile(handle):
        services.release_lease(deployment=queued)
        assert transitions.claim(queued.pk, "successor")
        raise DriverError("the engine hung up")

    driver.observe = lost_meanwhile
    work(queued)
    assert (queued.status, queued.lease_owner) == (Status.CHECKING, "successor")
    assert driver.running and Workload.objects.exists() and "delete" not in driver.calls


def test_two_workers_that_both_believe_they_hold_it_write_no_line_twice_and_no_number_twice(queued):
    assert transitions.claim(queued.pk, "stale")
    stale = LogWriter(queued.pk, "stale")
    stale.line("stdout", "by the first")
    stale.flush()
    stale.line("stdout", "too late")
    services.release_lease(deployment=queued)
    assert transitions.claim(queued.pk, "fresh")
    fresh = LogWriter(queued.pk, "fresh")
    fresh.line("stdout", "by the second")
    stale.flush()
    fresh.flush()
    assert list(queued.lines.values_list("seq", "text")) == [(1, "by the first"), (2, "by the second")]


def test_a_slow_build_keeps_its_lease(driver, queued):
    driver.while_building = lambda log: time.sleep(2)
    thread = threading.Thread(target=lambda: (work(queued), connection.close()))
    thread.start()
    time.sleep(1.6)
    assert not transitions.claim(queued.pk, "second")
    thread.join()
    queued.refresh_from_db()
    assert queued.status == Status.LIVE


def test_a_message_that_comes_twice_runs_the_deployment_once(driver, queued):
    tasks.run_deployment(queued.pk)
    tasks.run_deployment(queued.pk)
    assert driver.calls.count("apply") == 1
    tasks.run_deployment(10**9)


def test_a_service_deleted_while_it_deploys_ends_with_no_workload(driver, queued):
    def deleted_meanwhile(log):
        services.delete_service(service=queued.revision.service, by=None)
        time.sleep(0.7)
        log("stdout", "one more line")

    driver.while_building = deleted_meanwhile
    work(queued)
    assert queued.status == Status.CANCELLED
    tasks.remove_service(queued.revision.service_id)
    assert not driver.running and not Service.objects.exists()
    assert not Deployment.objects.exists() and not LogLine.objects.exists() and not DeploymentStep.objects.exists()


def test_a_deployment_that_ended_is_never_claimed_again(queued):
    for status in FINAL:
        Deployment.objects.filter(pk=queued.pk).update(status=status)
        assert not transitions.claim(queued.pk, "anybody")
