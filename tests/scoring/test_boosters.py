"""Files of XGBoost and LightGBM, and skops files, answer as their models do."""

import lightgbm
import numpy as np
import pytest
import skops.io
import xgboost
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from slipway_scoring import loaders
from slipway_scoring.errors import BadInput, BootFailure

from tests.scoring import models

ROWS = models.CANCER[:5]
TABLE = models.CANCER_TABLE


@pytest.fixture
def classifier(tmp_path):
    model = xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(models.CANCER, models.IS_BENIGN)
    model.save_model(tmp_path / "model.ubj")
    return model, loaders.load(tmp_path / "model.ubj")


@pytest.fixture
def forest(tmp_path):
    data = lightgbm.Dataset(TABLE.rename(columns=lambda name: name.replace(" ", "_")), models.IS_BENIGN)
    model = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, 5)
    model.save_model(tmp_path / "model.lgb")
    return model, loaders.load(tmp_path / "model.lgb")


def test_a_classifier_of_xgboost_answers_with_labels(classifier):
    model, served = classifier
    assert models.scored(served, {"data": ROWS.tolist()})["predictions"].tolist() == model.predict(ROWS).tolist()


def test_a_booster_answers_with_its_values(tmp_path):
    data = xgboost.DMatrix(models.CANCER, models.IS_BENIGN)
    booster = xgboost.train({"objective": "binary:logistic", "nthread": 1}, data, 5)
    booster.save_model(tmp_path / "model.xgb")
    served = loaders.load(tmp_path / "model.xgb")
    expected = booster.predict(xgboost.DMatrix(ROWS))
    np.testing.assert_allclose(models.scored(served, {"data": ROWS.tolist()})["predictions"], expected, rtol=1e-6)


def test_columns_of_lightgbm_are_found_by_name(forest):
    model, served = forest
    records = TABLE[:5].rename(columns=lambda name: name.replace(" ", "_")).to_dict(orient="records")
    backwards = [dict(reversed(record.items())) for record in records]
    found = models.scored(served, {"dataframe_records": backwards})["predictions"]
    np.testing.assert_allclose(found, model.predict(ROWS))
    assert served.signature()["inputs"][0]["name"] == "mean_radius"


def test_many_at_once_get_each_their_own(forest):
    model, served = forest
    asked = [served.read({"data": ROWS[at : at + 2].tolist()}) for at in (0, 1, 3)]
    found = served.predict_together(asked)
    for at, result in zip((0, 1, 3), found, strict=True):
        np.testing.assert_allclose(result["predictions"], model.predict(ROWS[at : at + 2]))


def test_missing_values_are_the_boosters_to_handle(classifier):
    model, served = classifier
    row = [None, *ROWS[0].tolist()[1:]]
    expected = model.predict(np.asarray([row], dtype=float)).tolist()
    assert models.scored(served, {"data": [row]})["predictions"].tolist() == expected


@pytest.mark.parametrize(
    "document, words",
    [
        ({"data": [[1.0]]}, "Row 1 has 1 values; the model expects 30"),
        ({"data": [["x"] * 30]}, "takes numbers alone"),
        ({"dataframe_records": [{"a": 1}]}, "trained without column names"),
    ],
)
def test_what_a_booster_cannot_take_is_refused_in_words(classifier, document, words):
    with pytest.raises(BadInput, match=words):
        models.scored(classifier[1], document)


def test_tensors_are_taken(classifier):
    model, served = classifier
    asked = served.read_tensors({"x": ROWS})
    assert served.predict(asked)["predictions"].tolist() == model.predict(ROWS).tolist()
    with pytest.raises(BadInput, match="takes rows of 30 values"):
        served.read_tensors({"x": ROWS[:, :3]})


@pytest.mark.parametrize("name", ["model.ubj", "model.lgb"])
def test_a_file_that_is_something_else_is_told_so(tmp_path, name):
    (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(BootFailure) as refused:
        loaders.load(tmp_path / name)
    assert refused.value.code == "model-not-loadable"
    assert name in str(refused.value)


def test_a_skops_file_answers_as_its_estimator(tmp_path):
    skops.io.dump(models.cancer_pipeline(), tmp_path / "model.skops")
    served = loaders.load(tmp_path / "model.skops")
    found = models.scored(served, {"data": ROWS.tolist()})["predictions"].tolist()
    assert found == models.cancer_pipeline().predict(ROWS).tolist()


def test_trees_in_a_skops_file_are_trusted(tmp_path):
    skops.io.dump(models.digits_forest(), tmp_path / "model.skops")
    served = loaders.load(tmp_path / "model.skops")
    found = models.scored(served, {"data": models.DIGITS[:3].tolist()})["predictions"].tolist()
    assert found == models.digits_forest().predict(models.DIGITS[:3]).tolist()


def test_a_skops_file_with_code_of_somebodys_own_is_refused_by_name(tmp_path):
    model = make_pipeline(FunctionTransformer(models.scored), LogisticRegression())
    model.steps[1][1].fit(models.IRIS, models.SPECIES)
    skops.io.dump(model, tmp_path / "model.skops")
    with pytest.raises(BootFailure, match=r"tests\.scoring\.models\.scored"):
        loaders.load(tmp_path / "model.skops")
