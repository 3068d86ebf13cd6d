"""Neural networks without a script: Keras, PyTorch's programs, TensorFlow's SavedModels.

PyTorch and TensorFlow weigh gigabytes and are no requirements of these tests; where they are installed, they run."""

import json
import os

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")  # before it is imported
import keras
from slipway_scoring import loaders
from slipway_scoring.dataplane import Call, ModelScorer
from slipway_scoring.errors import BadInput, BootFailure

from tests.scoring import models

ROWS = models.IRIS[:5].astype(np.float32)


@pytest.fixture(scope="module")
def network():
    layers = [keras.Input((4,), name="flower"), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3)]
    return keras.Sequential(layers)


@pytest.fixture(params=["net.keras", "net.h5"])
def served(request, network, tmp_path):
    network.save(tmp_path / request.param)
    return loaders.load(tmp_path)


def test_a_model_of_keras_answers_as_it_does(served, network):
    found = models.scored(served, {"data": ROWS.tolist()})["predictions"]
    np.testing.assert_allclose(found, network.predict(ROWS, verbose=0), rtol=1e-6)
    assert served.signature()["inputs"] == [{"name": "flower", "type": "float32", "shape": [None, 4]}]
    assert served.example() == {"data": [[0.0] * 4]}


def test_requests_for_it_are_scored_together(served, network):
    calls = [Call(json.dumps({"data": [row]}).encode()) for row in ROWS.tolist()]
    found = [json.loads(one.body)["predictions"][0] for one in ModelScorer(served, 60_000).score(calls)]
    np.testing.assert_allclose(found, network.predict(ROWS, verbose=0), rtol=1e-5)
    assert len({served.read({"data": [row]}).kind for row in ROWS.tolist()} - {None}) == 1


@pytest.mark.parametrize("data", [[[1, 2]], [1, 2, 3, 4], [["a", 1, 2, 3]], [[]]], ids=str)
def test_what_it_cannot_take_is_refused(served, data):
    with pytest.raises(BadInput, match="flower"):
        models.scored(served, {"data": data})


def test_several_inputs_and_outputs_go_by_name(tmp_path):
    left, right = keras.Input((2,), name="left"), keras.Input((2,), name="right")
    outputs = [keras.layers.Add(name="sum")([left, right]), keras.layers.Concatenate(name="both")([left, right])]
    keras.Model([left, right], outputs).save(tmp_path / "net.keras")
    answer = models.scored(loaders.load(tmp_path), {"inputs": {"left": [[1, 2]], "right": [[3, 4]]}})
    assert answer["predictions"].tolist() == [[4, 6]]
    assert [value.tolist() for value in answer["outputs"].values()] == [[[4, 6]], [[1, 2, 3, 4]]]


def test_layers_with_code_of_their_own_are_not_run(tmp_path):
    network = keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda values: values)])
    network.save(tmp_path / "net.keras")
    with pytest.raises(BootFailure, match=r"net\.keras could not be loaded as a Keras model.*[Ll]ambda"):
        loaders.load(tmp_path)


def test_a_file_that_is_none_is_named(tmp_path):
    (tmp_path / "net.keras").write_bytes(b"nothing")
    with pytest.raises(BootFailure, match=r"net\.keras could not be loaded as a Keras model"):
        loaders.load(tmp_path)


def test_one_that_was_never_called_does_not_say_what_it_takes(tmp_path):
    keras.Sequential([keras.layers.Dense(2)]).save(tmp_path / "net.keras")
    with pytest.raises(BootFailure, match="does not say what it takes"):
        loaders.load(tmp_path)


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed")


@pytest.fixture
def module(torch):
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)).eval()


@pytest.fixture(params=["net.pt", "net.pt2"])
def program(request, torch, module, tmp_path):
    sample = torch.from_numpy(ROWS)
    if request.param == "net.pt":
        torch.jit.save(torch.jit.trace(module, sample), tmp_path / request.param)
    else:
        sizes = ({0: torch.export.Dim("rows")},)
        torch.export.save(torch.export.export(module, (sample,), dynamic_shapes=sizes), tmp_path / request.param)
    return loaders.load(tmp_path)


def test_a_program_of_pytorch_answers_as_its_module(torch, module, program):
    found = models.scored(program, {"data": ROWS.tolist()})["predictions"]
    np.testing.assert_allclose(found, module(torch.from_numpy(ROWS)).detach().numpy(), rtol=1e-5)
    with pytest.raises(BadInput) as refusal:
        models.scored(program, {"data": [[1, 2]]})
    assert "site-packages" not in str(refusal.value)


def test_whole_numbers_reach_a_program_as_tensors(torch, tmp_path):
    torch.jit.save(torch.jit.script(torch.nn.Embedding(10, 2)), tmp_path / "net.pt")
    program = loaders.load(tmp_path)
    asked = program.read_tensors({"input": np.array([[1, 2]])})
    assert np.asarray(program.predict(asked)["predictions"]).shape == (1, 2, 2)


def test_weights_alone_are_no_program(torch, module, tmp_path):
    torch.save(module.state_dict(), tmp_path / "net.pt")
    with pytest.raises(BootFailure, match=r"net\.pt is no TorchScript.*entry script"):
        loaders.load(tmp_path)


def test_a_saved_model_of_tensorflow_answers_by_its_signature(tmp_path):
    tensorflow = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")

    class Doubled(tensorflow.Module):
        @tensorflow.function(input_signature=[tensorflow.TensorSpec((None, 4), tensorflow.float32, name="flower")])
        def __call__(self, flower):
            return {"doubled": 2 * flower}

    doubled = Doubled()
    tensorflow.saved_model.save(doubled, tmp_path / "1", signatures=doubled.__call__)
    served = loaders.load(tmp_path)
    np.testing.assert_allclose(models.scored(served, {"data": ROWS.tolist()})["predictions"], 2 * ROWS)
    with pytest.raises(BadInput, match="flower"):
        models.scored(served, {"data": [[1, 2]]})


def test_a_saved_model_that_nobody_is_to_be_served_says_so(tmp_path):
    tensorflow = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    tensorflow.saved_model.save(tensorflow.Module(), tmp_path / "1")
    with pytest.raises(BootFailure, match="serving_default"):
        loaders.load(tmp_path)
