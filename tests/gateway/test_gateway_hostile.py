"""Requests made to get somewhere they should not. What passes is looked at byte by byte."""

import re

import pytest
from upstreams import KEY, Scripted

HEAD = f"Host: x\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def listener(scripted, routes) -> Scripted:
    """A workload that keeps the very bytes it was sent."""
    made = scripted(OK)
    routes.set("iris", made.address)
    return made


def get(target: str, extra: str = "") -> bytes:
    return f"GET {target} HTTP/1.1\r\n{HEAD}{extra}\r\n".encode("latin-1")


@pytest.mark.parametrize(
    "path",
    [
        "/..",
        "/../other/score",
        "/score/../../other/score",
        "/score/.",
        "/%2e%2e/other/score",
        "/%2E%2e/other",
        "/.%2e/other",
        "/%2e/score",
        "/..;/admin",
        "/%2e%2e;x=y/admin",
        "/%252e%252e/other",
        "/%25252e%25252e/other",
        "/a%2fb",
        "/%2e%2e%2fother",
        "/..%5cother",
        "/..\\other",
        "/a\\b",
        "/%5c..",
        "//evil.example/score",
        "/a//b",
        "/%2f%2fevil.example",
        "/a%00b",
        "/a%0d%0aHost:%20evil",
        "/a%0ab",
        "/a%",
        "/a%zz",
        "/a%2",
    ],
)
def test_a_path_cannot_climb_out_of_its_service(bare, listener, path):
    said = bare(get(f"/services/default/iris{path}"))
    assert said.startswith(b"HTTP/1.1 400 ")
    assert listener.received == []


@pytest.mark.parametrize(
    "target",
    [
        "*",
        "/",
        "/services",
        "/services/",
        "/services/default",
        "/services/default/",
        "/services//iris/score",
        "/services/../services/default/iris/score",
        "/services/default/../default/iris/score",
        "/services/default/%69ris/score",
        "/services/.default/iris/score",
        "/SERVICES/default/iris/score",
        "/x/services/default/iris/score",
        "/healthz/services/default/iris/score",
    ],
)
def test_an_address_that_names_no_service_is_a_404(bare, listener, target):
    assert bare(get(target)).startswith(b"HTTP/1.1 404 ")
    assert listener.received == []


@pytest.mark.parametrize("target", ["services/default/iris/score", "/services/default/iris/scöre", "/a b"])
def test_a_target_that_is_no_path_is_a_400(bare, listener, target):
    assert bare(get(target)).startswith(b"HTTP/1.1 400 ")
    assert listener.received == []


def test_the_host_in_an_absolute_target_steers_nothing(bare, listener):
    bare(get("http://evil.example/services/default/iris/score"))
    assert listener.received[0].startswith(b"GET /score HTTP/1.1\r\nhost: 127.0.0.1:")


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcdG",
        "Content-Length: 4, 5\r\n\r\nabcdG",
        "Content-Length: +4\r\n\r\nabcd",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 0x4\r\n\r\nabcd",
        "Content-Length : 4\r\n\r\nabcd",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nContent-Length: 50\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nabXX0\r\n\r\n",
        "X-A: b\rX-B: c\r\n\r\n",
        "X-A: b\x00c\r\n\r\n",
        "X A: b\r\n\r\n",
        ": b\r\n\r\n",
    ],
)
def test_a_request_two_servers_could_read_differently_is_refused(bare, listener, framing):
    said = bare(f"POST /services/default/iris/score HTTP/1.1\r\n{HEAD}{framing}".encode("latin-1"))
    assert said.startswith(b"HTTP/1.1 400 ")
    assert not any(b"smuggled" in sent for sent in listener.received)


def test_a_chunked_body_is_framed_anew(bare, listener):
    body = "Transfer-Encoding: chunked\r\n\r\n2;evil=ext\r\nab\r\n1\r\nc\r\n0\r\nX-Trailer: evil\r\n\r\n"
    bare(f"POST /services/default/iris/score HTTP/1.1\r\n{HEAD}{body}".encode())
    head, _, sent = listener.received[0].partition(b"\r\n\r\n")
    assert sent == b"abc"
    assert b"content-length: 3" in head and b"transfer-encoding" not in head and b"evil=ext" not in head


def test_trailers_say_nothing_about_who_calls(bare, listener):
    body = "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Forwarded-For: evil\r\nCookie: evil\r\n\r\n"
    bare(f"POST /services/default/iris/score HTTP/1.1\r\n{HEAD}{body}".encode())
    assert b"content-length: 2\r\n" in listener.received[0] and b"evil" not in listener.received[0]


def test_connection_cannot_be_used_to_strip_what_the_gateway_adds(bare, listener):
    bare(get("/services/default/iris/score", "Connection: close, x-forwarded-for, x-request-id, host\r\n"))
    sent = listener.received[0]
    assert b"\r\nx-forwarded-for: 127.0.0.1\r\n" in sent and b"\r\nx-request-id: " in sent and b"host: " in sent


def test_a_protocol_cannot_be_switched_past_the_gateway(bare, listener):
    said = bare(
        get(
            "/services/default/iris/score",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        )
    )
    assert said.startswith(b"HTTP/1.1 200 ")
    assert b"upgrade" not in listener.received[0].lower() and b"http2-settings" not in listener.received[0].lower()


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("x" * 100, b"200"),
        ("x" * 101, b"431"),
        ("x" * 5000, b"431"),
        ("sch\xf6n", b"400"),
        ("tab\there", b"400"),
        ("with spaces inside", b"200"),
    ],
)
def test_a_request_id_is_kept_short_and_printable(bare, listener, value, status):
    said = bare(get("/services/default/iris/score", f"x-request-id: {value}\r\n"))
    assert said.startswith(b"HTTP/1.1 " + status)
    assert (f"x-request-id: {value}\r\n".encode("latin-1") in said) == (status == b"200")


@pytest.mark.parametrize("query", ["a=\xe9", "a=\x7f", "a b"])
def test_a_query_that_is_not_plain_is_refused(bare, listener, query):
    assert bare(get(f"/services/default/iris/score?{query}")).startswith(b"HTTP/1.1 400 ")
    assert listener.received == []


def test_pipelined_requests_are_answered_one_by_one_in_order(bare, routes, make_workload):
    workload = make_workload()
    routes.set("iris", workload.address)
    first, second = (get("/services/default/iris/first"), get("/nothing"))
    first, second = (each.replace(b"Connection: close\r\n", b"") for each in (first, second))
    said = bare(first + second + get("/services/default/iris/second"))
    assert re.findall(rb"HTTP/1.1 (\d+)", said) == [b"200", b"404", b"200"]
    assert [request["target"] for request in workload.requests] == ["/first", "/second"]
