"""Requests of a version itself: its own sample, or made from its signature."""

import json

import pytest

from profiling.samples import samples_of
from registry.models import Framework, ModelVersion
from tests.profiling.test_samples import version


def made(framework: str, *inputs: tuple) -> list[dict]:
    samples = samples_of(version(framework, *inputs))
    assert samples.source == "signature"
    return [json.loads(body) for body in samples.bodies]


@pytest.mark.parametrize("sample", [{"data": [[1, None, "é"]]}, [[1]], 0, "", False])
def test_a_versions_own_sample_comes_first(sample):
    told = version(Framework.SCIKIT_LEARN, ("a", "", None))
    told.sample_input = sample
    samples = samples_of(told)
    assert (samples.source, [json.loads(body) for body in samples.bodies]) == ("version", [sample])


def test_a_signature_is_made_into_varied_requests_the_same_each_time():
    told = version(Framework.SCIKIT_LEARN, ("", "", [None, 4]))
    assert samples_of(told) == samples_of(told)
    assert len(set(samples_of(told).bodies)) == 16


def test_columns_are_filled_by_their_types():
    types = ["double", "long", "boolean", "string", "datetime", "binary", "array of array of double"]
    (first, *_) = made(Framework.MLFLOW, *[(f"column {at}", each, None) for at, each in enumerate(types)])
    (row,) = first["dataframe_split"]["data"]
    assert first["dataframe_split"]["columns"] == [f"column {at}" for at in range(7)]
    assert [type(value) for value in row] == [float, int, bool, str, str, str, list]
    assert row[4].startswith("20") and len(row[6]) == len(row[6][0]) == 3


@pytest.mark.parametrize(("framework", "inputs", "expected"), [
    (Framework.SCIKIT_LEARN, [("a", "", None), ("b", "", None)], {"input_data": {"columns": ["a", "b"], "data": 1}}),
    (Framework.XGBOOST, [("a", "", [None]), ("b", "", [None])], {"input_data": {"columns": ["a", "b"], "data": 1}}),
    (Framework.SCIKIT_LEARN, [("", "", [None, 3])], {"data": 1}),
    (Framework.MLFLOW, [("", "double", None), ("", "double", None)], {"data": 1}),
    (Framework.CUSTOM, [("a", "double", None)], {"data": 1}),
    (Framework.ONNX, [("x", "float32", ["N", 2, 2])], {"data": 1}),
    (Framework.ONNX, [("a", "float32", [None, 1]), ("b", "int64", [None, 1])], {"inputs": {"a": 1, "b": 1}}),
], ids=["columns", "shaped columns", "array", "unnamed columns", "script", "tensor", "tensors"])  # fmt: skip
def test_the_form_is_the_models(framework, inputs, expected):
    def outlined(value: object) -> object:
        if isinstance(value, dict):
            return {key: inner if key == "columns" else outlined(inner) for key, inner in value.items()}
        return len(value)

    assert outlined(made(framework, *inputs)[0]) == expected


def test_a_tensor_has_its_shape_with_one_row_where_that_is_open():
    for first in (None, "batch", 1):
        values = made(Framework.PYTORCH, ("x", "uint8", [first, 3, 2]))[0]["data"]
        assert (len(values), len(values[0]), len(values[0][0])) == (1, 3, 2)
        assert all(isinstance(value, int) for value in values[0][0])


def test_large_tensors_make_fewer_requests():
    assert len(made(Framework.ONNX, ("x", "float32", ["N", 3, 224, 224]))) == 6


@pytest.mark.parametrize("told", [
    ModelVersion(framework=Framework.SCIKIT_LEARN),
    version(Framework.SCIKIT_LEARN),
    version(Framework.ONNX, ("ids", "int64", ["batch", "sequence"])),
    version(Framework.PYTORCH, ("x", "float32", None)),
    version(Framework.ONNX, ("x", "sequence of float32", [None, 1])),
    version(Framework.MLFLOW, ("x", "object of a, b", None)),
    version(Framework.ONNX, ("x", "float32", [None, 2**52])),
    version(Framework.ONNX, ("x", "float32", [None, 0])),
    version(Framework.ONNX, ("x", "string", [None, 900_000])),
    version(Framework.MLFLOW, *[(f"c{at}", "array of " * 9 + "double", None) for at in range(60)]),
], ids=["nothing", "nobody", "open", "shapeless", "no tensor", "object", "huge", "empty", "long", "deep"])  # fmt: skip
def test_what_cannot_be_made_up_is_not(told):
    assert samples_of(told) is None
