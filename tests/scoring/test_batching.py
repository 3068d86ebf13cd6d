"""Requests that arrive together are scored together, and nobody can tell from the answers."""

import json
import re
import socket

import httpx
import numpy as np
import pytest
from slipway_scoring import entry_script, loaders
from slipway_scoring.dataplane import Asked, Call, ModelScorer
from slipway_scoring.errors import ResultNotSerialisable, ScoringError, ScriptFailed

from tests.scoring import models
from tests.scoring.test_connections import answers

PIPELINE_ROWS = models.CANCER[:100]


def together(server, bodies: list) -> list[tuple[int, dict]]:
    """Status and JSON of each; written at once on one connection, so that they arrive together."""
    url = httpx.URL(server.url())
    requests = []
    for body in map(json.dumps, bodies):
        head = f"POST /score HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
        requests.append((head + body).encode())
    with socket.create_connection((url.host, url.port), timeout=30) as connection:
        connection.sendall(b"".join(requests))
        return [(status, json.loads(body)) for status, _, body in answers(connection, len(bodies))]


def largest_batch(server) -> int:
    """The smallest bound that no batch exceeded."""
    text = server.client.get(server.url("/metrics")).text
    found = re.findall(r'slipway_batch_requests_bucket\{le="([\d.]+)"\} ([\d.]+)', text)
    everything = max(float(count) for _, count in found)
    return next(int(float(bound)) for bound, count in found if float(count) == everything)


@pytest.fixture(scope="module")
def cancer(start_server, tmp_path_factory):
    path = models.pickled(models.cancer_pipeline(), tmp_path_factory.mktemp("model") / "model.pkl")
    return start_server("--model", path).ready()


def test_each_of_many_gets_its_own_rows_answer(cancer):
    found = together(cancer, [{"data": [row]} for row in PIPELINE_ROWS.tolist()])
    expected = models.cancer_pipeline().predict(PIPELINE_ROWS).tolist()
    assert [body["predictions"] for _, body in found] == [[label] for label in expected]
    assert largest_batch(cancer) > 4


def test_requests_of_several_rows_and_methods_are_told_apart(cancer):
    bodies = [
        {"data": PIPELINE_ROWS[:3].tolist()},
        {"data": PIPELINE_ROWS[3:4].tolist(), "method": "predict_proba"},
        {"data": PIPELINE_ROWS[4:9].tolist()},
        {"data": PIPELINE_ROWS[9:11].tolist(), "method": "predict_proba"},
    ]
    found = [body["predictions"] for _, body in together(cancer, bodies)]
    model = models.cancer_pipeline()
    assert found[0] == model.predict(PIPELINE_ROWS[:3]).tolist()
    assert found[2] == model.predict(PIPELINE_ROWS[4:9]).tolist()
    np.testing.assert_allclose(found[1], model.predict_proba(PIPELINE_ROWS[3:4]), rtol=1e-9)
    np.testing.assert_allclose(found[3], model.predict_proba(PIPELINE_ROWS[9:11]), rtol=1e-9)


@pytest.mark.parametrize(
    "bad, words",
    [
        ([[1.0, 2.0]], "Row 1 has 2 values"),
        ([["text"] * 30], "could not convert string to float"),
        ([[None] * 30], "contains NaN"),
        ([[[1.0]] * 30], "nested in a row"),
        ("no rows", "Rows must be a list"),
    ],
)
def test_what_one_asks_wrongly_is_its_own_error_alone(cancer, bad, words):
    good = [{"data": [row]} for row in PIPELINE_ROWS[:20].tolist()]
    found = together(cancer, [*good[:10], {"data": bad}, *good[10:]])
    status, body = found.pop(10)
    assert status == 400 and words in body["message"]
    expected = models.cancer_pipeline().predict(PIPELINE_ROWS[:20]).tolist()
    assert [body["predictions"] for _, body in found] == [[label] for label in expected]


def test_batching_can_be_turned_off(start_server, tmp_path):
    path = models.pickled(models.cancer_pipeline(), tmp_path / "model.pkl")
    server = start_server("--model", path, SLIPWAY_BATCHING="off").ready()
    found = together(server, [{"data": [row]} for row in PIPELINE_ROWS.tolist()])
    assert [status for status, _ in found] == [200] * 100
    assert largest_batch(server) == 1


