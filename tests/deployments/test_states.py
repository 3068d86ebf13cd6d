"""Which state may follow which, who may move a deployment on, and what people read of a service."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from deployments import routes, services, transitions
from deployments.models import Deployment, DeploymentStep, Revision, Service, Workload
from deployments.service_state import refresh_state
from deployments.states import FINAL, NEXT, Status, Step
from tests import objects

pytestmark = pytest.mark.django_db


def test_a_deployment_goes_forward_only_and_may_end_early_from_anywhere():
    order = list(Status)
    assert {Status.LIVE, Status.FAILED, Status.CANCELLED} == FINAL
    for status, following in NEXT.items():
        if status in FINAL:
            assert not following
        else:
            assert {Status.FAILED, Status.CANCELLED} < following
            assert all(order.index(to) > order.index(status) for to in following)


@pytest.mark.parametrize(("frm", "to"), [(f, t) for f in Status for t in Status if t not in NEXT[f]])
def test_a_move_that_is_not_in_the_table_is_a_mistake_in_the_program(queued, frm, to):
    with pytest.raises(ValueError, match="does not lead to"):
        transitions.move(queued.pk, frm, to)


def test_a_move_leaves_its_time_and_a_row_behind(queued):
    assert transitions.move(queued.pk, Status.QUEUED, Status.BUILDING, reason="rung")
    queued.refresh_from_db()
    assert queued.started_time and queued.finished_time is None
    assert list(queued.events.values_list("frm", "to", "reason")) == [("queued", "building", "rung")]


def test_a_move_from_a_state_that_was_left_changes_nothing(queued):
    assert transitions.move(queued.pk, Status.QUEUED, Status.BUILDING)
    assert not transitions.move(queued.pk, Status.QUEUED, Status.CANCELLED)
    queued.refresh_from_db()
    assert queued.status == Status.BUILDING and queued.events.count() == 1


def test_a_worker_without_the_lease_moves_nothing(queued):
    transitions.claim(queued.pk, "first")
    assert not transitions.move(queued.pk, Status.QUEUED, Status.BUILDING, worker="second")
    assert transitions.move(queued.pk, Status.QUEUED, Status.BUILDING, worker="first")


def test_an_end_gives_the_lease_back_and_closes_the_running_step(queued):
    transitions.claim(queued.pk, "first")
    transitions.begin_step(queued.pk, Step.ENVIRONMENT)
    transitions.move(queued.pk, Status.QUEUED, Status.FAILED, worker="first", failure={"detail": "no"})
    queued.refresh_from_db()
    assert (queued.lease_owner, queued.lease_until, queued.failure) == ("", None, {"detail": "no"})
    assert queued.finished_time and queued.started_time is None
    assert DeploymentStep.objects.get().outcome == "failed"


def test_a_lease_is_one_workers_until_it_runs_out(queued):
    assert transitions.claim(queued.pk, "first")
    assert not transitions.claim(queued.pk, "second")
    assert transitions.renew(queued.pk, "first") and not transitions.renew(queued.pk, "second")
    Deployment.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert transitions.claim(queued.pk, "second")
    assert not transitions.renew(queued.pk, "first")


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_that_are_rung_one_gets_the_deployment(queued):
    def claim(number):
        try:
            return transitions.claim(queued.pk, f"worker {number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(claim, range(8))) == 1


@pytest.mark.django_db(transaction=True)
def test_of_a_worker_and_somebody_who_cancels_one_is_first(place, contributor, driver, rings):
    for number in range(6):
        deployment = objects.deployment(place, contributor, f"race-{number}")

        def begin(deployment=deployment):
            claimed = transitions.claim(deployment.pk, "w")
            moved = claimed and transitions.move(deployment.pk, Status.QUEUED, Status.BUILDING, worker="w")
            connection.close()
            return moved

        def cancel(deployment=deployment):
            services.cancel_deployment(deployment=deployment)
            connection.close()

        with ThreadPoolExecutor(2) as threads:
            began, _ = threads.submit(begin), threads.submit(cancel)
        deployment.refresh_from_db()
        assert deployment.cancel_requested
        assert deployment.status == (Status.BUILDING if began.result() else Status.CANCELLED)


def test_traffic_is_all_or_nothing_and_tells_the_gateway(queued):
    before = routes.version()
    service = objects.live(queued)
    assert routes.version() > before
    assert [revision.traffic for revision in service.revisions.all()] == [100]
    assert not transitions.switch_traffic(queued.pk, "a worker"), "it is live already"


def test_traffic_is_not_given_to_a_service_that_is_being_deleted(queued):
    transitions.claim(queued.pk, "w")
    Deployment.objects.update(status=Status.CHECKING)
    services.delete_service(service=queued.revision.service, by=None)
    assert not transitions.switch_traffic(queued.pk, "w")
    assert Revision.objects.get().traffic == 0


# What serves, the newest deployment, the workload: what people read.
STATES = [
    ("nothing", Status.QUEUED, None, "Transitioning", ""),
    ("nothing", Status.CHECKING, None, "Transitioning", ""),
    ("nothing", Status.FAILED, None, "Failed", "no such package"),
    ("nothing", Status.CANCELLED, None, "Failed", "cancelled"),
    ("this", Status.LIVE, "healthy", "Healthy", ""),
    ("this", Status.LIVE, "ill", "Unhealthy", "not feeling well"),
    ("this", Status.LIVE, "silent", "Unhealthy", "does not answer"),
    ("this", Status.LIVE, None, "Unhealthy", "does not answer"),
    ("this", Status.BUILDING, "healthy", "Transitioning", "Revision 1 is being started again"),
    ("older", Status.BUILDING, "healthy", "Transitioning", "Revision 1 serves until"),
    ("older", Status.FAILED, "healthy", "Healthy", "newest deployment failed; revision 1 still serves"),
    ("older", Status.FAILED, "ill", "Unhealthy", "not feeling well"),
    ("older", Status.CANCELLED, "healthy", "Healthy", ""),
]


@pytest.mark.parametrize(("serving", "status", "workload", "state", "detail"), STATES)
def test_a_service_is_in_the_state_its_rows_amount_to(queued, serving, status, workload, state, detail):
    service = queued.revision.service
    if serving != "nothing":
        Revision.objects.update(traffic=100)
    if workload:
        said = "not feeling well" if workload == "ill" else ""
        Workload.objects.create(revision=queued.revision, name="w", healthy=workload == "healthy", detail=said)
    if serving == "older":
        newer = Revision.objects.create(service=service, number=2, target=queued.revision.target)
        Deployment.objects.create(revision=newer, status=status)
    else:
        Deployment.objects.update(status=status, failure={"detail": "no such package"})
    refresh_state(service)
    service.refresh_from_db()
    assert service.state == state and detail in service.state_detail
    assert bool(service.state_detail) == bool(detail)


def test_a_service_that_is_being_deleted_is_nothing_else(queued):
    service = objects.live(queued)
    services.delete_service(service=service, by=None)
    refresh_state(service)
    assert Service.objects.get().state == "Deleting"


def test_a_change_of_state_is_an_update_of_the_service_and_looking_at_it_is_none(queued):
    service = objects.live(queued)
    assert service.updated_time > service.created_time
    refresh_state(service)
    assert Service.objects.get(pk=service.pk).updated_time == service.updated_time
