"""scikit-learn models without a script: every form of rows gives the model's own predictions."""

import numpy as np
import pytest
from slipway_scoring import loaders
from slipway_scoring.errors import BadInput, BootFailure

from tests.scoring import models

ROWS = models.CANCER[:5].tolist()
NAMES = list(models.CANCER_TABLE.columns)
RECORDS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]


@pytest.fixture(scope="module")
def cancer(tmp_path_factory):
    return loaders.load(models.pickled(models.cancer_pipeline(), tmp_path_factory.mktemp("m") / "model.pkl"))


@pytest.fixture(scope="module")
def named_cancer(tmp_path_factory):
    path = tmp_path_factory.mktemp("m") / "model.joblib"
    return loaders.load(models.dumped(models.cancer_pipeline_with_names(), path))


def predictions(predictor, document) -> list:
    return np.asarray(models.scored(predictor, document)["predictions"]).tolist()


@pytest.mark.parametrize(
    "document",
    [
        {"data": ROWS},
        {"data": ROWS, "method": "predict"},
        {"input_data": {"columns": list(range(30)), "index": [0, 1, 2, 3, 4], "data": ROWS}},
        {"input_data": ROWS},
        {"dataframe_split": {"data": ROWS}},
        {"inputs": ROWS},
        {"instances": ROWS},
        ROWS,
    ],
    ids=str,
)
def test_rows_in_any_accepted_form_are_predicted(cancer, document):
    assert predictions(cancer, document) == models.cancer_pipeline().predict(ROWS).tolist()


@pytest.mark.parametrize(
    "document",
    [
        {"data": ROWS},
        {"dataframe_records": RECORDS},
        {"data": [dict(reversed(record.items())) | {"comment": "extra"} for record in RECORDS]},
        {"input_data": {"columns": NAMES[::-1], "index": [0], "data": [row[::-1] for row in ROWS]}},
        {"dataframe_split": {"columns": [*NAMES, "extra"], "data": [[*row, 0] for row in ROWS]}},
    ],
    ids=["rows", "records", "records in another order", "columns in another order", "an extra column"],
)
def test_a_model_trained_on_named_columns_finds_them_by_name(named_cancer, document):
    expected = models.cancer_pipeline_with_names().predict(models.CANCER_TABLE[:5]).tolist()
    assert predictions(named_cancer, document) == expected


@pytest.mark.parametrize("method", ["predict_proba", "decision_function", "predict_log_proba"])
def test_the_method_can_be_chosen(cancer, method):
    expected = getattr(models.cancer_pipeline(), method)(ROWS).tolist()
    assert predictions(cancer, {"data": ROWS, "method": method}) == expected


def test_a_method_the_model_lacks_is_refused_with_those_it_has(cancer):
    with pytest.raises(BadInput, match="no method 'transform'; it has predict, predict_proba"):
        models.scored(cancer, {"data": ROWS, "method": "transform"})


@pytest.mark.parametrize(
    "document, words",
    [
        ({"data": [[1.0] * 29]}, "Row 1 has 29 values; the model expects 30"),
        ({"data": [[1.0] * 30, [1.0] * 31]}, "Row 2 has 31 values; the model expects 30"),
        ({"data": [1.0] * 30}, "Row 1 is not a list of values"),
        ({"data": [[[1.0]] * 30]}, "nested in a row"),
        ({"data": []}, "There are no rows"),
        ({"data": "text"}, "Rows must be a list, not a string"),
        ({"dataframe_split": {"columns": "x"}}, '"columns": \\[...\\], "data"'),
        ({"inputs": {"a": [1, 2], "b": [3]}}, "columns have different lengths: 1, 2"),
        ({"inputs": {"a": []}}, "the columns are empty"),
        ({"values": ROWS}, "one of the keys data, input_data.*; it has 'values'"),
        ({}, "it has no keys"),
        ({"data": ROWS, "inputs": ROWS}, "it has 'data', 'inputs'"),
        (7, "must be a JSON object or a list of rows, not a number"),
        (None, "not null"),
        ({"data": [{"a": 1}]}, "trained without column names"),
        ({"data": [[[1.0], [1.0, 2.0], *[1.0] * 28]]}, "nested in a row"),
        ({"data": [[{"a": 1}] * 30]}, "nested in a row"),
        ({"input_data": {"columns": [[1]], "data": ROWS}}, "columns must be a list of names"),
        ({"data": [["text"] * 30]}, "The model refused the rows: could not convert string to float"),
        ({"data": [[None] * 30]}, "The model refused the rows: Input X contains NaN"),
    ],
)
def test_what_the_model_cannot_take_is_refused_in_words(cancer, document, words):
    with pytest.raises(BadInput, match=words):
        models.scored(cancer, document)


