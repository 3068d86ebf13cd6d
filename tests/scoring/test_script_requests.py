"""What run() receives from each kind of request (Azure ML v1 contract, 1.2)."""

import httpx
import pytest

from tests.scoring.scripts import ECHO

BODY = '{"data": [[1, 2]], "name": "Grüße"}'


@pytest.fixture(scope="module")
def echo(start_server, tmp_path_factory):
    script = tmp_path_factory.mktemp("script") / "score.py"
    script.write_text(ECHO)
    return start_server("--entry-script", script).ready()


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", None])
def test_run_gets_the_whole_body_as_text_whatever_its_type(echo, content_type):
    headers = {"content-type": content_type} if content_type else {}
    assert echo.score(BODY, headers=headers).json() == {"raw": BODY, "initialised": True}


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_sent_as_a_form_arrives_too_and_the_log_warns(echo, content_type):
    assert echo.score(BODY, headers={"content-type": content_type}).json()["raw"] == BODY
    assert "Content-Type: application/json" in echo.log


def test_an_empty_body_is_an_empty_text(echo):
    assert echo.score("").json()["raw"] == ""


def test_bytes_that_are_not_utf8_are_refused(echo):
    answer = echo.score(b"\xff\xfe")
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Input cannot be decoded as UTF-8")


@pytest.mark.parametrize(
    "query, raw",
    [
        ("", "{}"),
        ("?a=1&b=x&b=y", '{"a": 1, "b": ["x", "y"]}'),
        ("?a=[1,2]&t=true&n=null&e=", '{"a": [1, 2], "t": true, "n": null, "e": ""}'),
    ],
)
def test_a_get_hands_its_query_over_as_json(echo, query, raw):
    assert echo.client.get(echo.url("/score" + query)).json()["raw"] == raw


def test_prints_reach_the_log_at_once(echo):
    echo.score("a text to look for")
    assert "run got 'a text to look for'" in echo.log


def test_options_is_answered_without_the_script(echo):
    answer = echo.client.options(echo.url("/score"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/html")


def test_request_headers_are_handed_to_a_run_that_names_them(serve_script):
    script = "def init(): pass\ndef run(request_headers, data): return [data, request_headers['X-Tenant']]"
    server = serve_script(script).ready()
    assert server.score("hi", headers={"x-tenant": "blue"}).json() == ["hi", "blue"]


def test_a_driver_modules_own_run_is_called_but_the_outer_init(serve_script, tmp_path):
    (tmp_path / "inner.py").write_text("def run(data): return ['inner', data]")
    outer = "import inner as driver_module\ndef init(): print('outer init')\ndef run(x): return 'outer'"
    server = serve_script(outer).ready()
    assert server.score("hi").json() == ["inner", "hi"]
    assert "outer init" in server.log


def test_a_chunked_body_arrives_whole(echo):
    answer = echo.client.post(echo.url("/score"), content=iter([b"one ", b"two"]))
    assert answer.json()["raw"] == "one two"


def test_a_client_that_leaves_within_its_body_does_no_harm(echo):
    import socket

    url = httpx.URL(echo.url())
    with socket.create_connection((url.host, url.port)) as client:
        client.sendall(b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
    assert echo.until(lambda: "A client went away" in echo.log)
    assert echo.score("still here").status_code == 200
