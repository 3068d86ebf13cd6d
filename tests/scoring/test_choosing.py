"""Which file is the model: told by the files alone."""

import pytest
from slipway_scoring.errors import BootFailure
from slipway_scoring.loaders import choose


def folder(root, *files):
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return root


@pytest.mark.parametrize(
    "files, framework, path",
    [
        (["model.pkl"], "scikit-learn", "model.pkl"),
        (["mymodel/model.joblib", "mymodel/README.md", "notes.txt"], "scikit-learn", "mymodel/model.joblib"),
        (["finalized_model.sav"], "scikit-learn", "finalized_model.sav"),
        (["deep/er/Model.ONNX", "sample.json"], "ONNX", "deep/er/Model.ONNX"),
        (["saved/MLmodel", "saved/model.pkl", "saved/data/other.pkl"], "MLflow", "saved"),
        (["MLmodel", "model.skops"], "MLflow", "."),
        (["model.pickle", ".hidden.pkl", "._model.pickle", "__MACOSX/._model.pkl"], "scikit-learn", "model.pickle"),
        (["1/saved_model.pb", "1/variables/variables.index", "1/assets/words.txt"], "TensorFlow", "1"),
        (["net.keras", "history.json"], "Keras", "net.keras"),
        (["net.H5"], "Keras", "net.H5"),
        (["net.pt2", "labels.txt"], "PyTorch", "net.pt2"),
    ],
)
def test_the_one_model_is_found_wherever_it_lies(tmp_path, files, framework, path):
    found = choose(folder(tmp_path, *files))
    assert (found.kind.framework, found.path) == (framework, tmp_path / path)


@pytest.mark.parametrize(("name", "content", "framework"), [
    ("model.json", b'{"learner":{"attributes":{}}}', "XGBoost"),
    ("model.bst", b"{L\0\0\0\0\0\0\0\x07learner{L", "XGBoost"),
    ("xgb.model", b'{"learner":{', "XGBoost"),
    ("model.txt", b"tree\nversion=v4\n", "LightGBM"),
    ("lgb.model", b"tree\nversion=v3\n", "LightGBM"),
])  # fmt: skip
def test_a_name_that_many_things_have_counts_by_how_the_file_begins(tmp_path, name, content, framework):
    (tmp_path / name).write_bytes(content)
    (tmp_path / f"notes{name[-5:]}").write_bytes(b'{"some": "thing"}')
    found = choose(tmp_path)
    assert (found.kind.framework, found.path) == (framework, tmp_path / name)


def test_a_file_may_be_named_itself(tmp_path):
    assert choose(folder(tmp_path, "a.pkl", "b.pkl") / "b.pkl").path == tmp_path / "b.pkl"


def test_two_models_are_one_too_many_and_both_are_named(tmp_path):
    with pytest.raises(BootFailure, match=r"There are 2 models: a\.pkl, sub/b\.onnx") as failure:
        choose(folder(tmp_path, "a.pkl", "sub/b.onnx"))
    assert failure.value.code == "model-ambiguous"


@pytest.mark.parametrize(
    "framework, path", [("ScikitLearn", "a.pkl"), ("Onnx", "b.onnx"), ("scikit-learn", "a.pkl"), ("TfKeras", "c.keras")]
)
def test_the_registered_framework_decides_between_kinds(tmp_path, framework, path):
    assert choose(folder(tmp_path, "a.pkl", "b.onnx", "c.keras"), framework).path == tmp_path / path


@pytest.mark.parametrize("files", [[], ["weights.npz", "readme.txt", "config.json", "a.model"]])
def test_a_folder_without_a_model_says_what_was_looked_for_and_what_is_there(tmp_path, files):
    with pytest.raises(BootFailure, match=r"Looked for: a folder with a file MLmodel.*\*\.onnx.*Found:") as failure:
        choose(folder(tmp_path, *files))
    assert failure.value.code == "model-missing"
    assert all(file in str(failure.value) for file in files)


def test_a_folder_that_does_not_exist_is_a_missing_model(tmp_path):
    with pytest.raises(BootFailure, match="Found: nothing") as failure:
        choose(tmp_path / "nowhere")
    assert failure.value.code == "model-missing"
