"""Cancelling, retrying, deleting, reading logs, trying: one verb each."""

import pytest

from deployments import services, transitions
from deployments.errors import (
    DeploymentFinished,
    ServiceBusy,
    ServiceNotReady,
    TargetUnavailable,
)
from deployments.models import Workload
from deployments.states import Status
from drivers.errors import DriverError
from tests import objects

pytestmark = pytest.mark.django_db


def test_a_queued_deployment_is_cancelled_at_once(deploy, rings):
    cancelled = services.cancel_deployment(deployment=deploy())
    assert (cancelled.status, cancelled.revision.service.newest_deployment) == (Status.CANCELLED, cancelled)


def test_a_deployment_a_worker_has_is_cancelled_at_its_next_line(deploy):
    deployment = deploy()
    transitions.claim(deployment.pk, "w")
    cancelled = services.cancel_deployment(deployment=deployment)
    assert cancelled.status == Status.QUEUED and cancelled.cancel_requested


def test_a_deployment_that_was_begun_and_lost_is_given_to_a_worker_to_end(
    deploy, rings, django_capture_on_commit_callbacks
):
    deployment = deploy()
    transitions.claim(deployment.pk, "w")
    transitions.move(deployment.pk, Status.QUEUED, Status.BUILDING, worker="w")
    services.release_lease(deployment=deployment)
    rings.clear()
    with django_capture_on_commit_callbacks(execute=True):
        cancelled = services.cancel_deployment(deployment=deployment)
    assert cancelled.status == Status.BUILDING and rings == [("run_deployment", deployment.pk)]


@pytest.mark.parametrize("verb", [services.cancel_deployment, services.release_lease])
def test_what_has_ended_can_be_neither_cancelled_nor_taken_away(deploy, verb):
    deployment = deploy()
    services.cancel_deployment(deployment=deployment)
    with pytest.raises(DeploymentFinished):
        verb(deployment=deployment)


def test_a_retry_is_another_attempt_at_the_same_revision(deploy, owner):
    first = deploy()
    services.cancel_deployment(deployment=first)
    second = services.retry_deployment(deployment=first, by=owner)
    assert (second.revision, second.status, second.created_by) == (first.revision, Status.QUEUED, owner)
    with pytest.raises(ServiceBusy):
        services.retry_deployment(deployment=first, by=owner)


def test_what_went_live_is_not_retried(deploy, contributor):
    deployment = deploy()
    objects.live(deployment)
    with pytest.raises(DeploymentFinished, match="nothing to retry"):
        services.retry_deployment(deployment=deployment, by=contributor)


def test_a_deployment_of_a_service_that_is_being_deleted_is_not_retried(deploy, contributor):
    deployment = services.cancel_deployment(deployment=deploy())
    services.delete_service(service=deployment.revision.service, by=None)
    with pytest.raises(ServiceBusy):
        services.retry_deployment(deployment=deployment, by=contributor)


def test_deleting_stops_what_runs_and_can_be_said_twice(deploy, rings, django_capture_on_commit_callbacks):
    deployment = deploy()
    service = deployment.revision.service
    for _ in range(2):
        rings.clear()
        with django_capture_on_commit_callbacks(execute=True):
            services.delete_service(service=service, by=None)
        assert rings == [("remove_service", service.pk)]
    deployment.refresh_from_db()
    service.refresh_from_db()
    assert deployment.cancel_requested and service.state == "Deleting"


def test_the_log_of_a_service_is_its_workloads_newest_lines(deploy, driver):
    service = objects.live(deploy())
    name = Workload.objects.get().name
    driver.running[name] = None
    for text in ("first", "second", "third"):
        driver.write(name, text)
    assert services.service_logs(service=service, tail=2) == "second\nthird"


def test_the_log_of_a_service_that_never_served_is_its_deployments(deploy):
    deployment = deploy()
    for seq, text in enumerate(("one", "two", "three"), 1):
        deployment.lines.create(seq=seq, at=deployment.created_time, step="start", stream="stdout", text=text)
    assert services.service_logs(service=deployment.revision.service, tail=2) == "two\nthree"


def test_a_log_that_cannot_be_read_now_is_said(deploy, driver):
    service = objects.live(deploy())
    driver.trouble["logs"] = DriverError("the engine is away", advice="Start it.")
    with pytest.raises(TargetUnavailable, match="the engine is away"):
        services.service_logs(service=service, tail=5)


def test_a_service_that_serves_nothing_cannot_be_tried(deploy, settings):
    deployment = deploy()
    with pytest.raises(ServiceNotReady, match="serves nothing yet"):
        services.try_service(service=deployment.revision.service, body=b"{}")
    settings.GATEWAY_URL = "http://127.0.0.1:9"
    with pytest.raises(ServiceNotReady, match="gateway did not answer"):
        services.try_service(service=objects.live(deployment), body=b"{}")
