"""`@rawhttp`: the request as it is, the response as it was made (Azure ML v1 contract, 1.5)."""

import json

import httpx
import pytest

RAW = """
import json
from azureml.contrib.services.aml_request import AMLRequest, rawhttp
from azureml.contrib.services.aml_response import AMLResponse
from flask import Response

def init(): pass

def pieces():
    yield "one "
    yield "two"

def broken():
    yield "half"
    raise ValueError("no more")

@rawhttp
def run(request):
    asked = request.args.get("want")
    if asked == "plain":
        return {"method": request.method, "length": len(request.get_data())}
    if asked == "json":
        return AMLResponse({"got": request.get_json()}, 201, {"x-a": "1,2"}, json_str=True)
    if asked == "text":
        return AMLResponse("words", 200)
    if asked == "none":
        return AMLResponse(None, 200)
    if asked == "failed":
        return AMLResponse("it failed", 200, run_function_failed=True)
    if asked == "teapot":
        return AMLResponse("short and stout", 418)
    if asked == "broke":
        return AMLResponse("broke", 503)
    if asked == "stream":
        return Response(pieces(), mimetype="text/plain")
    if asked == "broken":
        return Response(broken(), mimetype="text/plain")
    if asked == "smuggle":
        response = Response("x")
        response.headers["x-fine"] = "y"
        response.headers["content-length"] = "99"
        response.headers["connection"] = "upgrade"
        return response
    if asked == "form":
        return {name: request.form[name] for name in request.form} | {"file": request.files["f"].read().decode()}
    return AMLResponse(request.get_data(), 200, {"content-type": "application/octet-stream"})
"""


@pytest.fixture(scope="module")
def server(start_server, tmp_path_factory):
    script = tmp_path_factory.mktemp("script") / "score.py"
    script.write_text(RAW)
    return start_server("--entry-script", script, AML_CORS_ORIGINS="https://a.example").ready()


def asked(server, want: str, method: str = "POST", **options) -> httpx.Response:
    return server.client.request(method, server.url("/score"), params={"want": want}, **options)


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_the_request_is_handed_over_whole_whatever_its_method(server, method):
    answer = asked(server, "plain", method, content=b"\xff\x00ab")
    assert answer.json() == {"method": method, "length": 4}


def test_bytes_come_back_as_they_went(server):
    answer = asked(server, "echo", content=b"\x00\xff" * 1000)
    assert answer.content == b"\x00\xff" * 1000
    assert answer.headers["content-type"] == "application/octet-stream"


def test_forms_and_files_are_flasks(server):
    answer = asked(server, "form", data={"name": "x"}, files={"f": b"content"})
    assert answer.json() == {"name": "x", "file": "content"}


def test_status_headers_and_json_of_an_aml_response(server):
    answer = asked(server, "json", json={"a": 1})
    assert (answer.status_code, answer.json()) == (201, {"got": {"a": 1}})
    assert answer.headers.get_list("x-a") == ["1", "2"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-ms-run-function-failed"] == "False"
    assert float(answer.headers["x-ms-run-fn-exec-ms"]) >= 0


@pytest.mark.parametrize(
    "want, status, text, failed",
    [
        ("text", 200, "words", "False"),
        ("none", 200, "{}", "False"),
        ("failed", 200, "it failed", "True"),
        ("teapot", 418, "short and stout", "False"),
        ("broke", 503, "broke", "True"),
    ],
)
def test_what_a_response_says_is_what_arrives(server, want, status, text, failed):
    answer = asked(server, want)
    assert (answer.status_code, answer.text) == (status, text)
    assert answer.headers["x-ms-run-function-failed"] == failed
    assert answer.headers["content-type"].startswith("text/html")


def test_a_streamed_response_arrives_whole(server):
    answer = asked(server, "stream")
    assert answer.text == "one two"
    assert answer.headers["transfer-encoding"] == "chunked"


def test_a_stream_that_breaks_is_not_taken_for_a_whole_one(server):
    with pytest.raises(httpx.RemoteProtocolError):
        asked(server, "broken")
    assert server.until(lambda: "no more" in server.log)
    assert asked(server, "text").text == "words"


def test_a_script_cannot_break_the_framing_of_its_answer(server):
    answer = asked(server, "smuggle")
    assert (answer.text, answer.headers["x-fine"], answer.headers["content-length"]) == ("x", "y", "1")


def test_rawhttp_and_input_schema_do_not_go_together(serve_script):
    text = """
from azureml.contrib.services.aml_request import rawhttp
from inference_schema.schema_decorators import input_schema
from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType

def init(): pass

@rawhttp
@input_schema("data", StandardPythonParameterType(1))
def run(data): return data
"""
    failure = serve_script(text).failure()
    assert failure["code"] == "entry-script-contract"
    assert "@rawhttp and @input_schema" in failure["message"]


def test_without_flask_the_script_says_what_to_add(serve_script, tmp_path):
    hide = "import sys\nsys.modules['flask'] = sys.modules['werkzeug'] = sys.modules['werkzeug.wrappers'] = None\n"
    line = "from azureml.contrib.services.aml_request import rawhttp\ndef init(): pass\ndef run(data): pass\n"
    assert "add flask to the requirements" in serve_script(hide + line).failure()["message"]


def test_a_plain_script_may_return_a_flask_response(serve_script):
    text = "from flask import Response\ndef init(): pass\ndef run(data): return Response(data, status=202)\n"
    answer = serve_script(text).ready().score(json.dumps("x"))
    assert (answer.status_code, answer.text) == (202, '"x"')
