"""What passes between a caller and a workload, and in which form."""

import re
import threading

import httpx
import pytest
from upstreams import KEY, wait_until


def header(request: dict, name: str) -> str | None:
    return dict(request["headers"]).get(name)


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ("score", "/score"),
        ("", "/"),
        ("swagger.json?version=3", "/swagger.json?version=3"),
        ("v2/models/iris/infer", "/v2/models/iris/infer"),
        ("score/100%25?q=a%20b&c", "/score/100%25?q=a%20b&c"),
    ],
)
def test_the_workload_sees_the_path_below_the_service(iris, workload, asked, seen):
    assert iris.get(asked).status_code == 200
    assert workload.requests[0]["target"] == seen


def test_a_scoring_call_brings_the_workloads_answer_with_revision_and_request_id(iris, workload):
    answer = iris.post("score", json={"data": [[1, 2]]}, headers={"x-request-id": "mine-1"})
    assert (answer.status_code, answer.text) == (200, "workload")
    assert answer.headers["x-slipway-revision"] == "1"
    assert answer.headers["x-request-id"] == "mine-1"
    assert workload.requests[0]["body"] == b'{"data":[[1,2]]}'
    assert header(workload.requests[0], "x-request-id") == "mine-1"


def test_a_call_without_a_request_id_gets_a_new_uuid(iris, workload):
    ids = {iris.get("score").headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}", each) for each in ids)
    assert header(workload.requests[-1], "x-request-id") in ids


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
def test_the_methods_of_a_scoring_server_pass(iris, workload, method):
    answer = iris.request(method, "score")
    assert (answer.status_code, answer.headers["content-length"]) == (200, "8")
    assert workload.requests[0]["method"] == method


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_refused_with_the_list_of_those_that_pass(iris, workload, method):
    answer = iris.request(method, "score")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert workload.requests == []


def test_the_key_cookies_and_hop_by_hop_headers_stay_at_the_gateway(iris, workload):
    sent = {
        "Cookie": "sessionid=secret",
        "Proxy-Authorization": "Basic x",
        "TE": "trailers",
        "Keep-Alive": "timeout=5",
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "1",
        "X-Kept": "yes",
    }
    iris.post("score", content=b"x", headers=sent)
    seen = dict(workload.requests[0]["headers"])
    gone = {"authorization", "cookie", "proxy-authorization", "te", "keep-alive", "connection", "x-hop"}
    assert not gone & set(seen)
    assert seen["x-kept"] == "yes"


def test_who_called_is_told_by_the_gateway_and_not_by_the_caller(iris, workload, gateway):
    forged = {
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Host": "evil",
        "Forwarded": "for=evil",
        "X-Real-IP": "1.1.1.1",
    }
    iris.get("score", headers={**forged, "X-Forwarded-Prefix": "/evil", "X-Forwarded-User": "root"})
    seen = dict(workload.requests[0]["headers"])
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-host"] == f"127.0.0.1:{gateway.port}"
    assert seen["x-forwarded-proto"] == "http"
    assert seen["x-forwarded-prefix"] == "/services/default/iris"
    assert seen["host"] == workload.address.removeprefix("http://")
    assert not {"forwarded", "x-real-ip", "x-forwarded-user"} & set(seen)


def test_a_workload_cannot_set_cookies_of_the_studio_or_rename_request_and_revision(iris, workload):
    answer = iris.get("meddling")
    assert answer.status_code == 418
    assert "set-cookie" not in answer.headers and "x-private" not in answer.headers
    assert answer.headers["x-model"] == "kept"
    assert answer.headers.get_list("x-slipway-revision") == ["1"]
    assert answer.headers.get_list("x-request-id") == [dict(workload.requests[0]["headers"])["x-request-id"]]


@pytest.mark.parametrize("size", [0, 1, 70_000, 300_000, 5_000_000])
@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
def test_a_body_of_any_size_arrives_whole(iris, workload, size, chunked):
    body = bytes(range(256)) * (size // 256) + b"z" * (size % 256)
    parts = (body[at : at + 50_000] for at in range(0, size, 50_000))
    assert iris.post("score", content=parts if chunked else body).status_code == 200
    assert workload.requests[0]["body"] == body


def test_a_request_over_the_cap_is_refused_before_it_is_read(bare, workload):
    head = f"POST /services/default/iris/score HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
    said = bare(head.encode() + b"Expect: 100-continue\r\nContent-Length: 104857601\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 413 ") and b'"code":"body-too-large"' in said


def test_a_chunked_request_is_refused_once_it_outgrows_the_cap(iris, workload):
    part = b"x" * 1024**2
    answer = iris.post("score", content=(part for _ in range(101)))
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert workload.requests == []


def test_a_reply_is_passed_on_while_it_is_still_being_made(iris, workload):
    with iris.stream("GET", "endless") as answer:
        parts = answer.iter_raw()
        assert sum(len(next(parts)) for _ in range(20)) > 0
    wait_until(lambda: workload.left_early == 1)


def test_a_caller_that_reads_slowly_slows_the_workload_instead_of_filling_the_gateway(iris, workload):
    with iris.stream("GET", "endless"):
        wait_until(lambda: workload.sent_bytes > 0)
        levels = [0, -1]
        while levels[-1] != levels[-2]:
            threading.Event().wait(0.3)
            levels.append(workload.sent_bytes)
        assert levels[-1] < 32 * 1024**2
    wait_until(lambda: workload.left_early == 1)


def test_a_caller_that_leaves_ends_the_workloads_request(iris, workload):
    with pytest.raises(httpx.ReadTimeout):
        iris.post("gated", content=b"x", timeout=0.3)
    wait_until(lambda: workload.left_early == 1)


def test_connections_to_the_workload_are_kept_and_used_again(iris, workload):
    for _ in range(5):
        assert iris.get("score").status_code == 200
    assert len(workload.served.server.server_state.connections) == 1


def test_a_connection_the_workload_has_closed_is_not_used_again(iris, workload):
    iris.get("score")
    (connection,) = workload.served.server.server_state.connections
    connection.loop.call_soon_threadsafe(connection.transport.close)
    wait_until(lambda: not workload.served.server.server_state.connections)
    assert iris.post("score", content=b"x").status_code == 200
