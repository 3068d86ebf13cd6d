"""Which version is deployed, which may not be, and what the registry remembers of it."""

import pytest

from deployments import services, transitions
from deployments.models import Deployment, Service
from deployments.queue import restore
from deployments.states import Status
from registry import services as registry
from registry.errors import AliasNotFound, VersionArchived
from registry.services import activity
from tests import objects
from tests.deployments.working import work
from workspaces.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def digits(place, contributor, driver, rings):
    """digits:1 is the champion, digits:2 the newest; both can be deployed."""
    objects.target(place)
    first = objects.version(place, contributor)
    objects.version(place, contributor)
    registry.set_alias(model=first.model, name="champion", version=first, by=contributor)
    return first


def archive(version, by, stage="Archived"):
    registry.update_version(version=version, by=by, stage=stage)


def deploy(place, by, model, **options):
    return services.deploy(workspace=place, name="reader", models=[model], by=by, **options)


def told(version) -> list[str]:
    rows = activity.of_version(version).filter(verb__in=["deployed", "undeployed"]).order_by("pk")
    return [f"{row.by} {activity.sentence(row)}" for row in rows]


def test_an_alias_means_the_version_it_points_to_when_it_is_deployed(digits, place, contributor):
    deployment = deploy(place, contributor, "digits@champion")
    second = registry.find_reference(user=contributor, workspace=place, reference="digits")
    registry.set_alias(model=digits.model, name="champion", version=second, by=contributor)
    deployment.refresh_from_db()
    assert deployment.revision.model_references == ["digits:1"]


def test_an_alias_and_the_number_it_means_are_one_model(digits, place, contributor):
    deployment = services.deploy(workspace=place, name="reader", models=["digits@champion", "digits:1"], by=contributor)
    assert deployment.revision.model_references == ["digits:1"]


def test_an_alias_that_nothing_has_is_refused_and_leaves_nothing(digits, place, contributor):
    with pytest.raises(AliasNotFound, match="digits has no alias 'challenger'"):
        deploy(place, contributor, "digits@challenger")
    with pytest.raises(Invalid, match="is not name:version or name@alias"):
        deploy(place, contributor, "digits:1@champion")
    assert not Service.objects.exists()


@pytest.mark.parametrize("reference", ["digits:1", "digits@champion"])
def test_what_is_archived_is_not_deployed_until_it_is_brought_back(digits, place, contributor, reference):
    archive(digits, contributor)
    with pytest.raises(VersionArchived, match="digits:1 is archived") as refusal:
        deploy(place, contributor, reference)
    assert "archive" in refusal.value.advice and not Service.objects.exists()
    archive(digits, contributor, "None")
    assert deploy(place, contributor, reference)


def test_a_version_that_is_archived_while_it_is_being_deployed_is_refused(digits, place, contributor, monkeypatch):
    """Archived after it was found, before the revision refers to it."""
    check = services.recipes.check_can_serve
    monkeypatch.setattr(
        services.recipes, "check_can_serve", lambda *given: (check(*given), archive(digits, contributor))
    )
    with pytest.raises(VersionArchived):
        deploy(place, contributor, "digits:1")
    assert not Service.objects.exists()


def test_what_runs_keeps_running_when_its_version_is_archived_and_comes_back_when_it_is_lost(
    digits, place, contributor, driver
):
    service = Service.objects.get(pk=work(deploy(place, contributor, "digits:1")).revision.service_id)
    archive(digits, contributor)
    service.refresh_from_db()
    assert service.state == "Healthy" and service.serving_revision.model_references == ["digits:1"]
    again = restore(service.serving_revision)
    assert work(again).status == Status.LIVE


def test_a_failed_deployment_of_what_is_archived_now_is_not_retried(digits, place, contributor):
    deployment = deploy(place, contributor, "digits:1")
    transitions.move(deployment.pk, Status.QUEUED, Status.FAILED, failure={"code": "x", "detail": "x"})
    archive(digits, contributor)
    deployment.refresh_from_db()
    with pytest.raises(VersionArchived):
        services.retry_deployment(deployment=deployment, by=contributor)
    assert Deployment.objects.count() == 1


