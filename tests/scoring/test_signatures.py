"""What loaded models tell of their inputs and outputs."""

import pytest
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor
from slipway_scoring import loaders

from tests.scoring import models

X = [[0.0, 1.0], [1.0, 0.0], [2.0, 5.0], [3.0, 1.0]]


def told(model, folder) -> dict:
    return loaders.load(models.pickled(model, folder / "model.pkl")).signature()


def test_a_classifier_tells_its_width_and_the_type_of_its_classes(tmp_path):
    assert told(models.cancer_pipeline(), tmp_path) == {
        "inputs": [{"name": "", "type": "", "shape": [None, 30]}],
        "outputs": [{"name": "predict", "type": "int64", "shape": [None]}],
    }


def test_a_model_trained_on_named_columns_tells_their_names(tmp_path):
    inputs = told(models.cancer_pipeline_with_names(), tmp_path)["inputs"]
    assert [entry["name"] for entry in inputs] == list(models.CANCER_TABLE.columns)


@pytest.mark.parametrize(("model", "output"), [
    (LinearRegression().fit(X, [1, 2, 3, 4]), {"type": "float64", "shape": [None]}),
    (DecisionTreeRegressor().fit(X, X), {"type": "float64", "shape": [None, 2]}),
    (KMeans(2, n_init=1).fit(X), {"type": "int64", "shape": [None]}),
], ids=lambda value: type(value).__name__)  # fmt: skip
def test_type_and_shape_of_what_it_predicts(tmp_path, model, output):
    assert told(model, tmp_path)["outputs"] == [{"name": "predict", **output}]


def test_a_vectoriser_of_texts_tells_nothing_wrong(tmp_path):
    assert told(TfidfVectorizer().fit(["a b", "long words"]), tmp_path) == {"inputs": [], "outputs": []}


def test_an_onnx_graph_tells_names_types_and_shapes(tmp_path):
    path = models.as_onnx(models.cancer_pipeline(), models.CANCER[:1], tmp_path / "model.onnx")
    (entry,) = loaders.load(path).signature()["inputs"]
    assert entry["type"] in {"float32", "float64"} and entry["shape"][-1] == 30


def test_the_server_tells_it_at_an_address_of_its_own(start_server, tmp_path):
    models.pickled(models.cancer_pipeline(), tmp_path / "model.pkl")
    server = start_server(AML_APP_ROOT=str(tmp_path), AZUREML_MODEL_DIR=str(tmp_path)).ready()
    answer = server.client.get(server.url("/signature"))
    assert (answer.status_code, answer.json()["inputs"][0]["shape"]) == (200, [None, 30])
