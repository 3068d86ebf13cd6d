"""ModelDataCollector writes what it is given where Azure's did (contract, 5.6)."""

import csv
from datetime import UTC, datetime

import numpy as np
import pandas
import pytest
from slipway_scoring.data_collector import ModelDataCollector

from tests.scoring import models


@pytest.fixture
def storage(tmp_path, monkeypatch):
    monkeypatch.setenv("AML_MODEL_DC_STORAGE_ENABLED", "true")
    monkeypatch.setenv("AML_MODEL_DC_STORAGE", str(tmp_path / "kept"))
    monkeypatch.setenv("SERVICE_NAME", "irises")
    return tmp_path / "kept"


def kept(storage, designation: str, name: str = "data.csv") -> list[dict]:
    day = datetime.now(UTC).strftime("%Y/%m/%d")
    with (storage / "default/default/default/irises/flowers/3" / designation / day / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "data",
    [
        [[5.1, 3.5], [4.9, 3.0]],
        np.array([[5.1, 3.5], [4.9, 3.0]]),
        pandas.DataFrame({"a": [5.1, 4.9], "b": [3.5, 3.0]}),
    ],
    ids=["list", "array", "table"],
)
def test_rows_are_kept_with_their_names_and_where_they_come_from(storage, data):
    ModelDataCollector("flowers", "inputs", ["a", "b"], model_version=3).collect(data)
    first, second = kept(storage, "inputs")
    assert (first["a"], first["b"], second["b"]) == ("5.1", "3.5", "3.0")
    assert (first["$aml_service_name"], first["$aml_model_name"], first["$aml_model_version"]) == (
        "irises",
        "flowers",
        "3",
    )
    assert first["$aml_dc_scoring_timestamp"].startswith(str(datetime.now(UTC).year))


def test_predictions_are_told_to_their_inputs_by_the_correlation(storage):
    inputs = ModelDataCollector("flowers", "inputs", ["a"], model_version=3)
    predictions = ModelDataCollector("flowers", "predictions", ["label"], model_version=3)
    correlations = inputs.collect([[1.0]], user_correlation_id="mine")
    assert predictions.collect(predictions.add_correlations([[7]], correlations)) is None
    (given,), (said,) = kept(storage, "inputs"), kept(storage, "predictions")
    assert given["$aml_dc_correlation_id"] == said["$aml_dc_correlation_id"] == "mine"
    assert said["label"] == "7"


def test_more_rows_are_added_under_the_same_heading(storage):
    collector = ModelDataCollector("flowers", model_version=3, collection_name="extra")
    collector.collect([1, 2])
    collector.collect([3])
    assert [row["0"] for row in kept(storage, "general", "extra.csv")] == ["1", "2", "3"]


def test_nothing_is_kept_where_it_is_not_turned_on(tmp_path, monkeypatch):
    monkeypatch.setenv("AML_MODEL_DC_STORAGE", str(tmp_path))
    monkeypatch.delenv("AML_MODEL_DC_STORAGE_ENABLED", raising=False)
    assert ModelDataCollector("flowers", "inputs").collect([[1]]) is None
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_kept_is_refused_in_words(storage):
    with pytest.raises(ValueError, match="must be one of inputs, predictions"):
        ModelDataCollector("flowers", "outputs")
    with pytest.raises(TypeError, match="lists, arrays and DataFrames"):
        ModelDataCollector("flowers", "inputs").collect("text")
    with pytest.raises(ValueError, match="must have 2 values"):
        ModelDataCollector("flowers", "inputs", ["a", "b"]).collect([[1]])


@pytest.mark.parametrize("place", ["monitoring", "datacollector"])
def test_a_script_that_collects_runs_unchanged(serve_script, tmp_path, place):
    kind = "identifier" if place == "datacollector" else "designation"
    text = f"""
import json
from azureml.{place} import ModelDataCollector

def init():
    global inputs, predictions
    inputs = ModelDataCollector("flowers", {kind}="inputs", feature_names=["a", "b"])
    predictions = ModelDataCollector("flowers", {kind}="predictions", feature_names=["label"])

def run(raw_data):
    data = json.loads(raw_data)["data"]
    correlations = inputs.collect(data)
    predictions.collect(predictions.add_correlations([[1]] * len(data), correlations))
    return [1] * len(data)
"""
    server = serve_script(text, AML_MODEL_DC_STORAGE_ENABLED="true", AML_APP_ROOT=str(tmp_path)).ready()
    assert server.score({"data": models.IRIS[:2, :2].tolist()}).json() == [1, 1]
    assert len(list((tmp_path / "modeldata").rglob("data.csv"))) == 2
