"""Rows and the world compared: what was lost comes back, what is left over goes."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from deployments import instance, reconcile, removal, routes, services, transitions
from deployments.models import Deployment, Service, Target, Workload
from deployments.states import Status
from drivers import base
from drivers.errors import TargetUnavailable
from tests import objects

pytestmark = pytest.mark.django_db


def workload(name: str, owner: str) -> base.Workload:
    environment = base.EnvironmentRef("f" * 64, "/nowhere", True, 0)
    package = base.PackageRef("/nowhere", environment, "d" * 64, True)
    return base.Workload(name, owner, {}, package, 1, 1 << 30)


@pytest.fixture
def service(queued, driver):
    """Live, with its workload running."""
    found = objects.live(queued, address=driver.runtime.address)
    driver.apply(workload(Workload.objects.get().name, instance.owner()))
    return found


@pytest.fixture(autouse=True)
def seen(driver, place):
    """The process target answers."""
    objects.target(place)


def state() -> tuple[str, str]:
    service = Service.objects.get()
    return service.state, service.state_detail


def test_a_round_in_which_nothing_happened_changes_nothing(service, driver):
    before = (state(), routes.version(), Deployment.objects.count())
    reconcile.once()
    reconcile.once()
    assert (state(), routes.version(), Deployment.objects.count()) == before
    assert len(driver.running) == 1


def test_a_service_whose_workload_is_gone_is_brought_back(service, driver):
    driver.vanish(Workload.objects.get().name)
    reconcile.once()
    assert state() == ("Transitioning", "Revision 1 is being started again.")
    restoring = Deployment.objects.first()
    assert (restoring.status, restoring.revision.number, restoring.created_by) == (Status.QUEUED, 1, None)
    assert routes.load()["vision", "reader"].backends == ()
    reconcile.once()
    assert Deployment.objects.count() == 2, "one attempt at a time"


def test_a_service_that_cannot_be_brought_back_is_tried_again_less_and_less_often(service, driver):
    driver.vanish(Workload.objects.get().name)
    attempts = []
    for second in range(0, 400, 5):
        _turn_back_clocks(5)
        reconcile.once()
        newest = Deployment.objects.first()
        if newest.status == Status.QUEUED:
            attempts.append(second)
            transitions.move(newest.pk, Status.QUEUED, Status.FAILED, failure={"detail": "no"})
    assert 4 <= len(attempts) <= 7
    pauses = [later - sooner for sooner, later in pairwise(attempts)]
    assert pauses == sorted(pauses) and pauses[-1] > 100


def _turn_back_clocks(seconds: float) -> None:
    for row in Deployment.objects.exclude(finished_time=None):
        Deployment.objects.filter(pk=row.pk).update(finished_time=row.finished_time - timedelta(seconds=seconds))


def test_a_workload_that_stops_answering_makes_its_service_unhealthy_and_back(service, driver, runtime):
    runtime.ready = False
    reconcile.once()
    assert state()[0] == "Unhealthy" and "503" in state()[1]
    runtime.ready = True
    reconcile.once()
    assert state() == ("Healthy", "")


def test_a_workload_that_keeps_crashing_is_said_to_and_left_alone(service, driver):
    name = Workload.objects.get().name
    driver.ended[name] = base.Observed(base.Phase.CRASHED, detail="ended 5 times, last with exit code 1")
    reconcile.once()
    assert state() == ("Unhealthy", "ended 5 times, last with exit code 1")
    assert Deployment.objects.count() == 1 and routes.load()["vision", "reader"].backends == ()


def test_a_target_that_does_not_answer_makes_its_services_unhealthy_and_restores_nothing(service, driver):
    driver.trouble["observe"] = TargetUnavailable("the engine is away", advice="Start it.")
    reconcile.once()
    assert state() == ("Unhealthy", "the engine is away Start it.")
    assert Deployment.objects.count() == 1
    driver.trouble.clear()
    reconcile.once()
    assert state() == ("Healthy", "")


def test_a_workload_that_moved_is_routed_to_its_new_address(service):
    Workload.objects.update(address="http://127.0.0.1:1")
    number = routes.version()
    reconcile.once()
    assert (
        routes.load()["vision", "reader"].backends[0].address == Workload.objects.get().address != "http://127.0.0.1:1"
    )
    assert routes.version() > number


def test_workloads_nobody_knows_are_removed_and_those_of_another_studio_are_not(service, driver):
    driver.apply(workload("slipway-lost-r1-00000000", instance.owner()))
    driver.apply(workload("slipway-theirs-r1-00000000", "another studio"))
    reconcile.once()
    assert set(driver.running) == {Workload.objects.get().name, "slipway-theirs-r1-00000000"}


def test_a_replaced_workload_is_stopped_when_its_time_is_up_and_not_before(service, driver):
    row = Workload.objects.get()
    Workload.objects.update(retire_time=timezone.now() + timedelta(minutes=1))
    reconcile.once()
    assert row.name in driver.running
    Workload.objects.update(retire_time=timezone.now() - timedelta(seconds=1))
    reconcile.once()
    assert not driver.running and not Workload.objects.exists()


def test_a_deleted_service_goes_with_its_workloads_rows_and_keys(service, driver):
    services.delete_service(service=service, by=None)
    number = routes.version()
    reconcile.once()
    assert not driver.running and not Service.objects.exists() and not Deployment.objects.exists()
    assert routes.version() > number


def test_a_service_is_not_removed_while_a_worker_still_has_its_deployment(queued, driver):
    transitions.claim(queued.pk, "w")
    services.delete_service(service=queued.revision.service, by=None)
    assert not removal.remove_service(queued.revision.service_id)
    Deployment.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert removal.remove_service(queued.revision.service_id)
    assert removal.remove_service(queued.revision.service_id), "twice is once"


def test_a_service_that_is_not_being_deleted_is_not_removed(service):
    removal.remove_service(service.pk)
    assert Service.objects.exists()


def test_a_deployment_nobody_was_rung_for_is_rung_for(queued, rings, django_capture_on_commit_callbacks):
    rings.clear()
    with django_capture_on_commit_callbacks(execute=True):
        reconcile.once()
    assert rings == [("run_deployment", queued.pk)]


def test_a_deployment_in_a_workers_hands_is_not_rung_for_until_its_lease_runs_out(
    queued, rings, django_capture_on_commit_callbacks
):
    transitions.claim(queued.pk, "w")
    rings.clear()
    with django_capture_on_commit_callbacks(execute=True):
        reconcile.ring_forgotten()
    assert rings == []
    Deployment.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        reconcile.ring_forgotten()
    assert rings == [("run_deployment", queued.pk)]


def test_what_goes_wrong_with_one_thing_keeps_nothing_else_from_being_looked_at(service, driver, monkeypatch):
    monkeypatch.setattr(reconcile, "ring_forgotten", lambda: 1 / 0)
    driver.observe = lambda handle: 1 / 0
    driver.apply(workload("slipway-lost-r1-00000000", instance.owner()))
    reconcile.once()
    assert "slipway-lost-r1-00000000" not in driver.running


def test_one_service_that_cannot_be_removed_does_not_hold_up_another(service, driver, contributor, place):
    second = objects.live(objects.deployment(place, contributor, "another"), driver.runtime.address)
    stubborn = Workload.objects.get(revision__service=service).name
    deleting = driver.delete

    def refusing(handle, grace_s=10.0):
        if handle.name == stubborn:
            raise TargetUnavailable("busy")
        deleting(handle, grace_s)

    driver.delete = refusing
    for one in (service, second):
        services.delete_service(service=one, by=None)
    reconcile.once()
    assert list(Service.objects.all()) == [service]


def test_targets_are_looked_at_and_those_that_answer_appear(place, driver):
    Target.objects.all().delete()
    reconcile.once()
    found = Target.objects.get()
    assert (found.name, found.available, found.detail, found.cpu) == ("process", True, "a fake", 4)
    driver.trouble["check"] = TargetUnavailable("gone", advice="Look for it.")
    reconcile.once()
    found.refresh_from_db()
    assert (found.available, found.detail) == (False, "gone Look for it.")


def test_stopping_the_studio_stops_its_workloads_and_it_brings_them_back(service, driver):
    removal.stop_everything()
    assert not driver.running and state()[0] == "Unhealthy"
    reconcile.once()
    assert state()[0] == "Transitioning" and Deployment.objects.first().status == Status.QUEUED


def test_the_name_of_a_workload_is_the_same_for_the_same_revision_and_fits_a_dns_label(settings):
    name = instance.workload_name("vision", "a" * 32, 4_000_000_000)
    assert name == instance.workload_name("vision", "a" * 32, 4_000_000_000) and len(name) <= 63
    others = {instance.workload_name("speech", "a" * 32, 1), instance.workload_name("vision", "a" * 32, 1)}
    settings.SECRET_KEY = "another studio's"
    assert len(others | {instance.workload_name("vision", "a" * 32, 1)}) == 3
