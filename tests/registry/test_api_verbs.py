"""REST of what a version carries and of what is done with it, as a program speaks it."""

import json

import pytest

from deployments.models import Service
from registry import services
from registry.models import ModelVersion
from tests import objects

pytestmark = pytest.mark.django_db
W = "/api/v1/workspaces/vision"
ONE = "models/digits/versions/1"


@pytest.fixture
def api(contributor):
    return objects.with_token(contributor)


@pytest.fixture
def digits(place, contributor):
    return objects.version(place, contributor, tags={"area": "mnist"}, properties={"run": "7"})


def send(api, method: str, path: str, body=None):
    return api.generic(method, f"{W}/{path}", "" if body is None else json.dumps(body), "application/json")


SAID = {
    "metrics": {"acc": 0.93, "epochs": 7}, "parameters": {"C": "1.0"}, "datasets": {"training": ["iris-1", "iris-2"]},
    "sample_input": {"data": [[1, None, "é"]]}, "sample_output": [0], "cpu": 0.5, "memory_gb": 2, "gpu": 1,
    "signature": {"inputs": [{"name": "x", "type": "double", "shape": [None, 4]}], "outputs": []},
    "experiment_name": "iris", "run_id": "run-7", "script": "train.py", "git_repository": "https://example.org/i.git",
    "git_branch": "main", "git_commit": "abc", "parent": "digits:1",
}  # fmt: skip


def test_all_that_is_said_of_a_version_comes_back(api, digits, place, contributor):
    upload = str(objects.upload(place, contributor, {"model.bin": b"x"}).pk)
    made = send(api, "POST", "models", {"name": "small", "upload": upload, **SAID})
    assert made.status_code == 201, made.content
    told = api.get(f"{W}/models/small/versions/1").json()
    assert told == made.json()
    same = set(SAID) - {"signature"}
    assert {key: told[key] for key in same} == {key: SAID[key] for key in same}
    assert told["signature"]["inputs"] == SAID["signature"]["inputs"]
    assert (told["stage"], told["risk"], told["aliases"], told["serving"], told["deployed"]) == (
        "None",
        "none",
        [],
        [],
        [],
    )
    assert api.get(f"{W}/{ONE}").json()["children"] == ["small:1"]


def test_everything_that_can_change_is_changed_by_patching(api, digits):
    body = {
        "description": "new", "add_tags": {"b": "2"}, "remove_tags": ["area"], "add_properties": {"data": "9"},
        "stage": "Production", "metrics": {"acc": 1}, "parameters": {"C": "2"}, "datasets": {"test": ["iris"]},
        "sample_input": [1], "sample_output": None, "cpu": 2, "memory_gb": None, "gpu": 0,
    }  # fmt: skip
    told = send(api, "PATCH", ONE, body).json()
    assert (told["tags"], told["properties"]) == ({"b": "2"}, {"run": "7", "data": "9"})
    same = set(body) - {"add_tags", "remove_tags", "add_properties"}
    assert {key: told[key] for key in same} == {key: body[key] for key in same}


def test_an_alias_is_put_moved_listed_and_deleted(api, digits, place, contributor):
    objects.version(place, contributor)
    put = send(api, "PUT", "models/digits/aliases/champion", {"version": 1})
    assert put.json() == {"alias": "champion", "version": 1, "id": "digits:1"}
    send(api, "PUT", "models/digits/aliases/champion", {"version": 2})
    assert api.get(f"{W}/models/digits").json()["aliases"] == {"champion": 2}
    assert [row["aliases"] for row in api.get(f"{W}/models").json()["value"]] == [["champion"], []]
    assert send(api, "DELETE", "models/digits/aliases/champion").status_code == 204
    assert send(api, "DELETE", "models/digits/aliases/champion").status_code == 404


def test_the_versions_of_a_model_come_by_pages_with_their_counts(api, digits, place, contributor):
    for _ in range(4):
        objects.version(place, contributor)
    services.update_version(version=digits, by=contributor, stage="Archived")
    first = api.get(f"{W}/models/digits?limit=3").json()
    assert first["counts"] == {"versions": 5, "archived": 1} and first["name"] == "digits"
    rest = api.get(f"{W}/models/digits?limit=3&cursor={first['next']}").json()
    assert [row["version"] for row in first["versions"] + rest["versions"]] == [5, 4, 3, 2, 1]
    assert rest["next"] is None


def test_rows_say_where_they_serve_and_what_keeps_them(api, digits, place, contributor):
    service = objects.live(objects.deployment(place, contributor, models=["digits:1"]))
    other = objects.version(place, contributor)
    objects.deployment(place, contributor, "second", models=[other.reference])
    rows = {row["id"]: (row["services"], row["serving"]) for row in api.get(f"{W}/models").json()["value"]}
    assert rows == {"digits:1": (["reader"], ["reader"]), "digits:2": (["second"], [])}
    told = api.get(f"{W}/{ONE}").json()["deployed"]
    assert [(each["service"], each["revision"], each["until"], each["by"]) for each in told] == [
        (service.name, 1, None, "carl")
    ]


