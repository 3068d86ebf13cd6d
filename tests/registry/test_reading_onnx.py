"""An ONNX file's graph is read without its tensors, and agrees with what the onnx package says."""

import io

import numpy
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from registry.models import Framework
from registry.reading import FactFile, read_facts
from registry.reading.budget import Budget
from registry.reading.onnx import read_onnx


def graph(nodes=None, inputs=(), outputs=(), initializers=(), **fields) -> bytes:
    made = helper.make_graph(nodes or [], "g", list(inputs), list(outputs), list(initializers))
    fields = {"opset_imports": [helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 3)], **fields}
    model = helper.make_model(made, ir_version=10, producer_name="trainer", producer_version="2.1", **fields)
    model.metadata_props.add(key="author", value="Ada")
    return model.SerializeToString()


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def read(content: bytes):
    return read_onnx(FactFile("net.onnx", lambda: io.BytesIO(content)), Budget())


IMAGE = value("image", TensorProto.FLOAT, ["batch", 3, None, 224])
WEIGHT = numpy_helper.from_array(numpy.ones((4, 4), dtype="f4"), "weight")


def test_everything_that_is_told_of_a_graph_is_read():
    nodes = [helper.make_node("Gemm", ["image", "weight"], ["score"]), helper.make_node("Gemm", ["a"], ["b"]),
             helper.make_node("TreeEnsembleClassifier", ["a"], ["b"], domain="ai.onnx.ml")]  # fmt: skip
    outputs = [value("score", TensorProto.DOUBLE, [1]), value("label", TensorProto.STRING, [])]
    content = graph(nodes, [IMAGE, value("weight", TensorProto.FLOAT, [4, 4])], outputs, [WEIGHT])
    facts = read_facts([FactFile("net.onnx", lambda: io.BytesIO(content))])
    assert facts.framework == Framework.ONNX
    assert facts.onnx == {
        "ir_version": 10, "producer": "trainer 2.1", "opsets": {"ai.onnx": 21, "ai.onnx.ml": 3},
        "operators": {"Gemm": 2, "ai.onnx.ml.TreeEnsembleClassifier": 1}, "metadata": {"author": "Ada"},
    }  # fmt: skip
    assert facts.signature == {
        "inputs": [{"name": "image", "type": "float32", "shape": ["batch", 3, None, 224]}],
        "outputs": [{"name": "score", "type": "float64", "shape": [1]},
                    {"name": "label", "type": "string", "shape": []}],
        "source": "the graph of net.onnx",
    }  # fmt: skip


@pytest.mark.parametrize("kind", [
    kind for kind in onnx.TensorProto.DataType.values() if kind not in {0, *range(17, 99)}
], ids=onnx.TensorProto.DataType.Name)  # fmt: skip
def test_every_type_has_its_name(kind):
    (entry,) = read(graph(inputs=[value("x", kind, [1])])).inputs
    assert entry["type"] == {"float": "float32", "double": "float64"}.get(name := onnx.TensorProto.DataType.Name(
        kind).lower(), name)  # fmt: skip


def test_sequences_and_maps_are_named():
    inner = helper.make_tensor_type_proto(TensorProto.FLOAT, None)
    mapped = helper.make_map_type_proto(TensorProto.INT64, inner)
    outputs = [helper.make_value_info("probabilities", helper.make_sequence_type_proto(mapped))]
    assert read(graph(outputs=outputs)).outputs[0]["type"] == "sequence of map of int64 to float32"


def test_operators_inside_if_and_loop_are_counted():
    inner = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "inner", [], [])
    node = helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
    assert read(graph([node])).operators == {"If": 1, "Relu": 2}


def test_weights_in_other_files_are_named():
    outside = onnx.TensorProto(name="w", data_type=1, data_location=TensorProto.EXTERNAL)
    outside.external_data.add(key="location", value="weights/w.bin")
    assert list(read(graph(initializers=[outside])).external_files) == ["weights/w.bin"]


class Counted(io.BytesIO):
    """A large file of which it matters how much is read."""

    was_read = 0

    def read(self, size=-1):
        piece = super().read(size)
        Counted.was_read += len(piece)
        return piece


def test_tensors_are_skipped_and_not_read():
    large = numpy_helper.from_array(numpy.zeros(16_000_000, dtype="f4"), "large")
    content = graph([helper.make_node("Relu", ["x"], ["y"])], [IMAGE], initializers=[large, WEIGHT])
    Counted.was_read = 0
    found = read_onnx(FactFile("net.onnx", lambda: Counted(content)), Budget())
    assert len(content) > 60_000_000 and Counted.was_read < 5_000_000
    assert found.operators == {"Relu": 1} and found.initializers == {"large", "weight"} and not found.fault


@pytest.mark.parametrize("content", [
    b"", b"anything", b"\x00" * 100, b"\xff" * 100, b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", graph()[:-3],
    b"\x3a\x04\x0a\x7f\x00\x00", b"\x0b" * 50, b"\x42\x02\x08\x01",
], ids=repr)  # fmt: skip
def test_what_is_no_graph_is_read_without_a_fault(content):
    facts = read_facts([FactFile("net.onnx", lambda: io.BytesIO(content))])
    assert facts.framework == Framework.ONNX and facts.signature == {}


@pytest.mark.parametrize("seed", range(20))
def test_noise_in_a_graph_is_never_a_fault(seed):
    random = numpy.random.default_rng(seed)
    content = bytearray(graph([helper.make_node("Gemm", ["image"], ["s"])], [IMAGE], [IMAGE], [WEIGHT]))
    for at in random.integers(0, len(content), 5):
        content[at] = random.integers(0, 256)
    assert read_facts([FactFile("net.onnx", lambda: io.BytesIO(bytes(content)))]).framework == Framework.ONNX
