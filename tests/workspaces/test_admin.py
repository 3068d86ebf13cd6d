"""The operator's console: open to superusers, closed to everybody else, with a way out for stuck deployments."""

import pytest
from django.contrib import admin
from django.urls import reverse

from deployments import transitions
from deployments.models import Deployment, DeploymentEvent, LogLine, Service
from deployments.states import Status
from registry.models import SavedView
from tests import objects
from workspaces.models import Token
from workspaces.tokens import create_token

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def operator(place):
    return objects.signed_in(objects.person("root", is_superuser=True, is_staff=True))


@pytest.fixture
def stuck(place, contributor):
    """A queued deployment that nobody works on."""
    return objects.deployment(place, contributor)


def do(client, action, row):
    url = reverse("admin:deployments_deployment_changelist")
    return client.post(url, {"action": action, "_selected_action": [row.pk]}, follow=True)


def pages_of(model) -> list[str]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    row = model.objects.first()
    assert row is not None, f"the test needs a row of {model._meta.label}"
    return [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[row.pk])]


@pytest.fixture
def world(stuck, contributor, place):
    """At least one row of every registered model, children included."""
    service = objects.live(stuck)
    create_token(user=contributor, name="laptop")
    LogLine.objects.create(deployment=stuck, seq=1, at=stuck.created_time, step="start", stream="stdout", text="hello")
    SavedView.objects.create(workspace=place, created_by=contributor, name="mine", query="area=mnist")
    DeploymentEvent.objects.create(deployment=stuck, frm="queued", to="building")
    return service


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_superuser_opens_the_list_and_a_row_of_every_model(operator, world, model):
    for url in pages_of(model):
        assert operator.get(url).status_code == 200, url
    assert operator.get(f"{pages_of(model)[0]}?q=x").status_code in {200, 302}


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_members_of_whatever_role_are_sent_to_sign_in(world, owner, client, model):
    for browser in (objects.signed_in(owner), client):
        for url in pages_of(model):
            answer = browser.get(url)
            assert answer.status_code == 302 and "/admin/login/" in answer["Location"], url


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_staff_without_permissions_sees_no_model(world, model):
    staff = objects.signed_in(objects.person(is_staff=True))
    assert {staff.get(url).status_code for url in pages_of(model)} == {403}


def test_the_console_has_what_an_operator_needs():
    names = {model._meta.label for model in REGISTERED}
    assert names >= {
        "workspaces.User", "workspaces.Workspace", "workspaces.Token", "registry.Model", "registry.ModelVersion",
        "deployments.Target", "deployments.Service", "deployments.Deployment", "deployments.Workload",
    }  # fmt: skip


def test_an_operator_adds_a_person_and_gives_a_role(operator, place):
    page = {"username": "paul", "password1": "kd83-Fmm2-x", "password2": "kd83-Fmm2-x", "usable_password": "true",
            "memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0,
            "memberships-0-workspace": place.pk, "memberships-0-role": "reader"}  # fmt: skip
    answer = operator.post(reverse("admin:workspaces_user_add"), page)
    assert answer.status_code == 302, answer.context["errors"]
    assert place.memberships.get(user__username="paul").role == "reader"


def test_a_token_can_be_ended_in_the_console_but_not_made_or_read(operator, contributor):
    token, secret = create_token(user=contributor, name="laptop")
    assert operator.get(reverse("admin:workspaces_token_add")).status_code == 403
    page = operator.get(reverse("admin:workspaces_token_change", args=[token.pk])).content.decode()
    assert secret not in page and token.hash not in page
    operator.post(reverse("admin:workspaces_token_delete", args=[token.pk]), {"post": "yes"})
    assert not Token.objects.exists()


def test_cancelling_stops_a_stuck_deployment(operator, stuck):
    answer = do(operator, "cancel", stuck)
    stuck.refresh_from_db()
    assert stuck.status == Status.CANCELLED
    assert "will stop" in answer.content.decode()


def test_retrying_a_failed_deployment_queues_another_attempt_at_its_revision(operator, stuck):
    transitions.move(stuck.pk, Status.QUEUED, Status.FAILED)
    do(operator, "retry", stuck)
    newest = Deployment.objects.first()
    assert (newest.revision, newest.status, newest.created_by.username) == (stuck.revision, Status.QUEUED, "root")


def test_taking_a_deployment_from_its_worker_lets_another_claim_it(operator, stuck):
    assert transitions.claim(stuck.pk, "stuck worker")
    assert not transitions.claim(stuck.pk, "idle worker")
    do(operator, "take_from_worker", stuck)
    assert not transitions.renew(stuck.pk, "stuck worker")
    assert transitions.claim(stuck.pk, "idle worker")


@pytest.mark.parametrize("action", ["cancel", "take_from_worker"])
def test_what_has_ended_is_left_as_it_is_and_the_operator_is_told_why(operator, stuck, action):
    transitions.move(stuck.pk, Status.QUEUED, Status.FAILED)
    answer = do(operator, action, stuck)
    stuck.refresh_from_db()
    assert stuck.status == Status.FAILED
    assert f"deployment {stuck.pk}".lower() in answer.content.decode().lower()


def test_one_refusal_does_not_keep_the_others_from_being_cancelled(operator, stuck, place, contributor):
    second = objects.deployment(place, contributor, "second")
    transitions.move(stuck.pk, Status.QUEUED, Status.FAILED)
    url = reverse("admin:deployments_deployment_changelist")
    operator.post(url, {"action": "cancel", "_selected_action": [stuck.pk, second.pk]}, follow=True)
    second.refresh_from_db()
    assert second.status == Status.CANCELLED


def test_services_are_deleted_in_the_console_as_on_their_page(operator, stuck):
    service = stuck.revision.service
    url = reverse("admin:deployments_service_changelist")
    operator.post(url, {"action": "delete_services", "_selected_action": [service.pk]}, follow=True)
    assert Service.objects.get().state == "Deleting"


def test_rows_that_services_look_after_cannot_be_changed_or_deleted_behind_their_back(operator, world, stuck):
    for verb in ("delete", "change"):
        url = reverse(f"admin:deployments_deployment_{verb}", args=[stuck.pk])
        assert operator.post(url, {"post": "yes", "status": "failed"}).status_code == 403
    stuck.refresh_from_db()
    assert stuck.status == Status.LIVE


def test_a_workspace_that_still_has_services_cannot_be_deleted(operator, world, place):
    operator.post(reverse("admin:workspaces_workspace_delete", args=[place.pk]), {"post": "yes"})
    place.refresh_from_db()
    assert Service.objects.filter(workspace=place).exists()
