"""What a reader's pages offer, and what they refuse."""

import re

import pytest
from django.test import Client

from registry import uploads
from registry.models import ModelVersion
from registry.services import register_model
from workspaces.models import Membership, Role, User, Workspace
from workspaces.tokens import create_token

pytestmark = pytest.mark.django_db
# Forms for everybody: they change how one sees the studio, or compare versions.
OWN = {"/account/theme/", "/sign-out/", "/w/lab/views/", "/w/lab/table/", "/w/lab/bulk/"}
CHANGES = re.compile(r'href="[^"]*/(register|deploy)/|hx-(post|put|patch|delete)=|name="(add|remove|stage)"|="delete"')


@pytest.fixture
def version(settings, tmp_path) -> ModelVersion:
    settings.DATA_DIR = tmp_path
    workspace = Workspace.objects.create(name="lab")
    owner = User.objects.create_user("olga")
    Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    upload = uploads.start_upload(workspace=workspace, by=owner)
    uploads.receive_file(upload=upload, path="model.bin", chunks=[b"x"], size=1)
    return register_model(workspace=workspace, name="flowers", upload=upload, by=owner, tags={"area": "iris"})


@pytest.fixture
def reader(version) -> Client:
    user = User.objects.create_user("rita")
    Membership.objects.create(workspace=version.model.workspace, user=user, role=Role.READER)
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("path", ["models/", "models/flowers/", "models/flowers/1/"])
def test_a_reader_reads_and_is_offered_nothing_else(reader, path):
    page = reader.get(f"/w/lab/{path}").content.decode()
    assert "flowers" in page
    assert set(re.findall(r'<form[^>]*method="post" action="([^"]*)"', page)) <= OWN
    assert not CHANGES.search(page)
    assert "data-primary" not in page


def test_a_reader_learns_before_uploading_that_the_role_is_not_enough(reader):
    page = reader.get("/w/lab/register/").content.decode()
    assert "Your role is reader." in page
    assert 'id="register"' not in page


@pytest.mark.parametrize("action", ["tags/", "description/", "delete/"])
def test_a_reader_cannot_change_a_version(reader, version, action):
    answer = reader.post(f"/w/lab/models/flowers/1/{action}", {"remove": "area", "description": "mine"})
    assert answer.status_code == 403
    version.refresh_from_db()
    assert (version.tag_map, version.description) == ({"area": "iris"}, "")


def test_a_reader_cannot_deploy_the_sample(reader):
    assert reader.post("/w/lab/sample/").status_code == 403


def test_somebody_elses_workspace_looks_like_none(version):
    client = Client()
    client.force_login(User.objects.create_user("stranger"))
    answers = [client.get(f"/w/{name}/models/") for name in ("lab", "nothing-here")]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_somebody_without_a_workspace_is_told_whom_to_ask():
    client = Client()
    client.force_login(User.objects.create_user("newcomer"))
    assert "You are in no workspace yet" in client.get("/").content.decode()


def test_nobodys_token_is_revoked_by_somebody_else(reader):
    token, _ = create_token(user=User.objects.get(username="olga"), name="laptop")
    assert reader.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()


def test_a_theme_leads_back_only_to_this_studio(reader):
    answer = reader.post("/account/theme/", {"theme": "dark", "next": "https://example.com/"})
    assert answer["Location"] == "/"
    assert answer.cookies["slipway_theme"].value == "dark"
