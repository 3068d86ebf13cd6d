"""MLflow's scoring protocol, asked by MLflow's own client and by hand."""

import json

import httpx
import mlflow
import pandas
import pytest
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

from tests.scoring import models
from tests.scoring.scripts import ECHO

TABLE = models.CANCER_TABLE[:5]
EXPECTED = models.cancer_pipeline_with_names().predict(TABLE).tolist()


@pytest.fixture(scope="module")
def saved(start_server, tmp_path_factory):
    """A model that MLflow saved, with its signature."""
    folder = models.as_mlflow(
        models.cancer_pipeline_with_names(), tmp_path_factory.mktemp("saved") / "model", models.CANCER_TABLE
    )
    return start_server("--model", folder).ready()


@pytest.fixture(scope="module")
def plain(start_server, tmp_path_factory):
    """The same model as a pickle, of which MLflow knows nothing."""
    path = models.pickled(models.cancer_pipeline_with_names(), tmp_path_factory.mktemp("plain") / "model.pkl")
    return start_server("--model", path).ready()


@pytest.fixture(params=["saved", "plain"])
def server(request):
    return request.getfixturevalue(request.param)


def invoked(server, content, media_type="application/json") -> httpx.Response:
    text = content if isinstance(content, bytes | str) else json.dumps(content)
    return server.client.post(server.url("/invocations"), content=text, headers={"content-type": media_type})


def test_mlflows_own_client_finds_it_healthy_and_gets_predictions(server):
    url = httpx.URL(server.url())
    client = ScoringServerClient(url.host, url.port)
    client.wait_server_ready(timeout=30)
    assert client.get_version() == mlflow.__version__
    assert client.invoke(TABLE).get_predictions()[0].tolist() == EXPECTED


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": TABLE.to_dict(orient="split")},
        {"dataframe_records": TABLE.to_dict(orient="records")},
        {"instances": TABLE.to_dict(orient="records")},
        {"inputs": TABLE.to_dict(orient="list")},
        {"dataframe_split": {"columns": list(TABLE), "data": TABLE.to_numpy().tolist()}, "params": {}},
    ],
    ids=["split", "records", "instances", "inputs", "split with params"],
)
def test_every_form_of_json_is_taken(server, body):
    answer = invoked(server, body)
    assert (answer.status_code, answer.json()) == (200, {"predictions": EXPECTED})


def test_csv_is_taken(server):
    assert invoked(server, TABLE.to_csv(index=False), "text/csv").json() == {"predictions": EXPECTED}


def test_parquet_of_another_model_is_refused_in_words(plain):
    answer = invoked(plain, b"PAR1", "application/vnd.apache.parquet")
    assert (answer.status_code, answer.json()["error_code"]) == (415, "BAD_REQUEST")
    assert "models that MLflow saved" in answer.json()["message"]


@pytest.mark.parametrize(
    "content, media_type, status, words",
    [
        ("{", "application/json", 400, "not JSON"),
        ("[[1]]", "application/json", 400, "JSON dictionary with exactly one of the input fields"),
        ({"data": [[1]]}, "application/json", 400, "exactly one of the input fields"),
        ({"inputs": [], "instances": []}, "application/json", 400, "exactly one of the input fields"),
        ("a,b\n1\n", "text/csv", 400, ""),
        (b"\xff\xfe", "text/csv", 400, ""),
        ("x", "text/plain", 415, "only supports the content types"),
        ({"dataframe_split": {"columns": ["mean radius"], "data": [[1.0]]}}, "application/json", 400, "texture"),
    ],
)
def test_what_cannot_be_read_is_an_error_in_mlflows_words(server, content, media_type, status, words):
    answer = invoked(server, content, media_type)
    assert answer.status_code == status
    assert answer.json()["error_code"] == "BAD_REQUEST"
    assert words in answer.json()["message"]


def test_health_comes_with_the_model(server):
    for path in ("/ping", "/health"):
        answer = server.client.get(server.url(path))
        assert (answer.status_code, answer.text) == (200, "\n")


def test_parameters_reach_the_model(start_server, tmp_path):
    (tmp_path / "scaled.py").write_text(SCALED)
    mlflow.pyfunc.save_model(
        tmp_path / "model",
        python_model=str(tmp_path / "scaled.py"),
        pip_requirements=[],
        signature=mlflow.models.infer_signature(pandas.DataFrame({"x": [1.0]}), params={"by": 2.0}),
    )
    server = start_server("--model", tmp_path / "model").ready()
    body = {"dataframe_split": {"columns": ["x"], "data": [[3.0]]}}
    assert invoked(server, body).json() == {"predictions": [6.0]}
    assert invoked(server, body | {"params": {"by": 10.0}}).json() == {"predictions": [30.0]}


SCALED = """
import mlflow


class Scaled(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input["x"] * params["by"]


mlflow.models.set_model(Scaled())
"""


def test_a_service_with_a_script_says_that_it_speaks_azures_protocol(serve_script):
    answer = invoked(serve_script(ECHO).ready(), {"inputs": [1]})
    assert answer.status_code == 404
    assert "entry script" in answer.json()["message"]
