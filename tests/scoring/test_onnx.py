"""ONNX graphs without a script."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from slipway_scoring import loaders
from slipway_scoring.errors import BadInput, BootFailure

from tests.scoring import models

ROWS = models.CANCER[:4].tolist()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return models.as_onnx(models.cancer_pipeline(), models.CANCER[:1], tmp_path_factory.mktemp("m") / "model.onnx")


@pytest.fixture(scope="module")
def cancer(path):
    return loaders.load(path)


def graph(path, inputs, outputs, nodes):
    made = helper.make_graph(nodes, "g", inputs, outputs)
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return loaders.load(path)


@pytest.fixture
def adder(tmp_path):
    """sum = left + right, both int64 columns."""
    column = [None, 1]
    left, right, total = (
        helper.make_tensor_value_info(name, TensorProto.INT64, column) for name in ("left", "right", "total")
    )
    node = helper.make_node("Add", ["left", "right"], ["total"])
    return graph(tmp_path / "add.onnx", [left, right], [total], [node])


@pytest.mark.parametrize(
    "document",
    [{"data": ROWS}, ROWS, {"X": ROWS}, {"inputs": {"X": ROWS}}, {"inputs": ROWS}, {"instances": ROWS},
     {"input_data": {"columns": list("abc"), "data": ROWS}}],
    ids=["data", "bare", "by name", "inputs by name", "inputs", "instances", "split"],
)  # fmt: skip
def test_rows_in_any_accepted_form_are_run(cancer, path, document):
    session = onnxruntime.InferenceSession(path)
    label, probabilities = session.run(None, {"X": models.CANCER[:4].astype(np.float32)})
    answer = models.scored(cancer, document)
    assert answer["predictions"].tolist() == label.tolist()
    assert list(answer["outputs"]) == ["output_label", "output_probability"]
    given = [list(row.values()) for row in answer["outputs"]["output_probability"]]
    assert given == [list(row.values()) for row in probabilities]


def test_a_graph_with_one_output_has_predictions_alone(tmp_path):
    table = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])
    negated = graph(tmp_path / "m.onnx", [table], [out], [helper.make_node("Neg", ["x"], ["y"])])
    answer = models.scored(negated, [[1, 2.5]])
    assert list(answer) == ["predictions"]
    assert answer["predictions"].tolist() == [[-1.0, -2.5]]


@pytest.mark.parametrize(
    "document",
    [
        {"inputs": {"left": [[1], [2]], "right": [[10], [20]]}},
        {"left": [[1], [2]], "right": [[10], [20]]},
        {"dataframe_records": [{"left": 1, "right": 10}, {"right": 20, "left": 2}]},
        {"dataframe_split": {"columns": ["right", "left"], "data": [[10, 1], [20, 2]]}},
    ],
    ids=["inputs", "by name", "records", "split"],
)
def test_a_graph_of_several_inputs_takes_them_by_name_or_as_columns(adder, document):
    assert models.scored(adder, document)["predictions"].tolist() == [[11], [22]]


@pytest.mark.parametrize(
    "document, words",
    [
        ({"data": [[1.0] * 29]}, "Input 'X' takes values of shape any x 30; these are 1 x 29"),
        ({"data": [1.0] * 30}, "these are 30"),
        ({"data": [["a"] * 30]}, "Input 'X' takes float32: could not convert string"),
        ({"data": [[1.0], [1.0, 2.0]]}, "Input 'X' takes float32"),
        ({"rows": [[1.0]]}, "it has 'rows'"),
    ],
)
def test_what_the_graph_cannot_take_is_refused_in_words(cancer, document, words):
    with pytest.raises(BadInput, match=words):
        models.scored(cancer, document)


@pytest.mark.parametrize(
    "document, words",
    [
        ({"data": [[1, 2]]}, "The graph has the inputs left, right"),
        ({"data": [{"left": 1}]}, "Missing columns in row 1: right"),
        ({"inputs": {"left": [[1.5]], "right": [[1]]}}, "'left' takes whole numbers"),
    ],
)
def test_inputs_that_do_not_fit_several_are_refused(adder, document, words):
    with pytest.raises(BadInput, match=words):
        models.scored(adder, document)


def test_a_file_that_is_no_graph_says_so(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"nonsense")
    with pytest.raises(BootFailure, match=r"model\.onnx could not be loaded as a ONNX model") as failure:
        loaders.load(tmp_path)
    assert failure.value.code == "model-not-loadable"
