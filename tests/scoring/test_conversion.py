"""A graph takes the place of a model only where it says the same, and sooner; what it cannot say, the model says."""

import json

import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from slipway_scoring import conversion, loaders
from slipway_scoring.conversion import comparing, samples
from slipway_scoring.dataplane import Call, ModelScorer
from slipway_scoring.errors import ScoringError
from slipway_scoring.loaders import scikit_learn

from tests.scoring import models

CANCER, IRIS = models.CANCER, models.IRIS


def converted(model):
    return conversion.faster(scikit_learn.of(model, "model.pkl"))


def scored(predictor, *bodies: dict) -> list:
    outcomes = ModelScorer(predictor, 60_000).score([Call(json.dumps(body).encode()) for body in bodies])
    return [str(one) if isinstance(one, ScoringError) else json.loads(one.body)["predictions"] for one in outcomes]


@pytest.mark.parametrize(("model", "rows"), [
    (models.cancer_pipeline(), CANCER),
    (models.cancer_pipeline_with_names(), CANCER),
    (make_pipeline(StandardScaler(), LogisticRegression()).fit(IRIS, np.array(list("abc"))[models.SPECIES]), IRIS),
    (RandomForestClassifier(10, random_state=0).fit(IRIS, models.SPECIES), IRIS),
    (Ridge().fit(CANCER, models.IS_BENIGN), CANCER),
    (Ridge().fit(CANCER, np.c_[models.IS_BENIGN, models.IS_BENIGN]), CANCER),
    (PCA(2).fit(IRIS), IRIS),
    (make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=5, n_jobs=1)).fit(IRIS, models.SPECIES), IRIS),
    (lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1).fit(IRIS, models.SPECIES), IRIS),
], ids=lambda value: type(value).__name__)  # fmt: skip
def test_the_answers_are_the_models_own(model, rows):
    predictor, told = converted(model)
    assert told.used and min(told.faster.values()) > 1 and told.samples == 256, told.why
    original = scikit_learn.of(model, "model.pkl")
    for method in original.methods:
        bodies = [{"data": rows[at : at + 3].tolist(), "method": method} for at in range(0, 60, 3)]
        for found, expected in zip(scored(predictor, *bodies), scored(original, *bodies), strict=True):
            if isinstance(expected[0], str):
                assert found == expected
            else:
                numbers = [np.asarray(each, float) for each in (found, expected)]  # null becomes NaN
                np.testing.assert_allclose(*numbers, rtol=1e-4, atol=1e-6)
                assert np.asarray(found).dtype == np.asarray(expected).dtype


@pytest.mark.parametrize("layout", ["json", "ubj"])
def test_boosters_of_xgboost(tmp_path, layout):
    model = xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(IRIS, models.SPECIES)
    model.save_model(tmp_path / f"model.{layout}")
    predictor, told = conversion.faster(loaders.load(tmp_path))
    assert told.used, told.why
    assert scored(predictor, {"data": IRIS.tolist()}) == [model.predict(IRIS).tolist()]


@pytest.mark.parametrize("objective", ["binary", "regression"])
def test_boosters_of_lightgbm(tmp_path, objective):
    data = lightgbm.Dataset(CANCER, models.IS_BENIGN)
    model = lightgbm.train({"objective": objective, "verbosity": -1, "num_threads": 1}, data, 5)
    model.save_model(tmp_path / "model.txt")
    original = loaders.load(tmp_path)
    predictor, told = conversion.faster(original)
    assert "alike" in told.why
    np.testing.assert_allclose(*scored(predictor, {"data": CANCER.tolist()}), model.predict(CANCER), rtol=1e-4)


def test_what_the_graph_cannot_say_the_model_says():
    predictor, _ = converted(models.cancer_pipeline())
    original = scikit_learn.of(models.cancer_pipeline(), "model.pkl")
    rows = CANCER[:2].tolist()
    missing = [[None, *row[1:]] for row in rows]
    bodies = [
        {"data": rows, "method": "decision_function"}, {"data": missing}, {"data": [row[:5] for row in rows]},
        {"data": [["a", *row[1:]] for row in rows]}, {"data": rows, "method": "fit"}, {"rows": rows}, {"data": []},
    ]  # fmt: skip
    assert scored(predictor, *bodies) == scored(original, *bodies)
    assert "NaN" in scored(predictor, {"data": missing})[0]


