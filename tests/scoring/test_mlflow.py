"""Folders saved by MLflow, loaded with mlflow-skinny."""

import mlflow.pyfunc
import numpy as np
import pytest
from slipway_scoring import loaders
from slipway_scoring.errors import BadInput

from tests.scoring import models

ROWS = models.CANCER[:5].tolist()
NAMES = list(models.CANCER_TABLE.columns)
SPLIT = {"columns": NAMES, "data": ROWS}
EXPECTED = models.cancer_pipeline_with_names().predict(models.CANCER_TABLE[:5]).tolist()


def saved(tmp_path_factory, model, rows, **options):
    return loaders.load(models.as_mlflow(model, tmp_path_factory.mktemp("m") / "model", rows, **options))


@pytest.fixture(scope="module")
def with_columns(tmp_path_factory):
    return saved(tmp_path_factory, models.cancer_pipeline_with_names(), models.CANCER_TABLE)


@pytest.fixture(scope="module")
def with_tensor(tmp_path_factory):
    # MLflow saves with skops, which refuses trees unless the saver says that they may be trusted.
    options = {"skops_trusted_types": ["sklearn.tree._tree.Tree"]}
    return saved(tmp_path_factory, models.digits_forest(), models.DIGITS, **options)


@pytest.fixture(scope="module")
def without_signature(tmp_path_factory):
    options = {"serialization_format": "cloudpickle"}
    return saved(tmp_path_factory, models.cancer_pipeline_with_names(), None, **options)


def predictions(predictor, document) -> list:
    return np.asarray(models.scored(predictor, document)["predictions"]).tolist()


@pytest.mark.parametrize(
    "document",
    [
        {"dataframe_split": SPLIT},
        {"input_data": SPLIT | {"index": [0, 1, 2, 3, 4]}},
        {"dataframe_records": [dict(zip(NAMES, row, strict=True)) for row in ROWS]},
        {"data": ROWS},
        ROWS,
    ],
    ids=["dataframe_split", "input_data", "dataframe_records", "data", "bare"],
)
@pytest.mark.parametrize("predictor", ["with_columns", "without_signature"])
def test_tables_are_predicted_as_the_model_itself_does(request, predictor, document):
    assert predictions(request.getfixturevalue(predictor), document) == EXPECTED


@pytest.mark.parametrize("key", ["data", "inputs", "instances", "input_data", None])
def test_a_model_with_a_tensor_signature_takes_arrays(with_tensor, key):
    rows = models.DIGITS[:5].tolist()
    document = {key: rows} if key else rows
    assert predictions(with_tensor, document) == models.digits_forest().predict(models.DIGITS[:5]).tolist()


def test_columns_are_found_by_name(with_columns):
    document = {"dataframe_split": {"columns": NAMES[::-1], "data": [row[::-1] for row in ROWS]}}
    assert predictions(with_columns, document) == EXPECTED


@pytest.mark.parametrize(
    "document, words",
    [
        ({"dataframe_split": {"columns": NAMES[1:], "data": [ROWS[0][1:]]}}, "missing inputs"),
        ({"data": [[1.0]]}, "Row 1 has 1 values; the model expects 30"),
        ({"data": [["a"] * 30]}, "[Cc]onvert"),
        ({"values": ROWS}, "it has 'values'"),
    ],
)
def test_what_breaks_the_signature_is_refused_in_words(with_columns, document, words):
    with pytest.raises(BadInput, match=words) as refused:
        models.scored(with_columns, document)
    assert len(str(refused.value)) < 600


def test_a_tensor_of_the_wrong_shape_is_refused(with_tensor):
    with pytest.raises(BadInput, match=r"[Ss]hape"):
        models.scored(with_tensor, {"inputs": [[1.0, 2.0]]})


class RowSums(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return model_input.sum(axis=1).tolist()


def test_a_python_function_of_its_authors_own_is_served(tmp_path):
    mlflow.pyfunc.save_model(tmp_path / "sums", python_model=RowSums(), pip_requirements=["mlflow-skinny"])
    served = loaders.load(tmp_path / "sums")
    table = {"columns": ["a", "b"], "data": [[1, 2], [3, 4]]}
    assert models.scored(served, {"dataframe_split": table}) == {"predictions": [3, 7]}
