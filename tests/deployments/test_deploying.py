"""Deploying: a row, a ring, and nothing half done after a refusal."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from deployments import keys, services
from deployments.errors import (
    ConfigInvalid,
    EntryScriptNeeded,
    ServiceBusy,
    ServiceExists,
    ServiceNameInvalid,
    TargetNotFound,
    TargetUnavailable,
)
from deployments.models import Deployment, Revision, RevisionFile, Service, ServiceKey, Target
from registry.errors import TagInvalid, UploadNotFound, VersionNotFound
from registry.models import Upload
from tests import objects
from workspaces.errors import Invalid

pytestmark = pytest.mark.django_db


def test_a_deployment_is_a_row_first_and_a_ring_after_the_commit(deploy, rings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        deployment = deploy(description="Reads digits", tags={"area": "mnist"})
        assert rings == []
    assert rings == [("run_deployment", deployment.pk)]
    service = deployment.revision.service
    assert (deployment.status, service.state, deployment.revision.number) == ("queued", "Transitioning", 1)
    service.refresh_from_db()
    assert (service.description, service.tags) == ("Reads digits", {"area": "mnist"})
    assert service.created_by.username == "carl"
    assert deployment.revision.model_references == ["digits:1"] and deployment.revision.target.name == "process"


def test_a_name_alone_deploys_the_newest_version_and_naming_one_twice_deploys_it_once(deploy, place, contributor):
    objects.version(place, contributor)
    assert deploy(models=["digits", "digits:2"]).revision.model_references == ["digits:2"]


def test_a_new_revision_needs_to_be_asked_for(deploy):
    first = deploy()
    objects.live(first)
    with pytest.raises(ServiceExists, match="'reader' already exists"):
        deploy()
    second = deploy(overwrite=True)
    assert (second.revision.number, second.revision.service) == (2, first.revision.service)


def test_revision_numbers_are_not_given_twice(deploy):
    objects.live(deploy())
    Revision.objects.filter(number=deploy(overwrite=True).revision.number).delete()
    assert deploy(overwrite=True).revision.number == 3


def test_what_is_not_said_again_stays(deploy):
    objects.live(deploy(description="Reads digits", tags={"area": "mnist"}))
    service = deploy(overwrite=True).revision.service
    service.refresh_from_db()
    assert (service.description, service.tags) == ("Reads digits", {"area": "mnist"})


@pytest.mark.parametrize("name", ["abc", "a" * 32, "a-1", "iris-2"])
def test_services_have_names_that_fit_an_address(deploy, name):
    assert deploy(name=name).revision.service.name == name


@pytest.mark.parametrize(
    "name", ["", "ab", "a" * 33, "1abc", "-abc", "abc-", "Abc", "a_b", "a.b", "a b", "äbc", "abc\n", "../a", "abc\x00"]
)
def test_other_names_are_refused_with_the_rule(deploy, name):
    with pytest.raises(ServiceNameInvalid, match="3 to 32 small letters") as refusal:
        deploy(name=name)
    assert refusal.value.extras["errors"]["name"]


REFUSALS = [
    ({"name": "No"}, ServiceNameInvalid, "3 to 32"),
    ({"models": ["digits:9"]}, VersionNotFound, "digits:9"),
    ({"models": ["digits:x"]}, Invalid, "name:version"),
    ({"models": []}, EntryScriptNeeded, "0 models"),
    ({"models": ["custom:1"]}, EntryScriptNeeded, "Custom"),
    ({"models": ["digits:1", "custom:1"]}, EntryScriptNeeded, "2 models"),
    ({"models": ["net:1"], "deployment_config": {"convertToOnnx": True}}, ConfigInvalid, "convertToOnnx is for models"),
    ({"target": "nowhere"}, TargetNotFound, "nowhere"),
    ({"target": "docker"}, TargetUnavailable, "No engine here."),
    ({"deployment_config": "computeType: docker"}, TargetUnavailable, "No engine here."),
    ({"target": "gone"}, TargetUnavailable, "switched off"),
    ({"inference_config": "entryScript: none.py"}, ConfigInvalid, "line 1"),
    ({"deployment_config": "cpu: 1"}, ConfigInvalid, "line 1: cpu is not a known key"),
    ({"tags": {"": "x"}}, TagInvalid, "no key"),
    ({"tags": {"a\x00": "x"}}, TagInvalid, "control characters"),
]


@pytest.mark.parametrize(("asked", "refusal", "words"), REFUSALS, ids=[str(asked) for asked, *_ in REFUSALS])
def test_a_refused_deployment_leaves_nothing(deploy, place, contributor, rings, asked, refusal, words):
    objects.version(place, contributor, "custom", framework="Custom")
    objects.version(place, contributor, "net", framework="Onnx")
    objects.target(place, "gone", kind="docker", available=False, detail="switched off")
    source = objects.upload(place, contributor, {"score.py": b"..."})
    with pytest.raises(refusal, match=words) as refused:
        deploy(source=source, **asked)
    assert refused.value.advice
    assert not (Service.objects.exists() or Revision.objects.exists() or Deployment.objects.exists())
    assert not ServiceKey.objects.exists() and rings == []
    assert Upload.objects.get().files.count() == 1, "the upload can be used for another try"


def test_a_running_deployment_keeps_the_next_one_out(deploy):
    first = deploy()
    with pytest.raises(ServiceBusy, match=f"Deployment {first.pk} .* still queued"):
        deploy(overwrite=True)
    assert Revision.objects.count() == 1


def test_a_service_that_is_being_deleted_is_not_deployed_to(deploy):
    services.delete_service(service=objects.live(deploy()), by=None)
    with pytest.raises(ServiceBusy, match="being deleted"):
        deploy(overwrite=True)


def test_without_a_name_the_first_target_that_answers_is_taken(deploy, place):
    objects.target(place, "docker")
    assert deploy().revision.target.name == "process"
    Target.objects.filter(name="process").update(available=False)
    assert deploy(name="second").revision.target.name == "docker"
    Target.objects.update(available=False)
    with pytest.raises(TargetUnavailable, match="No compute target answers"):
        deploy(name="third")


def test_a_target_that_answers_for_the_first_time_appears(deploy, place):
    Target.objects.all().delete()
    assert deploy(target="process").revision.target.detail == "a fake"


def test_the_process_target_is_not_offered_when_the_operator_turned_it_off(deploy, settings):
    settings.PROCESS_TARGET = False
    Target.objects.all().delete()
    with pytest.raises(TargetUnavailable, match="turned this target off"):
        deploy(target="process")


def test_azures_compute_types_mean_any_target_and_ours_mean_themselves(deploy, place):
    assert deploy(deployment_config="computeType: aci").revision.target.name == "process"
    objects.target(place, "docker")
    assert deploy(name="second", deployment_config="computeType: docker").revision.target.name == "docker"


def test_the_source_becomes_the_revisions_own(deploy, place, contributor):
    source = objects.upload(place, contributor, {"src/score.py": b"...", "src/lib/util.py": b"..."})
    deploy(source=source, inference_config={"entryScript": "score.py", "sourceDirectory": "./src"})
    assert [file.path for file in RevisionFile.objects.all()] == ["src/lib/util.py", "src/score.py"]
    assert not Upload.objects.exists()


def test_a_source_that_another_deployment_used_just_now_is_missed(deploy, place, contributor):
    source = objects.upload(place, contributor, {"score.py": b"..."})
    config = {"entryScript": "score.py"}
    deploy(source=source, inference_config=config)
    stale = Upload(pk=source.pk, workspace=place, created_by=contributor)
    with pytest.raises((UploadNotFound, ConfigInvalid)):
        deploy(name="second", source=stale, inference_config=config)
    assert not Service.objects.filter(name="second").exists()


@pytest.mark.django_db(transaction=True)
def test_of_eight_deployments_of_one_name_at_once_one_is_taken(deploy):
    def attempt(_):
        try:
            return deploy()
        except (ServiceExists, ServiceBusy):
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        made = [deployment for deployment in threads.map(attempt, range(8)) if deployment]
    assert len(made) == 1 == Service.objects.count() == Revision.objects.count() == Deployment.objects.count()


def test_both_keys_are_made_unless_they_are_given(deploy):
    made = keys.keys_of(deploy().revision.service)
    assert set(made) == {"Primary", "Secondary"} and made["Primary"] != made["Secondary"]
    assert all(len(key) >= 40 for key in made.values())
    given = deploy(name="second", deployment_config={"keys": {"primaryKey": "my own key, long enough"}})
    assert keys.keys_of(given.revision.service)["Primary"] == "my own key, long enough"


def test_keys_given_for_a_service_that_has_some_change_nothing_and_that_is_said(deploy):
    service = objects.live(deploy())
    before = keys.keys_of(service)
    second = deploy(overwrite=True, deployment_config={"keys": {"primaryKey": "my own key, long enough"}})
    assert keys.keys_of(service) == before
    assert "keys has no effect here" in second.revision.deployment_config["notes"][0]


def test_who_may_call_changes_with_the_new_revision_and_not_before(deploy):
    service = objects.live(deploy())
    second = deploy(overwrite=True, deployment_config={"authEnabled": False})
    service.refresh_from_db()
    assert service.auth_enabled
    assert not objects.live(second).auth_enabled
