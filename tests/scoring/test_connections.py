"""What comes over the wire, byte by byte: pipelines, halves, nonsense, and clients that are in no hurry."""

import json
import re
import resource
import socket

import httpx
import pytest

from tests.scoring.scripts import ECHO


@pytest.fixture(scope="module")
def server(start_server, tmp_path_factory):
    script = tmp_path_factory.mktemp("script") / "score.py"
    script.write_text(ECHO)
    return start_server("--entry-script", script, SLIPWAY_MAX_BODY_BYTES="100000").ready()


@pytest.fixture
def wire(server):
    """A connection to write bytes to and to read answers from."""
    url = httpx.URL(server.url())
    with socket.create_connection((url.host, url.port), timeout=20) as connection:
        yield connection


def asked(body: str, *lines: str) -> bytes:
    head = ["POST /score HTTP/1.1", "host: x", f"content-length: {len(body)}", *lines, "", ""]
    return "\r\n".join(head).encode() + body.encode()


def answers(wire: socket.socket, count: int) -> list[tuple[int, dict[str, str], bytes]]:
    """Status, headers and body of the next answers."""
    stream, found = wire.makefile("rb"), []
    for _ in range(count):
        status = int(stream.readline().split()[1])
        headers = {}
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        found.append((status, headers, stream.read(int(headers.get("content-length", 0)))))
    return found


def raw(answer: tuple[int, dict[str, str], bytes]) -> str:
    assert answer[0] == 200, answer
    return json.loads(answer[2])["raw"]


def test_pipelined_requests_are_answered_in_their_order(wire):
    wire.sendall(b"".join(asked(str(number)) for number in range(300)))
    assert [raw(answer) for answer in answers(wire, 300)] == [str(number) for number in range(300)]


def test_a_refused_request_in_a_pipeline_keeps_its_place(wire):
    wire.sendall(asked("one") + b"GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n" + asked("two"))
    one, nowhere, two = answers(wire, 3)
    assert (raw(one), nowhere[0], raw(two)) == ("one", 404, "two")


def test_a_request_may_come_a_byte_at_a_time(wire):
    for byte in asked("slow"):
        wire.sendall(bytes([byte]))
    assert raw(answers(wire, 1)[0]) == "slow"


def test_a_body_may_come_in_chunks_and_another_request_behind_it(wire):
    head = b"POST /score HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    wire.sendall(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" + asked("next"))
    assert [raw(answer) for answer in answers(wire, 2)] == ["abcde", "next"]


def test_who_asks_whether_to_go_on_is_told_so(wire):
    wire.sendall(b"POST /score HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
    assert wire.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    wire.sendall(b"hi")
    assert raw(answers(wire, 1)[0]) == "hi"


def test_an_offer_of_http_2_is_let_be(wire):
    wire.sendall(asked("old", "connection: upgrade, http2-settings", "upgrade: h2c", "http2-settings: AAMAAABk"))
    assert raw(answers(wire, 1)[0]) == "old"
    wire.sendall(asked("still here"))
    assert raw(answers(wire, 1)[0]) == "still here"


@pytest.mark.parametrize("head", ["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"])
def test_the_connection_ends_where_the_client_wants_it_to(wire, head):
    wire.sendall(head.encode())
    assert answers(wire, 1)[0][2] == b"Healthy"
    assert wire.recv(1) == b""


def test_a_head_has_a_length_and_no_body(wire):
    wire.sendall(b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n" + asked("next"))
    head = wire.makefile("rb")
    lines = iter(head.readline, b"\r\n")
    assert b"content-length: 7\r\n" in list(lines)
    assert head.readline() == b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("nonsense", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"hello there\r\n\r\n"])
def test_what_is_not_http_is_told_so_in_json(wire, nonsense):
    wire.sendall(nonsense)
    status, headers, body = answers(wire, 1)[0]
    assert (status, headers["connection"]) == (400, "close")
    assert "not an HTTP/1.1 request" in json.loads(body)["message"]
    assert wire.recv(1) == b""


def test_headers_without_end_are_refused(server, wire):
    def refused() -> str:
        metrics = server.client.get(server.url("/metrics")).text
        return re.search(r'slipway_requests_total\{route="other",status="431"\} (\S+)|$', metrics)[1]

    assert refused() is None
    wire.sendall(b"GET / HTTP/1.1\r\n")
    with pytest.raises(ConnectionError):
        for _ in range(100_000):
            wire.sendall(b"x-more: " + b"a" * 1000 + b"\r\n")
    assert refused() == "1.0"


def test_a_body_announced_too_large_is_refused_before_it_is_sent(wire):
    wire.sendall(b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-length: 100000000000\r\n\r\n")
    status, headers, body = answers(wire, 1)[0]
    assert (status, headers["connection"]) == (413, "close")
    assert "100000 bytes" in json.loads(body)["message"]


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_ten_thousand_connections_that_say_nothing_are_in_nobodys_way(server, many_files):
    url = httpx.URL(server.url())
    count = min(10_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 1000)  # as many as the machine grants
    idle = [socket.create_connection((url.host, url.port)) for _ in range(count)]
    try:
        assert server.score("through").json()["raw"] == "through"
    finally:
        for connection in idle:
            connection.close()


def test_clients_that_leave_before_their_answer_harm_nobody(server):
    url = httpx.URL(server.url())
    for _ in range(50):
        with socket.create_connection((url.host, url.port)) as connection:
            connection.sendall(asked("gone") * 3)
    assert server.score("still here").json()["raw"] == "still here"