def test_a_graph_that_is_slower_is_not_used():
    model = GaussianProcessRegressor().fit(CANCER, models.IS_BENIGN)
    predictor, told = converted(model)
    assert isinstance(predictor, scikit_learn.Estimator)
    assert not told.used and told.why.startswith("Not used: 0.") and "alike" in told.why


def test_a_graph_that_says_something_else_is_not_used(monkeypatch):
    run = conversion.candidates

    def wrong(original):
        for graph in run(original):
            right = graph.run
            graph.run = lambda rows, right=right: [np.roll(np.asarray(each), 1, axis=0) for each in right(rows)]
            yield graph

    monkeypatch.setattr(conversion, "candidates", wrong)
    predictor, told = converted(models.cancer_pipeline())
    assert isinstance(predictor, scikit_learn.Estimator)
    assert not told.used and "of 256 rows were answered differently" in told.why


def test_a_graph_that_fails_leaves_the_model_serving(monkeypatch):
    def broken(graph, rows):
        raise RuntimeError("no such operator")

    monkeypatch.setattr(conversion.translating.Graph, "run", broken)
    predictor, told = converted(models.cancer_pipeline())
    assert isinstance(predictor, scikit_learn.Estimator)
    assert told.why == "the graph failed when it was tried (RuntimeError)."


@pytest.mark.parametrize(("model", "why"), [
    (models.text_pipeline(), "how many numbers a row has"),
    (models.mixed_pipeline(), "refuses rows of numbers"),
    (make_pipeline(FunctionTransformer(np.square), Ridge()).fit(CANCER, models.IS_BENIGN), "has no ONNX form"),
], ids=["texts", "columns of texts", "code"])  # fmt: skip
def test_what_cannot_be_converted_is_served_as_it_is(model, why):
    predictor, told = converted(model)
    assert isinstance(predictor, scikit_learn.Estimator)
    assert not told.used and why in told.why


def test_graphs_are_not_converted_again(tmp_path):
    models.as_onnx(models.cancer_pipeline(), CANCER[:1], tmp_path / "model.onnx")
    _, told = conversion.faster(loaders.load(tmp_path))
    assert told.why == "only models of scikit-learn, XGBoost and LightGBM are converted."


def test_samples_lie_where_answers_change():
    forest = RandomForestClassifier(10, random_state=0).fit(IRIS, models.SPECIES)
    rows = samples.of(forest, 4, 256)
    assert rows.shape == (256, 4) and np.isfinite(rows).all()
    assert set(forest.predict(rows)) == {0, 1, 2}
    assert (rows == samples.of(forest, 4, 256)).all()
    assert set(models.cancer_pipeline().predict(samples.of(models.cancer_pipeline(), 30, 256))) == {0, 1}


def test_labels_are_not_taken_for_probabilities():
    labels, certain = np.array([0, 1, 1]), np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], np.float32)
    with pytest.raises(comparing.NotAlike):
        comparing.match(labels, [certain])
    assert comparing.match(labels, [certain, labels]).output == 1


def test_a_served_model_tells_what_became_of_it(start_server, tmp_path):
    models.pickled(models.cancer_pipeline(), tmp_path / "model.pkl")
    server = start_server("--model", tmp_path, SLIPWAY_CONVERT_TO_ONNX="on", WORKER_COUNT="2").ready()
    told = server.client.get(server.url("/signature")).json()
    assert told["conversion"]["used"] is True and told["conversion"]["relative_tolerance"] == 1e-4
    assert "times as fast" in told["conversion"]["why"] and f"ONNX: {told['conversion']['why']}" in server.log
    expected = models.cancer_pipeline().predict(CANCER[:3]).tolist()
    assert server.score({"data": CANCER[:3].tolist()}).json() == {"predictions": expected}
