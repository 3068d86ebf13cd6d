"""Routes, headers, limits: what any HTTP client may rely on (Azure ML v1 contract, 1.10, 1.12)."""

import json

import pytest

from tests.scoring.scripts import ECHO


@pytest.fixture(scope="module")
def server(start_server, tmp_path_factory):
    script = tmp_path_factory.mktemp("script") / "score.py"
    script.write_text(ECHO)
    variables = {
        "AML_CORS_ORIGINS": "https://a.example, https://b.example",
        "SERVICE_NAME": "cancer",
        "SERVICE_VERSION": "7",
        "SERVICE_PATH_PREFIX": "services/default/cancer",
        "SLIPWAY_MAX_BODY_BYTES": "1000",
    }
    return start_server("--entry-script", script, **variables).ready()


def test_health_is_the_word_azures_probes_look_for(server):
    answer = server.client.get(server.url("/"))
    assert (answer.status_code, answer.text) == (200, "Healthy")
    assert answer.headers["content-type"].startswith("text/html")


def test_health_leaves_no_line_in_the_log_and_a_score_leaves_one(server):
    server.client.get(server.url("/"))
    server.score("x")
    assert server.until(lambda: "POST /score 200" in server.log)
    assert "GET /ready" not in server.log and "GET / " not in server.log


def test_an_unknown_path_is_a_404_in_json_without_ids(server):
    answer = server.client.get(server.url("/nowhere"))
    assert answer.status_code == 404
    assert "/score" in answer.json()["message"]
    assert answer.headers["x-ms-run-function-failed"] == "False"
    assert "x-request-id" not in answer.headers


def test_another_method_is_a_405_that_names_the_allowed_ones(server):
    answer = server.client.put(server.url("/score"))
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST, OPTIONS")
    assert "PUT" in answer.json()["message"]


def test_a_request_without_an_id_gets_one(server):
    one, two = server.score("x"), server.score("x")
    assert len(one.headers["x-request-id"]) == 36
    assert one.headers["x-request-id"] != two.headers["x-request-id"]
    assert one.headers["x-ms-request-id"] == one.headers["x-request-id"]
    assert "x-ms-client-request-id" not in one.headers


def test_ids_and_trace_ids_come_back(server):
    sent = {"x-request-id": "r1", "x-ms-client-request-id": "c1", "traceid": "t1"}
    answer = server.score("x", headers=sent)
    assert {name: answer.headers[name] for name in sent} == sent
    assert answer.headers["x-ms-request-id"] == "c1"


def test_the_old_id_header_counts_as_the_clients(server):
    answer = server.score("x", headers={"x-ms-request-id": "old"})
    assert answer.headers["x-ms-client-request-id"] == answer.headers["x-ms-request-id"] == "old"


@pytest.mark.parametrize("name", ["x-request-id", "x-ms-request-id", "x-ms-client-request-id"])
def test_an_id_of_more_than_100_characters_is_refused(server, name):
    answer = server.score("x", headers={name: "i" * 101})
    assert answer.status_code == 431
    assert "must not exceed 100 characters" in answer.json()["message"]


def test_errors_carry_the_ids_too(server):
    assert server.score(b"\xff", headers={"x-request-id": "r2"}).headers["x-request-id"] == "r2"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused_in_words(server, chunked):
    content = iter([b"x" * 600, b"x" * 600]) if chunked else b"x" * 1001
    answer = server.client.post(server.url("/score"), content=content)
    assert answer.status_code == 413
    assert "1000 bytes" in answer.json()["message"]


def test_browsers_of_the_listed_origins_may_call(server):
    asked = {"origin": "https://b.example", "access-control-request-headers": "authorization"}
    answer = server.client.options(server.url("/score"), headers=asked)
    assert answer.headers["access-control-allow-origin"] == "https://b.example"
    assert answer.headers["access-control-allow-methods"] == "GET, POST"
    assert answer.headers["access-control-allow-headers"] == "authorization"


def test_other_origins_get_no_permission(server):
    answer = server.score("x", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "version, key, value",
    [("", "swagger", "2.0"), ("2", "swagger", "2.0"), ("2.0", "swagger", "2.0"), ("3", "openapi", "3.0.3"),
     ("3.0", "openapi", "3.0.3"), ("3.1", "openapi", "3.1.0")],
)  # fmt: skip
def test_swagger_comes_in_three_versions(server, version, key, value):
    document = server.client.get(server.url("/swagger.json"), params={"version": version} if version else {}).json()
    assert document[key] == value
    assert document["info"]["title"] == "cancer" and document["info"]["version"] == "7"
    assert document["paths"]["/services/default/cancer/score"]["post"]["operationId"] == "RunMLService"


def test_an_undecorated_script_has_an_open_schema(server):
    document = server.client.get(server.url("/swagger.json")).json()
    assert document["definitions"]["ServiceInput"] == {"type": "object", "example": {}}


def test_another_swagger_version_is_a_404_that_lists_the_served_ones(server):
    answer = server.client.get(server.url("/swagger.json?version=9"))
    assert answer.status_code == 404
    assert "[2, 3, 3.1]" in answer.json()["message"]


def test_a_swagger_file_of_the_users_is_served_instead(serve_script, tmp_path):
    (tmp_path / "swagger.json").write_text(json.dumps({"swagger": "2.0", "mine": True}))
    server = serve_script(ECHO, AML_APP_ROOT=str(tmp_path)).ready()
    assert server.client.get(server.url("/swagger.json")).json()["mine"]
    assert server.client.get(server.url("/swagger.json?version=3")).json()["openapi"] == "3.0.3"
