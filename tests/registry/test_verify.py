"""Verifying for operators and over REST: what is damaged is said, with the versions it hits."""

import hashlib
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from registry import uploads
from registry.models import Blob
from tests import objects
from tests.stored import spoil
from workspaces.tokens import create_token

pytestmark = pytest.mark.django_db


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def versions(store, place, contributor):
    """Two of one model, which share a file, and one of another in another workspace."""
    objects.version(place, contributor, files={"shared": b"shared", "one": b"one"})
    objects.version(place, contributor, files={"net/shared": b"shared", "two": b"two"})
    elsewhere = objects.workspace("speech")
    member = objects.member("owner", elsewhere, "sam")
    return objects.version(elsewhere, member, "voice", files={"three": b"three"})


def verified(*arguments: str) -> tuple[int, str, str]:
    """Exit code, and what was said."""
    out, err = StringIO(), StringIO()
    try:
        call_command("verify", *arguments, stdout=out, stderr=err)
    except SystemExit as exc:
        return exc.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_all_is_well(versions):
    code, said, progress = verified("--all")
    assert (code, said) == (0, "Everything is as it was registered.\n")
    assert progress.strip() == "4 of 4 contents read, 0.00 of 0.00 GB"
    assert Blob.objects.filter(verified_time=None).count() == 0


def test_each_damage_is_said_with_every_version_that_it_hits(versions, store):
    spoil(store, digest(b"shared"), b"sharek")
    store.delete(digest(b"three"))
    code, said, _ = verified("--all")
    assert code == 1
    assert f"changed: {digest(b'shared')} (6 bytes)" in said and f"missing: {digest(b'three')}" in said
    for hit in ("shared of digits:1", "net/shared of digits:2"):
        assert f"    {hit} in workspace vision\n" in said
    assert "    three of voice:1 in workspace speech\n" in said and said.endswith(
        "2 damaged. Upload the same files again, or restore the store from a backup.\n"
    )


@pytest.mark.parametrize(("arguments", "read"), [
    (["--workspace", "vision"], 3), (["--workspace", "speech"], 1), (["--model", "digits"], 3),
    (["--model", "digits:2"], 2), (["--workspace", "vision", "--model", "digits:1"], 2),
])  # fmt: skip
def test_a_part_can_be_verified(versions, arguments, read):
    assert f"{read} of {read} contents" in verified(*arguments)[2]


@pytest.mark.parametrize(("arguments", "said"), [
    ([], "Say what to verify"), (["--all", "--model", "digits"], "Say what to verify"),
    (["--workspace", "nowhere"], "no workspace 'nowhere'"), (["--model", "digits:9"], "no model version 'digits:9'"),
    (["--model", "digits:x"], "not NAME or NAME:VERSION"), (["--workspace", "speech", "--model", "digits"], "'speech'"),
])  # fmt: skip
def test_what_is_not_there_cannot_be_verified(versions, arguments, said):
    with pytest.raises(CommandError, match=said):
        verified(*arguments)


def test_a_bucket_that_cannot_be_used_ends_it_in_a_sentence(bucket, settings):
    settings.S3_BUCKET = "nowhere-to-be-found"
    with pytest.raises(CommandError, match="There is no bucket 'nowhere-to-be-found'"):
        verified("--all")


def test_uploads_and_sources_of_services_are_said_to_be_hit_too(store, place, contributor):
    source = objects.upload(place, contributor, {"score.py": b"run"})
    objects.deployment(place, contributor, source=source, inference_config={"entryScript": "score.py"})
    waiting = objects.upload(place, contributor, {"waiting": b"waiting"})
    for content in (b"run", b"waiting"):
        store.delete(digest(content))
    said = verified("--all")[1]
    assert "    score.py of reader revision 1\n" in said and f"    waiting of upload {waiting.pk}\n" in said


@pytest.fixture
def api(contributor):
    token = create_token(user=contributor, name="ci")[1]
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_over_rest_each_file_has_its_outcome(versions, store, api):
    address = "/api/v1/workspaces/vision/models/digits/versions/1/verify"
    assert api.post(address).json() == {
        "id": "digits:1",
        "intact": True,
        "files": [
            {"path": "one", "sha256": digest(b"one"), "size": 3, "outcome": "ok"},
            {"path": "shared", "sha256": digest(b"shared"), "size": 6, "outcome": "ok"},
        ],
    }
    spoil(store, digest(b"shared"), b"sharek")
    found = api.post(address).json()
    assert found["intact"] is False and [file["outcome"] for file in found["files"]] == ["ok", "changed"]


def test_over_rest_a_version_says_which_of_its_files_are_known_to_be_damaged(versions, store, api):
    address = "/api/v1/workspaces/vision/models/digits/versions/1"
    assert [file["damage"] for file in api.get(address).json()["files"]] == ["", ""]
    spoil(store, digest(b"shared"), b"sharek")
    store.delete(digest(b"one"))
    verified("--all")
    told = api.get(address).json()["files"]
    assert [(file["path"], file["damage"]) for file in told] == [("one", "missing"), ("shared", "changed")]
    assert all(file["verified_time"] for file in told)


def test_a_damaged_version_is_not_deployed_until_it_is_mended(versions, store, api, place, contributor):
    spoil(store, digest(b"shared"), b"sharek")
    api.post("/api/v1/workspaces/vision/models/digits/versions/1/verify")
    objects.target(place)
    asked = json.dumps({"name": "reader", "models": ["digits:1"]})
    services = "/api/v1/workspaces/vision/services"
    refused = api.post(services, asked, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (500, "blob-damaged")
    assert "shared of digits:1" in refused.json()["detail"]
    again = uploads.start_upload(workspace=place, by=contributor)
    uploads.receive_file(upload=again, path="elsewhere", chunks=[b"shared"], size=6)
    assert api.post(services, asked, content_type="application/json").status_code == 202