def test_going_live_is_told_once_however_often_the_step_runs(digits, place, contributor):
    deployment = work(deploy(place, contributor, "digits:1"))
    assert told(digits) == ["carl deployed digits:1 to service reader, revision 1"]
    assert not transitions.switch_traffic(deployment.pk, "first")
    work(restore(deployment.revision))
    assert told(digits) == ["carl deployed digits:1 to service reader, revision 1"]


def test_a_deployment_that_fails_is_not_told(digits, place, contributor, driver):
    driver.dies_after_start(137)
    assert work(deploy(place, contributor, "digits:1")).status == Status.FAILED
    assert told(digits) == []


def test_a_version_that_gives_way_to_another_is_told_as_taken_out(digits, place, contributor):
    work(deploy(place, contributor, "digits:1"))
    work(deploy(place, contributor, "digits:2", overwrite=True))
    assert told(digits)[1:] == ["carl took digits:1 out of service reader, which serves another revision"]
    second = registry.find_reference(user=contributor, workspace=place, reference="digits:2")
    assert told(second) == ["carl deployed digits:2 to service reader, revision 2"]
    assert registry.serving_by_version([digits, second]) == {digits.pk: [], second.pk: ["reader"]}
    assert registry.users_by_version([digits, second]) == {digits.pk: ["reader"], second.pk: ["reader"]}


def test_a_new_revision_of_the_same_version_does_not_take_it_out(digits, place, contributor):
    work(deploy(place, contributor, "digits:1"))
    work(deploy(place, contributor, "digits:1", overwrite=True))
    assert told(digits) == [
        "carl deployed digits:1 to service reader, revision 1",
        "carl deployed digits:1 to service reader, revision 2",
    ]


def test_a_service_that_is_deleted_twice_is_told_once_with_who_did_it(digits, place, contributor, owner):
    service = work(deploy(place, contributor, "digits:1")).revision.service
    for _ in range(2):
        services.delete_service(service=service, by=owner)
    assert told(digits)[1:] == ["olga took digits:1 out of service reader, which was deleted"]


def test_where_a_version_is_deployed_now_and_was_before(digits, place, contributor, owner):
    work(deploy(place, contributor, "digits:1"))
    work(deploy(place, contributor, "digits:2", overwrite=True))
    work(services.deploy(workspace=place, name="other", models=["digits:1"], by=owner))
    now, before = registry.periods_of(digits)
    assert (now.service, now.revision, now.until, now.by) == ("other", 1, None, "olga")
    assert (before.service, before.revision, before.by) == ("reader", 1, "carl") and before.since < before.until


def sizes(deployment) -> tuple[float, float]:
    config = deployment.revision.deployment_config
    return config["cpu"], config["memory_gb"]


def test_a_deployment_gets_what_its_models_need_unless_it_says_otherwise(digits, place, contributor):
    registry.update_version(version=digits, by=contributor, cpu=2, memory_gb=4)
    assert sizes(deploy(place, contributor, "digits:1")) == (2, 4)
    small = {"containerResourceRequirements": {"cpu": 0.5}}
    source = objects.upload(place, contributor, {"score.py": b"..."})
    said = services.deploy(
        workspace=place, name="small", models=["digits:1", "digits:2"], by=contributor, deployment_config=small,
        source=source, inference_config="entryScript: score.py\n",
    )  # fmt: skip
    assert sizes(said) == (0.5, 4)
    usual = services.deploy(workspace=place, name="usual", models=["digits:2"], by=contributor)
    assert sizes(usual) == (1, 1)


def test_the_deploy_page_starts_with_what_the_version_needs(digits, place, contributor):
    registry.update_version(version=digits, by=contributor, cpu=2.5)
    page = objects.signed_in(contributor).get("/w/vision/models/digits/1/deploy/")
    form = page.context["form"]
    assert (form["size"].value(), form["cpu"].value(), form["memory_gb"].value()) == ("custom", 2.5, 2)


def test_the_deploy_page_says_that_the_version_is_archived(digits, place, contributor):
    archive(digits, contributor)
    asked = {"mode": "new", "name": "reader", "target": "process", "size": "small"}
    page = objects.signed_in(contributor).post("/w/vision/models/digits/1/deploy/", asked)
    assert page.status_code == 422 and "digits:1 is archived" in page.content.decode()