def test_a_graph_is_asked_for_many_rows_at_once_too(start_server, tmp_path):
    path = models.as_onnx(models.digits_forest(), models.DIGITS, tmp_path / "model.onnx", options={"zipmap": False})
    server = start_server("--model", path).ready()
    found = together(server, [{"data": [row]} for row in models.DIGITS[:100].tolist()])
    expected = models.digits_forest().predict(models.DIGITS[:100]).tolist()
    assert [body["predictions"] for _, body in found] == [[label] for label in expected]
    assert [len(body["outputs"]["probabilities"]) for _, body in found] == [1] * 100
    assert largest_batch(server) > 4


def test_a_graph_that_mixes_its_rows_is_asked_for_each_request_alone(tmp_path):
    from onnx import TensorProto, helper

    from tests.scoring.test_onnx import graph

    table = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])
    mixing = graph(tmp_path / "m.onnx", [table], [out], [helper.make_node("Softmax", ["x"], ["y"], axis=0)])
    assert mixing.read([[1.0, 2.0]]).kind is None
    apart = graph(tmp_path / "n.onnx", [table], [out], [helper.make_node("Softmax", ["x"], ["y"], axis=1)])
    assert apart.read([[1.0, 2.0]]).kind is not None


def test_a_pipeline_with_a_step_of_the_users_own_is_asked_alone(tmp_path):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    model = make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()).fit(models.IRIS, models.SPECIES)
    served = loaders.load(models.pickled(model, tmp_path / "model.pkl"))
    assert served.read({"data": models.IRIS[:1].tolist()}).kind is None


TOGETHER = """
def init(): pass

def run(raw_data):
    return {"alone": raw_data}

def run_batch(inputs):
    if "spoil" in inputs:
        raise ValueError("spoiled")
    if "short" in inputs:
        return []
    return [ValueError("mine alone") if text == "bad" else {"together": text} for text in inputs]
"""


@pytest.fixture
def outcomes(tmp_path):
    """`outcomes("a", "b")`: what the script's answers are to these bodies, asked at once."""
    path = tmp_path / "score.py"
    path.write_text(TOGETHER)
    script = entry_script.load(path, timeout_ms=10_000)

    def asked(*bodies: str) -> list:
        found = script.score([Call(body=body.encode()) for body in bodies])
        return [each if isinstance(each, ScoringError) else json.loads(each.body) for each in found]

    return asked


def test_a_script_may_take_many_at_once(outcomes):
    assert outcomes("a", "b") == [{"together": "a"}, {"together": "b"}]
    assert outcomes("a") == [{"alone": "a"}]


def test_an_exception_among_the_results_is_one_requests_own(outcomes):
    first, bad, last = outcomes("a", "bad", "c")
    assert (first, last) == ({"together": "a"}, {"together": "c"})
    assert isinstance(bad, ScriptFailed) and "mine alone" not in str(bad)


@pytest.mark.parametrize("word", ["spoil", "short"])
def test_where_a_batch_fails_each_is_run_alone(outcomes, word):
    assert outcomes("a", word, "b") == [{"alone": "a"}, {"alone": word}, {"alone": "b"}]


@pytest.mark.parametrize("batching, word", [("on", "together"), ("off", "alone")])
def test_scripts_are_asked_so_over_http_unless_it_is_turned_off(start_server, tmp_path, batching, word):
    path = tmp_path / "score.py"
    path.write_text(TOGETHER)
    server = start_server("--entry-script", path, SLIPWAY_BATCHING=batching).ready()
    found = together(server, [f"n{number}" for number in range(40)])
    assert [status for status, _ in found] == [200] * 40
    assert [next(iter(body.values())) for _, body in found] == [f'"n{number}"' for number in range(40)]
    assert {"together", "alone"} >= {next(iter(body)) for _, body in found} >= {word}
    assert batching == "on" or {next(iter(body)) for _, body in found} == {"alone"}


def test_an_answer_that_cannot_be_written_spoils_no_other():
    class Odd:
        any_thread = True
        takes_arrays = False

        def read(self, document):
            return Asked(document, "rows")

        def predict_together(self, asked):
            return [{"predictions": object() if each.values == "odd" else each.values} for each in asked]

    found = ModelScorer(Odd(), 10_000).score([Call(body=json.dumps(word).encode()) for word in ("a", "odd", "b")])
    assert [json.loads(found[at].body)["predictions"] for at in (0, 2)] == ["a", "b"]
    assert isinstance(found[1], ResultNotSerialisable)
