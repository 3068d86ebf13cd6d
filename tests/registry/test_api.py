"""REST of the registry, as a program speaks it."""

import json

import pytest
from asgiref.sync import async_to_sync

from registry import blobs, stores
from registry.models import ModelVersion, Upload
from tests import objects

pytestmark = pytest.mark.django_db
W = "/api/v1/workspaces/vision"


@pytest.fixture
def api(contributor):
    return objects.with_token(contributor)


@pytest.fixture
def digits(place, contributor):
    return objects.version(place, contributor, tags={"area": "mnist"}, files={"net/model.pkl": b"weights"})


def send(api, method: str, path: str, body=None):
    return api.generic(method, f"{W}/{path}", "" if body is None else json.dumps(body), "application/json")


@async_to_sync
async def downloaded(answer) -> bytes:
    return b"".join([piece async for piece in answer.streaming_content])


def test_a_model_is_registered_found_and_downloaded(api):
    upload = send(api, "POST", "uploads", {}).json()["id"]
    sent = api.put(f"{W}/uploads/{upload}/files/net/model.pkl", b"weights", "application/octet-stream")
    assert sent.status_code == 201
    assert sent.json() == {"path": "net/model.pkl", "size": 7, "sha256": blobs.Blob.objects.get().sha256}
    seen = api.get(f"{W}/uploads/{upload}").json()
    assert seen["files"] == [sent.json()] and seen["guess"]["framework"] == "Custom" and seen["guess"]["why"]

    made = send(api, "POST", "models", {"name": "digits", "upload": upload, "tags": {"area": "mnist"}})
    assert made.status_code == 201
    version = made.json()
    assert (version["id"], version["version"], version["created_by"]) == ("digits:1", 1, "carl")
    assert (version["tags"], version["properties"], version["services"]) == ({"area": "mnist"}, {}, [])
    [kept] = version["files"]
    assert kept | sent.json() == kept and kept["damage"] == "" and version["size_bytes"] == 7

    listed = api.get(f"{W}/models?q=area%3Dmnist").json()
    assert [row["id"] for row in listed["value"]] == ["digits:1"] and listed["next"] is None
    file = api.get(f"{W}/models/digits/versions/1/files/net/model.pkl")
    assert downloaded(file) == b"weights"


def test_a_version_is_listed_shown_changed_and_deleted(api, digits):
    assert [row["version"] for row in api.get(f"{W}/models/digits").json()["versions"]] == [1]
    changed = send(api, "PATCH", "models/digits/versions/1", {"tags": {"stage": "prod"}, "description": "new"})
    assert (changed.json()["tags"], changed.json()["description"]) == ({"stage": "prod"}, "new")
    assert send(api, "PATCH", "models/digits/versions/1", {"description": ""}).json()["tags"] == {"stage": "prod"}
    assert send(api, "DELETE", "models/digits/versions/1").status_code == 204
    assert api.get(f"{W}/models/digits/versions/1").status_code == 404


def test_a_version_in_use_is_not_deleted_and_the_answer_names_the_service(api, digits, place, contributor):
    objects.deployment(place, contributor, "reader", models=[digits.reference])
    refused = send(api, "DELETE", "models/digits/versions/1")
    assert refused.status_code == 409
    said = refused.json()
    assert (said["code"], said["services"]) == ("version-in-use", ["reader"])
    assert "digits:1 is used by service reader" in said["detail"] and said["advice"]
    assert api.get(f"{W}/models/digits/versions/1").json()["services"] == ["reader"]


def test_a_download_says_its_size_and_digest_and_is_not_sent_twice(api, digits):
    path = f"{W}/models/digits/versions/1/files/net/model.pkl"
    file = api.get(path)
    assert (file["Content-Length"], file["Content-Type"]) == ("7", "application/octet-stream")
    assert file["ETag"] == f'"{digits.files.get().blob_id}"'
    assert file["Content-Disposition"].startswith("attachment")
    assert api.get(path, headers={"If-None-Match": file["ETag"]}).status_code == 304


