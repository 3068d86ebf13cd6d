"""What a service may be asked at once, how long it may take, and what its failures look like."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from upstreams import KEY, wait_until

from gateway import caller


def test_no_more_requests_are_in_flight_than_the_service_allows(iris, workload, routes):
    routes.set("iris", workload.address, max_concurrent=2, max_queue_wait_s=5.0)
    routes.settle()
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(iris.post, "gated", content=b"x") for _ in range(8)]
        wait_until(lambda: workload.in_flight == 2)
        time.sleep(0.2)
        assert workload.in_flight == 2
        workload.gate.set()
        assert [each.result().status_code for each in asked] == [200] * 8
    assert workload.most_in_flight == 2


def test_a_request_that_waits_too_long_for_its_turn_is_told_so_in_azures_words(iris, workload, routes):
    routes.set("iris", workload.address, max_concurrent=1, max_queue_wait_s=0.2)
    routes.settle()
    with ThreadPoolExecutor() as threads:
        first = threads.submit(iris.post, "gated", content=b"x")
        wait_until(lambda: workload.in_flight == 1)
        answer = iris.post("score", content=b"x")
        assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
        assert answer.json()["detail"] == "Too many requests for service iris (overloaded)"
        assert answer.headers["retry-after"] == "1"
        workload.gate.set()
        assert first.result().status_code == 200


def test_every_way_a_request_can_end_gives_its_turn_back(iris, workload, routes, scripted):
    routes.set("iris", scripted(b"not http at all\r\n\r\n").address, max_concurrent=1, max_queue_wait_s=0.0)
    routes.settle()
    for _ in range(3):
        assert iris.post("score", content=b"x").json()["code"] == "reply-broken"
    routes.set("iris", workload.address, max_concurrent=1, max_queue_wait_s=0.0, scoring_timeout_s=0.1)
    routes.settle()
    for _ in range(3):
        assert iris.post("gated", content=b"x").json()["code"] == "scoring-timeout"
    assert iris.post("score", content=b"x").status_code == 200


def test_a_workload_that_thinks_too_long_becomes_a_504_and_its_request_is_ended(iris, workload, routes):
    routes.set("iris", workload.address, scoring_timeout_s=0.2)
    routes.settle()
    answer = iris.post("gated", content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (504, "scoring-timeout")
    assert "within its scoring timeout of 0.2 seconds" in answer.json()["detail"]
    assert answer.headers["x-slipway-revision"] == "1"
    wait_until(lambda: workload.left_early == 1)


def test_a_workload_that_takes_no_data_becomes_a_504(iris, routes):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        routes.set("iris", f"http://127.0.0.1:{deaf.getsockname()[1]}", scoring_timeout_s=0.3)
        answer = iris.post("score", content=b"x" * 30_000_000)
    assert (answer.status_code, answer.json()["code"]) == (504, "scoring-timeout")


def test_a_caller_that_stops_sending_is_told_and_holds_no_turn(gateway, workload, routes, iris, monkeypatch):
    monkeypatch.setattr(caller, "BODY_STALL_S", 0.3)
    routes.set("iris", workload.address, max_concurrent=1, max_queue_wait_s=0.0)
    routes.settle()
    head = f"POST /services/default/iris/score HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as connection:
        connection.sendall(head.encode() + b"Content-Length: 10\r\n\r\nhalf")
        assert iris.get("score").status_code == 200
        said = connection.recv(65536)
    assert said.startswith(b"HTTP/1.1 408 ") and b'"code":"body-stalled"' in said


def test_a_caller_that_sends_slowly_is_no_fault_of_the_workload(iris, workload, routes, monkeypatch):
    monkeypatch.setattr(caller, "READ_AHEAD_BYTES", 1)
    routes.set("iris", workload.address, scoring_timeout_s=0.2)
    routes.settle()
    slow = (time.sleep(0.3) or b"x" for _ in range(3))
    assert iris.post("score", content=slow).status_code == 200
    assert workload.requests[0]["body"] == b"xxx"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"", "Replica closed connection before replying"),
        (b"HTTP/1.1 200 O", "Replica closed connection before replying"),
        (b"\x00\xff\r\n\r\n", "not valid HTTP"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nraw",
            "not valid HTTP",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "not valid HTTP",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", "not valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nX-A: 1\rSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n", "not valid HTTP"),
    ],
)
def test_a_reply_that_is_no_reply_becomes_a_502_that_says_so(iris, routes, scripted, reply, said):
    routes.set("iris", scripted(reply).address)
    answer = iris.post("score", content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (502, "reply-broken")
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("reply", "body"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold", b"old"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n", b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\nsmuggled", b"ok"),
    ],
)
def test_every_way_http_frames_a_reply_is_understood(iris, routes, scripted, reply, body):
    routes.set("iris", scripted(reply).address)
    answer = iris.get("score")
    assert answer.content == body
    assert "link" not in answer.headers and "x-trailer" not in answer.headers


def test_a_reply_that_breaks_off_reaches_the_caller_as_broken(bare, routes, scripted):
    routes.set("iris", scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart").address)
    head = f"GET /services/default/iris/score HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
    said = bare(head.encode() + b"\r\n")
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"content-length: 100" in head and body == b"part"


def test_what_the_workload_says_itself_passes_unchanged(iris, routes, scripted):
    routes.set("iris", scripted(b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nmine").address)
    answer = iris.post("score", content=b"x")
    assert (answer.status_code, answer.text) == (500, "mine")
