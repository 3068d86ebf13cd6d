"""Open Inference Protocol, asked by Triton's own client and by hand."""

import json

import httpx
import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from tests.scoring import models
from tests.scoring.scripts import ECHO

ROWS = models.CANCER[:5]


@pytest.fixture(scope="module")
def cancer(start_server, tmp_path_factory):
    """Started as a driver starts it: the folder tells name and version."""
    folder = tmp_path_factory.mktemp("app") / "azureml-models" / "cancer" / "7"
    folder.mkdir(parents=True)
    models.pickled(models.cancer_pipeline(), folder / "model.pkl")
    return start_server(AZUREML_MODEL_DIR=str(folder)).ready()


@pytest.fixture(scope="module")
def digits(start_server, tmp_path_factory):
    """A graph of two outputs."""
    path = tmp_path_factory.mktemp("model") / "model.onnx"
    models.as_onnx(models.digits_forest(), models.DIGITS, path, options={"zipmap": False})
    return start_server("--model", path).ready()


def client_of(server) -> triton.InferenceServerClient:
    url = httpx.URL(server.url())
    return triton.InferenceServerClient(f"{url.host}:{url.port}")


def tensor(name: str, values: np.ndarray, datatype: str, *, binary: bool) -> triton.InferInput:
    asked = triton.InferInput(name, list(values.shape), datatype)
    asked.set_data_from_numpy(values, binary_data=binary)
    return asked


def test_tritons_client_finds_server_and_model(cancer):
    client = client_of(cancer)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("cancer")
    assert client.is_model_ready("cancer", "7")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    about = client.get_model_metadata("cancer")
    assert (about["name"], about["versions"]) == ("cancer", ["7"])
    assert about["inputs"] == [{"name": "input", "datatype": "FP64", "shape": [-1, 30]}]
    assert about["outputs"] == [{"name": "predictions", "datatype": "INT64", "shape": [-1]}]


@pytest.mark.parametrize("binary", [True, False])
def test_tritons_client_gets_the_models_own_predictions(cancer, binary):
    asked = triton.InferRequestedOutput("predictions", binary_data=binary)
    found = client_of(cancer).infer(
        "cancer", [tensor("x", ROWS, "FP64", binary=binary)], outputs=[asked], request_id="r7"
    )
    assert found.as_numpy("predictions").tolist() == models.cancer_pipeline().predict(ROWS).tolist()
    said = found.get_response()
    assert (said["id"], said["model_name"], said["model_version"]) == ("r7", "cancer", "7")


@pytest.mark.parametrize("binary", [True, False])
def test_a_graph_gives_its_outputs_by_name(digits, binary):
    rows = models.DIGITS[:4].astype(np.float32)
    found = client_of(digits).infer("model", [tensor("X", rows, "FP32", binary=binary)])
    assert found.as_numpy("label").tolist() == models.digits_forest().predict(models.DIGITS[:4]).tolist()
    np.testing.assert_allclose(
        found.as_numpy("probabilities"), models.digits_forest().predict_proba(models.DIGITS[:4]), atol=1e-5
    )
    asked = triton.InferRequestedOutput("label", binary_data=binary)
    found = client_of(digits).infer("model", [tensor("X", rows, "FP32", binary=binary)], outputs=[asked])
    assert found.as_numpy("probabilities") is None


def test_texts_go_there_and_back_as_bytes(start_server, tmp_path):
    path = models.pickled(models.text_pipeline(), tmp_path / "model.pkl")
    server = start_server("--model", path).ready()
    texts = np.array(["very good", "bad"], dtype=object)
    for binary in (True, False):
        found = client_of(server).infer("model", [tensor("text", texts, "BYTES", binary=binary)])
        said = [each.decode() if isinstance(each, bytes) else each for each in found.as_numpy("predictions")]
        assert said == ["happy", "sad"]


def test_columns_may_come_as_tensors_of_their_own(start_server, tmp_path):
    path = models.pickled(models.mixed_pipeline(), tmp_path / "model.pkl")
    server = start_server("--model", path).ready()
    table = models.mixed_table()
    columns = {"town": "BYTES", "rooms": "INT64", "size": "FP64"}
    inputs = [
        tensor(name, table[name].to_numpy(dtype=object if kind == "BYTES" else None), kind, binary=True)
        for name, kind in columns.items()
    ]
    found = client_of(server).infer("model", inputs).as_numpy("predictions")
    np.testing.assert_allclose(found, models.mixed_pipeline().predict(table))


