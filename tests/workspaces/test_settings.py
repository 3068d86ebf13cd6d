"""What owners change of a workspace, on its page and over REST."""

import pickle

import pytest
from sklearn.preprocessing import StandardScaler

from registry import services
from registry.errors import PickleRefused
from registry.models import ModelVersion
from tests import objects
from tests.registry.payloads import Mine, Payload
from workspaces.changing import change_settings
from workspaces.errors import Invalid, RoleTooLow

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN, UNSAFE = (pickle.dumps(value) for value in (StandardScaler(), Mine(), Payload("x")))
TAKEN = {"allow": [KNOWN, UNKNOWN, UNSAFE], "refuse-unsafe": [KNOWN, UNKNOWN], "known-only": [KNOWN]}


@pytest.mark.parametrize(("policy", "taken"), TAKEN.items())
def test_a_workspace_takes_the_pickles_of_its_policy_and_no_others(place, owner, policy, taken):
    change_settings(workspace=place, by=owner, pickle_policy=policy)
    for content in (KNOWN, UNKNOWN, UNSAFE):
        upload = objects.upload(place, owner, {"model.pkl": content, "LICENSE": b"MIT"})
        if content in taken:
            services.register_model(workspace=place, name="digits", upload=upload, by=owner)
        else:
            with pytest.raises(PickleRefused):
                services.register_model(workspace=place, name="digits", upload=upload, by=owner)
            assert upload.files.count() == 2  # nothing is registered, and nothing is lost
    assert ModelVersion.objects.count() == len(taken)


def test_the_refusal_names_file_import_policy_and_who_can_change_it(place, owner, contributor):
    change_settings(workspace=place, by=owner, pickle_policy="refuse-unsafe")
    upload = objects.upload(place, contributor, {"deep/model.pkl": UNSAFE})
    asked = {"name": "digits", "upload": str(upload.pk)}
    client = objects.with_token(contributor)
    answer = client.post("/api/v1/workspaces/vision/models", asked, "application/json")
    said = answer.json()
    assert (answer.status_code, said["code"], said["policy"]) == (422, "pickle-refused", "refuse-unsafe")
    assert "deep/model.pkl imports posix.mkdir" in said["detail"] and "refuse-unsafe" in said["detail"]
    assert owner.username in said["advice"]


def test_the_risk_of_a_version_is_in_its_row_and_in_the_api(place, owner):
    objects.version(place, owner, files={"model.pkl": UNSAFE})
    client = objects.with_token(owner)
    version = client.get("/api/v1/workspaces/vision/models/digits/versions/1").json()
    assert version["risk"] == "unsafe" and "posix.mkdir" in version["risk_reasons"][0]
    assert "risk" not in version["facts"]
    listed = client.get("/api/v1/workspaces/vision/models").json()["value"]
    assert listed[0]["risk"] == "unsafe"


def test_what_is_registered_already_stays(place, owner):
    objects.version(place, owner, files={"model.pkl": UNSAFE})
    change_settings(workspace=place, by=owner, pickle_policy="known-only")
    assert ModelVersion.objects.get().risk == "unsafe"


def test_only_owners_change_it(place, contributor):
    with pytest.raises(RoleTooLow):
        change_settings(workspace=place, by=contributor, pickle_policy="known-only")


def test_what_is_no_policy_is_refused(place, owner):
    with pytest.raises(Invalid, match="refuse-unsafe"):
        change_settings(workspace=place, by=owner, pickle_policy="sometimes")
    answer = objects.with_token(owner).patch(
        "/api/v1/workspaces/vision/settings", {"pickle_policy": "sometimes"}, "application/json"
    )
    assert answer.status_code in {400, 422}


def test_owners_change_it_on_the_page_and_others_only_see_it(place, owner, reader):
    page = objects.signed_in(owner)
    assert page.post("/w/vision/settings/", {"pickle_policy": "known-only"}).status_code == 302
    place.refresh_from_db()
    assert place.pickle_policy == "known-only"
    seen = objects.signed_in(reader).get("/w/vision/settings/").content.decode()
    assert "disabled" in seen and "Only owners" in seen and owner.username in seen