def test_many_are_changed_and_each_is_told(api, digits, place, contributor):
    objects.version(place, contributor)
    objects.deployment(place, contributor, models=["digits:2"])
    answer = send(api, "POST", "bulk", {"references": ["digits:1", "digits:2", "none:1"], "delete": True}).json()
    assert [(row["reference"], row["done"], row["code"], row["services"]) for row in answer["value"]] == [
        ("digits:1", True, "", []),
        ("digits:2", False, "version-in-use", ["reader"]),
        ("none:1", False, "model-version-not-found", []),
    ]
    send(api, "POST", "bulk", {"references": ["digits:2"], "add_tags": {"a": "1"}, "stage": "archived"})
    assert ModelVersion.objects.get().archived and ModelVersion.objects.get().tag_map == {"a": "1"}


def test_versions_are_compared_by_number_and_by_alias(api, digits, place, contributor):
    second = objects.version(place, contributor, metrics={"acc": 0.5})
    services.set_alias(model=second.model, name="champion", version=second, by=contributor)
    told = api.get(f"{W}/compare?version=digits:1&version=digits@champion").json()
    assert told["versions"] == ["digits:1", "digits:2"]
    metrics = next(section for section in told["sections"] if section["title"] == "Metrics")
    assert metrics["rows"] == [{"key": "acc", "cells": [None, "0.5"], "same": False}]


def test_the_activity_is_read_of_all_of_one_model_and_of_one_version(api, digits, place, contributor, owner):
    objects.version(place, contributor, "iris")
    objects.version(place, contributor)
    services.delete_version(version=digits, by=owner)

    def told(query=""):
        return [(row["by"], row["text"]) for row in api.get(f"{W}/activity{query}").json()["value"]]

    assert told() == [
        ("olga", "deleted digits:1"), ("carl", "registered digits:2"), ("carl", "registered iris:1"),
        ("carl", "registered digits:1"),
    ]  # fmt: skip
    assert told("?model=iris") == [("carl", "registered iris:1")]
    assert told("?model=digits&version=1") == [("olga", "deleted digits:1"), ("carl", "registered digits:1")]
    first = api.get(f"{W}/activity?limit=3").json()
    assert len(first["value"]) == 3
    assert [row["text"] for row in api.get(f"{W}/activity?cursor={first['next']}").json()["value"]] == [
        "registered digits:1"
    ]


def test_the_activity_of_another_workspace_is_not_told(api, digits, place, stranger):
    objects.version(objects.workspace("elsewhere"), stranger)
    assert len(api.get(f"{W}/activity").json()["value"]) == 1


def test_fifty_versions_are_listed_in_a_bounded_number_of_queries(
    api, place, contributor, django_assert_max_num_queries
):
    for number in range(50):
        made = objects.version(place, contributor, tags={"n": str(number)}, metrics={"acc": number})
        services.set_alias(model=made.model, name=f"alias-{number}", version=made, by=contributor)
    objects.live(objects.deployment(place, contributor, models=["digits:50"]))
    for path in ("models", "models/digits"):
        with django_assert_max_num_queries(15):
            answer = api.get(f"{W}/{path}?limit=50").json()
        rows = answer.get("value") or answer["versions"]
        assert len(rows) == 50 and rows[0]["serving"] == ["reader"] and rows[0]["aliases"] == ["alias-49"]


def test_deploying_by_alias_keeps_the_version_it_meant(api, digits, contributor):
    objects.target(digits.workspace)
    services.set_alias(model=digits.model, name="champion", version=digits, by=contributor)
    made = send(api, "POST", "services", {"name": "reader", "models": ["digits@champion"]})
    assert made.status_code == 202 and made.json()["models"] == ["digits:1"]


