"""The four kinds of models over HTTP, each answering as the model itself does."""

import pytest

from tests.scoring import models

ROWS = models.CANCER[:20].tolist()


@pytest.fixture(scope="module")
def sklearn_server(start_server, tmp_path_factory):
    """Started as a driver starts it, from the environment alone."""
    root = tmp_path_factory.mktemp("app")
    folder = root / "azureml-models" / "cancer" / "1"
    folder.mkdir(parents=True)
    models.pickled(models.cancer_pipeline(), folder / "model.pkl")
    variables = {"AML_APP_ROOT": str(root), "AZUREML_MODEL_DIR": str(folder), "SLIPWAY_FRAMEWORK": "ScikitLearn"}
    return start_server(**variables).ready()


def test_a_pickled_pipeline(sklearn_server):
    answer = sklearn_server.score({"data": ROWS})
    assert answer.json() == {"predictions": models.cancer_pipeline().predict(ROWS).tolist()}
    assert answer.headers["x-ms-run-function-failed"] == "False"
    assert float(answer.headers["x-ms-run-fn-exec-ms"]) > 0


def test_probabilities_are_exactly_the_models_own(sklearn_server):
    answer = sklearn_server.score({"data": ROWS, "method": "predict_proba"})
    assert answer.json()["predictions"] == models.cancer_pipeline().predict_proba(ROWS).tolist()


def test_the_log_tells_versions_model_files_and_time(sklearn_server):
    assert "scikit-learn 1." in sklearn_server.log
    assert "model.pkl (" in sklearn_server.log
    assert "Loaded in " in sklearn_server.log


def test_swagger_shows_a_row_of_the_right_width(sklearn_server):
    document = sklearn_server.client.get(sklearn_server.url("/swagger.json")).json()
    assert sklearn_server.score(document["definitions"]["ServiceInput"]["example"]).status_code == 200


@pytest.mark.parametrize(
    "body, words",
    [
        ("", "The body is empty"),
        ("{", "The body is not JSON: unexpected end of data: line 1 column 2"),
        ("[" * 100_000, "The body is not JSON"),
        ('{"data": NaN, ' * 10_000, "The body is not JSON"),
        ('{"data": [[1]]}', "Row 1 has 1 values; the model expects 30."),
    ],
)
def test_a_body_the_model_cannot_take_is_a_400_in_words(sklearn_server, body, words):
    answer = sklearn_server.score(body)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(words)


def test_a_bare_nan_is_read_as_python_clients_write_it(sklearn_server):
    answer = sklearn_server.score('{"data": [[' + ",".join(["NaN"] * 30) + "]]}")
    assert answer.status_code == 400
    assert "Input X contains NaN" in answer.json()["message"]


def test_a_get_is_refused(sklearn_server):
    answer = sklearn_server.client.get(sklearn_server.url("/score?data=1"))
    assert answer.status_code == 400 and "POST" in answer.json()["message"]


def test_an_azure_script_with_a_random_forest(start_server, tmp_path):
    models.dumped(models.digits_forest(), tmp_path / "model.joblib")
    (tmp_path / "score.py").write_text("""
import json, os, joblib
def init():
    global model
    model = joblib.load(os.path.join(os.getenv("AZUREML_MODEL_DIR"), "model.joblib"))
def run(raw_data):
    return model.predict(json.loads(raw_data)["data"]).tolist()
""")
    server = start_server("--entry-script", tmp_path / "score.py", "--model-dir", tmp_path).ready()
    rows = models.DIGITS[:20].tolist()
    assert server.score({"data": rows}).json() == models.digits_forest().predict(rows).tolist()


def test_an_onnx_file(start_server, tmp_path):
    path = models.as_onnx(models.cancer_pipeline(), models.CANCER[:1], tmp_path / "model.onnx")
    answer = start_server("--model", path, OMP_NUM_THREADS="1").ready().score({"data": ROWS}).json()
    assert answer["predictions"] == models.cancer_pipeline().predict(ROWS).tolist()
    assert answer["outputs"]["output_label"] == answer["predictions"]
    assert set(answer["outputs"]["output_probability"][0]) == {"0", "1"}


def test_an_mlflow_folder(start_server, tmp_path):
    folder = models.as_mlflow(models.cancer_pipeline_with_names(), tmp_path / "saved", models.CANCER_TABLE)
    server = start_server("--model", folder).ready()
    split = {"columns": list(models.CANCER_TABLE.columns), "data": ROWS}
    expected = models.cancer_pipeline_with_names().predict(models.CANCER_TABLE[:20]).tolist()
    assert server.score({"dataframe_split": split}).json() == {"predictions": expected}


@pytest.fixture
def without_pandas(tmp_path):
    """Variables for an environment where pandas cannot be imported."""
    from tests.scoring.conftest import SCORING

    (tmp_path / "hidden" / "pandas").mkdir(parents=True)
    (tmp_path / "hidden" / "pandas" / "__init__.py").write_text("raise ImportError('pandas is not here')")
    return {"PYTHONPATH": f"{tmp_path / 'hidden'}:{SCORING}"}


def test_named_columns_go_by_position_where_pandas_is_absent(start_server, tmp_path, without_pandas):
    path = models.pickled(models.cancer_pipeline_with_names(), tmp_path / "model.pkl")
    server = start_server("--model", path, **without_pandas).ready()
    names = list(models.CANCER_TABLE.columns)
    records = [dict(zip(reversed(names), reversed(row), strict=True)) for row in ROWS]
    expected = models.cancer_pipeline().predict(ROWS).tolist()
    assert server.score({"data": ROWS}).json()["predictions"] == expected
    assert server.score({"data": records}).json()["predictions"] == expected
    assert "valid feature names" not in server.log


def test_a_model_that_needs_pandas_says_so_at_boot(start_server, tmp_path, without_pandas):
    path = models.pickled(models.mixed_pipeline(), tmp_path / "model.pkl")
    failure = start_server("--model", path, **without_pandas).failure()
    assert failure["code"] == "framework-missing"
    assert "Add pandas to the requirements" in failure["message"]


def test_a_model_file_that_does_not_load_ends_the_boot_with_its_cause(start_server, tmp_path):
    (tmp_path / "model.pkl").write_bytes(b"nonsense")
    failure = start_server("--model", tmp_path).failure()
    assert failure["code"] == "model-not-loadable"
    assert "model.pkl" in failure["message"]
    assert "Traceback" in failure["traceback"]