def test_a_model_that_mlflow_saved_takes_tensors_too(start_server, tmp_path):
    folder = models.as_mlflow(models.cancer_pipeline(), tmp_path / "model", models.CANCER)
    server = start_server("--model", folder).ready()
    found = client_of(server).infer("model", [tensor("x", ROWS, "FP64", binary=True)])
    assert found.as_numpy("predictions").tolist() == models.cancer_pipeline().predict(ROWS).tolist()


def test_another_models_name_is_told_from_this_ones(cancer):
    with pytest.raises(InferenceServerException):
        client_of(cancer).get_model_metadata("other")


def described(**changes) -> dict:
    one = {"name": "x", "shape": [1, 30], "datatype": "FP64", "data": ROWS[:1].tolist()} | changes
    return {"inputs": [one]}


@pytest.mark.parametrize(
    "body, words",
    [
        ("{", "not JSON"),
        ({}, '"inputs"'),
        ({"inputs": []}, '"inputs"'),
        ({"inputs": [1]}, "object with a name"),
        (described(datatype="FP8"), "known are BOOL"),
        (described(datatype=["FP64"]), "known are BOOL"),
        (described(shape="x"), "needs a shape"),
        (described(shape=[-1, 30]), "needs a shape"),
        (described(shape=[2, 30]), "takes 60 values; there are 30"),
        (described(shape=[1, 29], data=[0] * 29), "29 values; the model expects 30"),
        (described(data=None), "has no data"),
        (described(data=["x"]), "is not FP64"),
        (described(datatype="INT8", data=[1000] * 30), "is not INT8"),
        (described(datatype="BYTES"), "is not BYTES"),
        (described(parameters={"binary_data_size": 10}), "0 bytes are left"),
        (described() | {"outputs": [{"name": "other"}]}, "no output 'other'"),
        (described() | {"outputs": "x"}, '"outputs" must be a list'),
        ({"inputs": described()["inputs"] * 2}, "two inputs 'x'"),
    ],
)
def test_what_cannot_be_read_is_a_400_in_the_protocols_words(cancer, body, words):
    text = body if isinstance(body, str) else json.dumps(body)
    answer = cancer.client.post(cancer.url("/v2/models/cancer/infer"), content=text)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


@pytest.mark.parametrize("length", ["x", "9999", "-1"])
def test_a_header_length_that_is_none_is_refused(cancer, length):
    headers = {"inference-header-content-length": length}
    content = json.dumps(described())
    answer = cancer.client.post(cancer.url("/v2/models/cancer/infer"), content=content, headers=headers)
    assert answer.status_code == 400 and "not a length" in answer.json()["error"]


@pytest.mark.parametrize(
    "size, behind, words", [(2, b"12", "takes 240 bytes"), (240, b"\0" * 250, "10 bytes are left")]
)
def test_bytes_that_do_not_fit_are_told_so(cancer, size, behind, words):
    text = json.dumps(described(parameters={"binary_data_size": size})).encode()
    headers = {"inference-header-content-length": str(len(text))}
    answer = cancer.client.post(cancer.url("/v2/models/cancer/infer"), content=text + behind, headers=headers)
    assert answer.status_code == 400 and words in answer.json()["error"]


def test_texts_longer_than_their_bytes_are_refused(cancer):
    text = json.dumps(described(datatype="BYTES", shape=[1], parameters={"binary_data_size": 6})).encode()
    headers = {"inference-header-content-length": str(len(text))}
    content = text + b"\xff\xff\xff\xffab"
    answer = cancer.client.post(cancer.url("/v2/models/cancer/infer"), content=content, headers=headers)
    assert answer.status_code == 400 and "longer than its bytes" in answer.json()["error"]


def test_a_service_with_a_script_says_that_it_speaks_azures_protocol(serve_script):
    server = serve_script(ECHO).ready()
    answer = server.client.post(server.url("/v2/models/model/infer"), content="{}")
    assert (answer.status_code, "entry script" in answer.json()["error"]) == (404, True)