def test_an_archived_version_is_refused_with_advice(api, digits, contributor):
    objects.target(digits.workspace)
    send(api, "PATCH", ONE, {"stage": "Archived"})
    refused = send(api, "POST", "services", {"name": "reader", "models": ["digits:1"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "version-archived") and refused.json()["advice"]
    assert not Service.objects.exists()


BIG = "1" * 5000
WRONG = [
    ("PATCH", ONE, {"propertis": {}}, 400, "invalid"),
    ("PATCH", ONE, {"properties": {"run": "8"}}, 400, "invalid"),
    ("PATCH", ONE, {"add_properties": {"run": "8"}}, 409, "property-immutable"),
    ("PATCH", ONE, {"stage": "Live"}, 422, "invalid"),
    ("PATCH", ONE, {"stage": None}, 400, "invalid"),
    ("PATCH", ONE, {"metrics": {"acc": "0.9"}}, 400, "invalid"),
    ("PATCH", ONE, {"metrics": {"acc": True}}, 400, "invalid"),
    ("PATCH", ONE, {"metrics": {"a" * 10_000: 1}}, 422, "invalid"),
    ("PATCH", ONE, {"metrics": [1]}, 400, "invalid"),
    ("PATCH", ONE, {"parameters": {"a": "b" * 501}}, 422, "invalid"),
    ("PATCH", ONE, {"datasets": {"training": "iris"}}, 400, "invalid"),
    ("PATCH", ONE, {"datasets": {"": ["iris"]}}, 422, "invalid"),
    ("PATCH", ONE, {"sample_input": "x" * 300_000}, 422, "invalid"),
    ("PATCH", ONE, {"sample_input": {"a": "\x00"}}, 422, "invalid"),
    ("PATCH", ONE, {"cpu": "2"}, 400, "invalid"),
    ("PATCH", ONE, {"gpu": 1.5}, 422, "invalid"),
    ("PATCH", ONE, {"remove_tags": "a"}, 400, "invalid"),
    ("PATCH", ONE, [], 400, "invalid"),
    ("PATCH", ONE, "x", 400, "invalid"),
    ("POST", "models", {"name": "digits", "upload": "UPLOAD", "parent": "none:1"}, 422, "invalid"),
    ("POST", "models", {"name": "digits", "upload": "UPLOAD", "signature": {"inputs": 1}}, 422, "signature-invalid"),
    ("POST", "models", {"name": "digits", "upload": "UPLOAD", "git_commit": "a" * 65}, 400, "invalid"),
    ("POST", "models", {"name": "digits", "upload": "UPLOAD", "metric": {}}, 400, "invalid"),
    ("PUT", "models/digits/aliases/latest", {"version": 1}, 422, "alias-invalid"),
    ("PUT", "models/digits/aliases/" + "x" * 256, {"version": 1}, 422, "alias-invalid"),
    ("PUT", "models/digits/aliases/champion", {"version": 9}, 404, "model-version-not-found"),
    ("PUT", "models/digits/aliases/champion", {"version": 10**30}, 400, "invalid"),
    ("PUT", "models/digits/aliases/champion", {}, 400, "invalid"),
    ("DELETE", "models/digits/aliases/champion", None, 404, "alias-not-found"),
    ("DELETE", "models/none/aliases/champion", None, 404, "model-version-not-found"),
    ("POST", "bulk", {"references": ["digits:1"]}, 422, "invalid"),
    ("POST", "bulk", {"references": []}, 400, "invalid"),
    ("POST", "bulk", {"references": ["digits:1"], "delete": True, "stage": "Archived"}, 422, "invalid"),
    (
        "POST",
        "bulk",
        {"references": ["digits:1"] * 1 + [f"a:{n}" for n in range(1, 1002)], "delete": True},
        422,
        "invalid",
    ),
    ("GET", "compare", None, 422, "invalid"),
    ("GET", "compare?version=digits:1", None, 422, "invalid"),
    ("GET", "compare?version=digits:1&version=digits:x", None, 422, "invalid"),
    ("GET", "compare?version=digits:1&version=digits:9", None, 404, "model-version-not-found"),
    ("GET", "compare?version=digits:1&version=digits@x", None, 404, "alias-not-found"),
    ("GET", "compare?versions=digits:1", None, 400, "invalid"),
    ("GET", "activity?cursor=x", None, 422, "invalid"),
    ("GET", "activity?version=0", None, 400, "invalid"),
    ("GET", "models/digits?limit=256", None, 400, "invalid"),
    ("GET", "models/digits?nothing=1", None, 400, "invalid"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), WRONG)
def test_every_refusal_is_a_problem_with_words_and_advice(
    api, digits, place, contributor, method, path, body, status, code
):
    if "UPLOAD" in str(body):
        body = body | {"upload": str(objects.upload(place, contributor, {"model.pkl": b"x"}).pk)}
    answer = send(api, method, path, body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    said = answer.json()
    assert said["code"] == code and said["title"] and said["detail"] and said["advice"]
    assert len(answer.content) < 4000


@pytest.mark.parametrize("number", ["1e999", "-1e999", BIG, "NaN", "Infinity"])
def test_numbers_that_are_none_are_refused(api, digits, number):
    body = f'{{"metrics": {{"acc": {number}}}}}'
    answer = api.generic("PATCH", f"{W}/{ONE}", body, "application/json")
    assert answer.status_code in {400, 422} and answer["Content-Type"] == "application/problem+json"
    assert answer.json()["advice"] and digits.metric_map == {}


def test_a_sample_that_is_nested_without_end_is_refused(api, digits):
    body = '{"sample_input": ' + "[" * 900 + "]" * 900 + "}"
    answer = api.generic("PATCH", f"{W}/{ONE}", body, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_readers_see_all_of_it_and_change_none(digits, reader):
    api = objects.with_token(reader)
    assert send(api, "GET", ONE).status_code == 200 and send(api, "GET", "activity").status_code == 200
    for method, path, body in (
        ("PATCH", ONE, {"stage": "Archived"}),
        ("PUT", "models/digits/aliases/champion", {"version": 1}),
        ("POST", "bulk", {"references": ["digits:1"], "delete": True}),
    ):
        assert send(api, method, path, body).json()["code"] == "role-too-low"
    assert not ModelVersion.objects.get().archived