@pytest.mark.parametrize(
    "document, words",
    [
        ({"data": [{"mean radius": 1.0}]}, "Missing columns in row 1: mean texture, .* and 19 more"),
        ({"data": [RECORDS[0], [1.0]]}, "Row 2 must be an object"),
        ({"input_data": {"columns": NAMES[1:], "data": [ROWS[0][1:]]}}, "Missing columns: mean radius"),
        ({"input_data": {"columns": NAMES[::-1], "data": [[1.0]]}}, "Row 1 must be a list of 30 values"),
        ({"data": [[1.0]]}, "Row 1 has 1 values; the model expects 30"),
    ],
)
def test_missing_columns_are_named(named_cancer, document, words):
    with pytest.raises(BadInput, match=words):
        models.scored(named_cancer, document)


def test_null_is_a_missing_value_for_models_that_take_them(tmp_path):
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(max_iter=5).fit(models.IRIS, models.SPECIES)
    predictor = loaders.load(models.pickled(model, tmp_path / "model.pkl"))
    expected = model.predict([[np.nan, 3.0, 1.0, 0.2]]).tolist()
    assert predictions(predictor, [[None, 3.0, 1.0, 0.2]]) == expected


def test_text_and_numbers_may_stand_side_by_side(tmp_path):
    predictor = loaders.load(models.pickled(models.mixed_pipeline(), tmp_path / "model.pkl"))
    expected = models.mixed_pipeline().predict(models.mixed_table()).tolist()
    assert predictions(predictor, models.mixed_table().to_numpy().tolist()) == expected
    assert predictions(predictor, models.mixed_table().to_dict(orient="records")) == expected


def test_a_model_of_texts_takes_a_list_of_texts_and_answers_with_labels(tmp_path):
    predictor = loaders.load(models.pickled(models.text_pipeline(), tmp_path / "model.pkl"))
    assert models.scored(predictor, {"data": ["very good", "bad"]}) == {"predictions": ["happy", "sad"]}


def test_a_model_of_texts_refuses_rows_of_values(tmp_path):
    predictor = loaders.load(models.pickled(models.text_pipeline(), tmp_path / "model.pkl"))
    with pytest.raises(BadInput, match="If it takes texts"):
        models.scored(predictor, {"data": [["very good"]]})


def test_a_model_that_only_transforms_does_that(tmp_path):
    from sklearn.preprocessing import OneHotEncoder

    model = OneHotEncoder().fit([["a"], ["b"]])
    predictor = loaders.load(models.pickled(model, tmp_path / "model.pkl"))
    assert predictions(predictor, [["b"]]) == [[0.0, 1.0]]


def test_a_file_of_another_scikit_learn_is_loaded_with_a_warning(tmp_path, caplog, monkeypatch):
    import logging

    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit([[1.0]], [1.0])
    state = model.__getstate__() | {"_sklearn_version": "1.0.2"}
    monkeypatch.setattr(LinearRegression, "__getstate__", lambda self: state)
    path = models.pickled(model, tmp_path / "model.pkl")
    monkeypatch.setattr(logging.getLogger("slipway"), "propagate", True)
    loaders.load(path)
    assert "saved with scikit-learn 1.0.2" in caplog.text
    assert "Pin scikit-learn==1.0.2" in caplog.text


@pytest.mark.parametrize(
    "content, code, words",
    [
        (b"not a pickle", "model-not-loadable", "could not be loaded as a scikit-learn model"),
        (b"", "model-not-loadable", "could not be loaded"),
        (b"cno_such_module\nThing\n.", "framework-missing", "'no_such_module'"),
        (b"c__main__\nMyScaler\n.", "model-not-loadable", "move it to a module"),
        (b"\x80\x04}\x94.", "model-not-loadable", "holds a dict, which has no predict"),
    ],
)
def test_a_file_that_does_not_load_says_why(tmp_path, content, code, words):
    (tmp_path / "model.pkl").write_bytes(content)
    with pytest.raises(BootFailure, match=words) as failure:
        loaders.load(tmp_path)
    assert failure.value.code == code
