"""The home page and the sample it offers."""

import importlib.util
import json

import pytest
from django.test import Client
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from deployments.models import Deployment, Revision, RevisionModel, Service, Target
from registry.models import Model, ModelVersion
from studio.sample import FILES
from workspaces.models import Membership, Role, User, Workspace

STATES = ["Healthy", "Failed", "Transitioning", "Unhealthy"]


@pytest.fixture
def workspace(db) -> Workspace:
    workspace = Workspace.objects.create(name="lab")
    Membership.objects.create(workspace=workspace, user=User.objects.create_user("olga"), role=Role.OWNER)
    return workspace


@pytest.fixture
def services(workspace) -> None:
    target = Target.objects.create(workspace=workspace, name="process", kind="process", available=True)
    model = Model.objects.create(workspace=workspace, name="flowers")
    for number, state in enumerate(STATES * 5, start=1):
        version = ModelVersion.objects.create(workspace=model.workspace, model=model, version=number)
        service = Service.objects.create(workspace=workspace, name=f"svc-{number}", state=state)
        revision = Revision.objects.create(service=service, number=1, target=target)
        RevisionModel.objects.create(revision=revision, version=version, position=0)
        Deployment.objects.create(revision=revision, status="live" if state == "Healthy" else "building")


@pytest.fixture
def client(workspace) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="olga"))
    return client


def test_an_empty_workspace_shows_three_steps_and_the_sample_is_one_click_away(client):
    page = client.get("/").content.decode()
    assert page.count('class="start-item"') == 3
    assert 'action="/w/lab/sample/"' in page


def test_what_fails_comes_before_what_works(client, services):
    shown = [service.state for service in client.get("/").context["home"].services]
    assert shown == ["Failed"] * 5 + ["Unhealthy"] * 5 + ["Transitioning"] * 2


@pytest.mark.parametrize(
    "path", ["/", "/account/", "/w/lab/models/", "/w/lab/models/flowers/", "/w/lab/models/flowers/1/"]
)
def test_a_page_costs_no_more_than_fifteen_queries(client, services, path, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        assert client.get(path).status_code == 200


def test_the_sample_answers_as_the_model_it_was_taken_from(monkeypatch):
    spec = importlib.util.spec_from_file_location("score", FILES / "score.py")
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    monkeypatch.setenv("AZUREML_MODEL_DIR", str(FILES))
    score.init()
    iris = load_iris()
    trained = LogisticRegression(max_iter=1000).fit(iris.data, iris.target)
    answers = score.run(json.dumps({"data": iris.data.tolist()}))
    assert [answer["species"] for answer in answers] == iris.target_names[trained.predict(iris.data)].tolist()
    assert [answer["probability"] for answer in answers] == pytest.approx(
        trained.predict_proba(iris.data).max(axis=1), abs=1e-3
    )