def test_a_download_has_a_name_no_browser_can_misread(api, place, contributor):
    objects.version(place, contributor, "odd", files={'a"; x=\u202ey/ü"\'.html': b"<script>"})
    file = api.get(f"{W}/models/odd/versions/1/files/" + 'a"; x=\u202ey/ü"\'.html')
    assert file["Content-Disposition"] == "attachment; filename*=UTF-8''%C3%BC%22%27.html"
    assert file["X-Content-Type-Options"] == "nosniff"


def test_a_discarded_upload_is_gone(api):
    upload = send(api, "POST", "uploads", {}).json()["id"]
    assert send(api, "DELETE", f"uploads/{upload}").status_code == 204
    assert send(api, "GET", f"uploads/{upload}").status_code == 404
    assert not Upload.objects.exists()


@pytest.mark.parametrize(("query", "ids"), [
    ("", ["iris:1", "digits:2", "digits:1"]),
    ("latest=true", ["iris:1", "digits:2"]),
    ("tag=area%3Dmnist", ["digits:2", "digits:1"]),
    ("tag=area%3Dmnist&tag=stage%3Dprod", ["digits:2"]),
    ("tag=stage", ["digits:2"]),
    ("q=area%3Dmnist&tag=stage%3Dprod", ["digits:2"]),
    ("property=run%3D7", ["iris:1"]),
    ("name=iris", ["iris:1"]),
    ("framework=Onnx", ["iris:1"]),
    ("q=dig", ["digits:2", "digits:1"]),
])  # fmt: skip
def test_lists_are_narrowed_by_their_parameters(api, digits, place, contributor, query, ids):
    objects.version(place, contributor, tags={"area": "mnist", "stage": "prod"})
    objects.version(place, contributor, "iris", framework="Onnx", properties={"run": "7"})
    assert [row["id"] for row in api.get(f"{W}/models?{query}").json()["value"]] == ids


def test_a_list_goes_on_where_its_cursor_says(api, place, contributor):
    for _ in range(5):
        objects.version(place, contributor)
    first = api.get(f"{W}/models?limit=3").json()
    rest = api.get(f"{W}/models?limit=3&cursor={first['next']}").json()
    assert [row["version"] for row in first["value"] + rest["value"]] == [5, 4, 3, 2, 1] and rest["next"] is None


def test_a_tag_almost_right_is_understood_in_the_search_and_refused_as_a_tag(api, digits):
    searched = api.get(f"{W}/models", {"q": "area: mnist"}).json()
    assert [row["id"] for row in searched["value"]] == ["digits:1"] and "area=mnist" in searched["hints"][0]
    refused = api.get(f"{W}/models", {"tag": "area: mnist"})
    assert (refused.status_code, refused.json()["code"]) == (422, "tag-invalid")
    assert refused.json()["advice"] == "Write area=mnist."


