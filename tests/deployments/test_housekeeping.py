"""What nobody needs any more goes, what somebody may still read or use stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from deployments import log_archive, packages, pipeline, streams, transitions
from deployments.logs import last_lines, read_after
from deployments.models import Deployment, LogLine, Package
from drivers.errors import TargetUnavailable
from tests import objects

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timezone.now() - timedelta(days=1)


@pytest.fixture
def ended(queued):
    """A deployment that went live yesterday."""
    assert transitions.claim(queued.pk, "a worker")
    pipeline.run(queued.pk, "a worker")
    Deployment.objects.update(finished_time=LONG_AGO)
    queued.refresh_from_db()
    return queued


def all_readings(deployment: Deployment) -> list[object]:
    """What every way of reading a log gives."""
    text = objects.body_of(streams.raw_log(deployment))
    return [read_after(deployment.pk, 0), read_after(deployment.pk, 2, 3), last_lines(deployment, 2), text]


def test_a_folded_log_reads_as_it_did_before(ended):
    before = all_readings(ended)
    assert len(before[0]) > 4

    log_archive.fold_ended()

    assert not LogLine.objects.exists()
    assert all_readings(ended) == before
    assert read_after(ended.pk, len(before[0])) == []


def test_a_log_is_not_folded_while_somebody_may_be_watching(ended):
    Deployment.objects.update(finished_time=timezone.now())
    log_archive.fold_ended()
    assert LogLine.objects.exists()


def test_a_package_stays_while_a_workload_needs_it(ended, driver):
    Package.objects.update(used_time=LONG_AGO)
    packages.remove_idle()
    assert Package.objects.count() == 1
    assert "remove_package" not in driver.calls


def test_an_idle_package_goes(ended, driver):
    ended.revision.workload.delete()
    Package.objects.update(used_time=LONG_AGO)
    packages.remove_idle()
    assert not Package.objects.exists()
    assert driver.calls.count("remove_package") == 1


def test_a_package_just_built_stays_for_the_workload_to_come(ended, driver):
    ended.revision.workload.delete()
    packages.remove_idle()
    assert Package.objects.exists()


def test_a_package_that_its_target_will_not_let_go_is_tried_again_later(ended, driver):
    ended.revision.workload.delete()
    Package.objects.update(used_time=LONG_AGO)
    driver.trouble["remove_package"] = TargetUnavailable("in use by a container of somebody else's")
    packages.remove_idle()
    assert Package.objects.get().used_time > LONG_AGO
