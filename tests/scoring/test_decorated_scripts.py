"""Scripts under inference_schema's decorators, the real package (Azure ML v1 contract, 1.2, 1.9)."""

import pytest

SCRIPT = """
import numpy as np
from inference_schema.schema_decorators import input_schema, output_schema
from inference_schema.parameter_types.numpy_parameter_type import NumpyParameterType
from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType

def init(): pass

@input_schema("data", NumpyParameterType(np.array([[1.0, 2.0]])))
@input_schema("factor", StandardPythonParameterType(2), optional=True)
@output_schema(StandardPythonParameterType([1.0]))
def run(data, factor=1):
    return [type(data).__name__, (data * factor).sum()]
"""
ROWS = {"data": [[1.0, 2.0], [3.0, 4.0]]}


@pytest.fixture(scope="module")
def server(start_server, tmp_path_factory):
    script = tmp_path_factory.mktemp("script") / "score.py"
    script.write_text(SCRIPT)
    return start_server("--entry-script", script).ready()


def send(server, body, content_type="application/json"):
    return server.score(body, headers={"content-type": content_type})


def test_the_declared_value_arrives_converted_and_the_default_fills_in(server):
    assert send(server, ROWS).json() == ["ndarray", 10.0]


def test_further_keys_are_ignored_and_further_parameters_passed(server):
    assert send(server, ROWS | {"factor": 3, "else": 1}).json() == ["ndarray", 30.0]


def test_a_get_reads_the_parameters_from_the_query(server):
    answer = server.client.get(server.url("/score"), params={"data": "[[1, 2]]", "factor": "2"})
    assert answer.json() == ["ndarray", 6.0]


@pytest.mark.parametrize(
    "body, content_type, status, words",
    [
        (ROWS, "text/plain", 415, "Expects Content-Type to be application/json"),
        ("", "application/json", 400, "POST body is empty. Expecting a JSON dictionary."),
        ("{", "application/json", 400, "POST body could not be decoded as JSON"),
        ("[1]", "application/json", 400, "POST body should be a JSON dictionary."),
        ("{}", "application/json", 400, "A value is not provided for the 'data' parameter."),
        ("[" * 100_000, "application/json", 400, "POST body could not be decoded as JSON"),
    ],
)
def test_what_cannot_be_read_is_refused_in_azures_words(server, body, content_type, status, words):
    answer = send(server, body, content_type)
    assert answer.status_code == status
    assert answer.json()["message"].startswith(words)
    assert answer.headers["x-ms-run-function-failed"] == "False"


@pytest.mark.parametrize("value", [[[1.0, 2.0, 3.0]], [1.0], [["a", "b"]], "text"])
def test_a_value_of_the_wrong_shape_or_type_counts_as_a_failure_of_the_script(server, value):
    answer = send(server, {"data": value})
    assert answer.status_code == 500
    assert answer.headers["x-ms-run-function-failed"] == "True"


def test_swagger_shows_the_declared_samples(server):
    document = server.client.get(server.url("/swagger.json")).json()
    assert document["definitions"]["ServiceInput"]["properties"]["data"]["format"] == "numpy.ndarray"


def test_a_declaration_swagger_2_cannot_express_is_left_out_of_it(serve_script):
    script = """
from inference_schema.schema_decorators import input_schema
from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType
def init(): pass
@input_schema("data", StandardPythonParameterType([1, "a"]))
def run(data): return data
"""
    server = serve_script(script).ready()
    assert server.client.get(server.url("/swagger.json")).status_code == 404
    assert server.client.get(server.url("/swagger.json?version=3")).status_code == 200
    assert send(server, {"data": [2, "b"]}).json() == [2, "b"]