DEEP = "[" * 100_000
WRONG = [
    ("GET", "nonsense", None, 404, "no-such-address"),
    ("GET", "models/", None, 404, "no-such-address"),
    ("GET", "models/none", None, 404, "model-version-not-found"),
    ("GET", "models/digits/versions/9", None, 404, "model-version-not-found"),
    ("GET", "models/digits/versions/0", None, 404, "model-version-not-found"),
    ("GET", "models/digits/versions/99999999999999999999999", None, 404, "model-version-not-found"),
    ("GET", "models/digits/versions/1/files/none", None, 404, "model-version-not-found"),
    ("GET", "models/digits/versions/1/files/../secret.key", None, 404, "model-version-not-found"),
    ("GET", "models/dig%00its", None, 422, "invalid"),
    ("GET", "models?q=%00", None, 422, "invalid"),
    ("GET", "models?cursor=x", None, 422, "invalid"),
    ("GET", "models?limit=x", None, 400, "invalid"),
    ("GET", "models?limit=0", None, 400, "invalid"),
    ("GET", "models?latest=perhaps", None, 400, "invalid"),
    ("GET", "models?nmae=digits", None, 422, "invalid"),
    ("GET", "models?tag=", None, 400, "invalid"),
    ("GET", "uploads/00000000-0000-0000-0000-000000000000", None, 404, "upload-not-found"),
    ("GET", "uploads/7", None, 404, "no-such-address"),
    ("PUT", "models", {}, 405, "method-not-allowed"),
    ("POST", "models", {}, 400, "invalid"),
    ("POST", "models", [], 400, "invalid"),
    ("POST", "models", {"name": "digits", "upload": "x"}, 400, "invalid"),
    ("POST", "models", {"name": "digits", "upload": "00000000-0000-0000-0000-000000000000"}, 404, "upload-not-found"),
    ("POST", "models", {"name": "a b", "upload": "UPLOAD"}, 422, "name-invalid"),
    ("POST", "models", {"name": "a\x00b", "upload": "UPLOAD"}, 400, "invalid"),
    ("POST", "models", {"name": "digits", "upload": "UPLOAD"}, 422, "upload-empty"),
    ("POST", "models", {"name": "digits", "upload": "UPLOAD", "tags": {"": "x"}}, 422, "tag-invalid"),
    ("POST", "models", {"name": "digits", "upload": "UPLOAD", "tags": {"a\ud800": "x"}}, 422, "tag-invalid"),
    ("POST", "models", {"name": "digits", "upload": "UPLOAD", "tags": {"a": ["x"]}}, 400, "invalid"),
    ("POST", "models", {"name": "digits", "upload": "UPLOAD", "tags": "area=mnist"}, 400, "invalid"),
    ("POST", "models", {"name": "digits", "upload": "UPLOAD", "framework": "Sklearn"}, 422, "invalid"),
    ("POST", "models", {"name": "digits", "upload": "UPLOAD", "description": "x" * 20_001}, 400, "invalid"),
    ("PATCH", "models/digits/versions/1", {"tags": {"a": "b" * 501}}, 422, "tag-invalid"),
    ("PATCH", "models/digits/versions/1", {"description": "a\x00b"}, 400, "invalid"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), WRONG)
def test_every_refusal_is_a_problem_with_words_and_advice(api, digits, method, path, body, status, code):
    if body and "UPLOAD" in str(body):
        body = body | {"upload": send(api, "POST", "uploads", {}).json()["id"]}
    answer = send(api, method, path, body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    said = answer.json()
    assert said["code"] == code and said["status"] == status
    assert said["type"] and said["title"] and said["detail"] and said["advice"]
    assert len(answer.content) < 4000


@pytest.mark.parametrize(("body", "kind", "status"), [
    (b"{", "application/json", 400), (DEEP, "application/json", 422), (b"\xff\xfe", "application/json", 400),
    (b"NaN", "application/json", 400), (b"{}", "text/plain", 415), (b"a=1", "application/x-www-form-urlencoded", 415),
])  # fmt: skip
def test_a_body_that_is_not_json_is_a_problem_too(api, place, body, kind, status):
    answer = api.post(f"{W}/models", body, kind)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["detail"] and answer.json()["advice"]


HOSTILE = ["..%2f..%2fetc%2fpasswd", "a%00b", "a%1b[31m", "%2fetc%2fpasswd", "a" * 10_000, "a%5cb", "./x"]


@pytest.mark.parametrize("path", HOSTILE)
def test_an_upload_takes_no_path_that_leads_elsewhere(api, place, path):
    upload = send(api, "POST", "uploads", {}).json()["id"]
    answer = api.put(f"{W}/uploads/{upload}/files/{path}", b"x", "application/octet-stream")
    assert answer.status_code == 422 and answer["Content-Type"] == "application/problem+json"
    assert send(api, "GET", f"uploads/{upload}").json()["files"] == []


def test_a_lost_file_is_the_operators_to_mend(api, digits):
    stores.current().path_of(digits.files.get().blob_id).unlink()
    answer = api.get(f"{W}/models/digits/versions/1/files/net/model.pkl")
    assert (answer.status_code, answer.json()["code"]) == (500, "blob-missing")


def test_a_fault_in_the_studio_itself_is_a_problem_without_its_insides(api, digits, monkeypatch):
    api.raise_request_exception = False
    monkeypatch.setattr(ModelVersion, "reference", property(lambda self: 1 / 0))
    answer = api.get(f"{W}/models/digits/versions/1")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "ZeroDivision" not in answer.content.decode() and answer.json()["advice"]
