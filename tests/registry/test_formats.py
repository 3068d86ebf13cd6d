"""Models in their frameworks' own files are known by how they begin, with the version that saved them."""

import io
import json
import os
import struct
import zipfile

import lightgbm
import pytest
import skops.io
import xgboost
from sklearn.linear_model import LogisticRegression

from registry.models import Framework, Risk
from tests.registry.payloads import X, Y, facts_of


def told(name: str, content: bytes) -> tuple[str, str, list[str]]:
    facts = facts_of({name: content})
    return facts.framework, facts.framework_version, facts.needs


@pytest.fixture(scope="module")
def booster():
    return xgboost.train({"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(X, Y), 2)


@pytest.mark.parametrize(("name", "layout"), [
    ("model.ubj", "ubj"), ("model.xgb", "ubj"), ("model.bst", "ubj"), ("model.json", "json"), ("xgb.model", "json"),
])  # fmt: skip
def test_boosters_of_xgboost_tell_their_version(booster, name, layout):
    version = ".".join(xgboost.__version__.split(".")[:3])
    assert told(name, bytes(booster.save_raw(layout))) == (
        Framework.XGBOOST,
        version,
        ["xgboost-cpu", "scikit-learn"],
    )


@pytest.mark.parametrize(
    ("version", "package"), [((1, 7, 6), "xgboost"), ((2, 1, 0), "xgboost"), ((3, 10, 0), "xgboost-cpu")]
)
def test_older_ones_need_the_package_there_was(version, package):
    content = json.dumps({"learner": {}, "version": version}, separators=(",", ":")).encode()
    assert told("model.json", content)[1:] == (".".join(map(str, version)), [package, "scikit-learn"])


@pytest.mark.parametrize("name", ["model.lgb", "model.txt", "lgb.model"])
def test_boosters_of_lightgbm(name):
    data = lightgbm.Dataset(X, Y)
    text = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, 2).model_to_string()
    assert told(name, text.encode()) == (Framework.LIGHTGBM, "", ["lightgbm", "numpy", "scipy"])


def test_skops_files_tell_the_version_of_scikit_learn():
    import sklearn

    content = skops.io.dumps(LogisticRegression().fit(X, Y))
    assert told("model.skops", content) == (Framework.SCIKIT_LEARN, sklearn.__version__, ["scikit-learn", "skops"])
    assert facts_of({"model.skops": content}).risk == Risk.KNOWN


def zipped(**members: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), text)
    return packed.getvalue()


@pytest.mark.parametrize(("said", "version"), [
    ('{"keras_version": "3.15.1"}', "3.15.1"), ('{"keras_version": "2.15.0"}', ""), ("{}", ""), ("[]", ""), ("{", ""),
    ('{"keras_version": 3}', ""), ('{"keras_version": "3; import os"}', ""), ("[" * 10_000, ""),
])  # fmt: skip
def test_keras_files_tell_their_version(said, version):
    content = zipped(metadata_DOT_json=said, config_DOT_json="{}")
    assert told("net.keras", content) == (Framework.TF_KERAS, version, ["keras", "jax"])


def test_hdf5_is_keras_by_its_content():
    assert told("net.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 100)[0] == Framework.TF_KERAS
    assert told("net.h5", b"something else")[0] == Framework.CUSTOM


def test_programs_of_pytorch_are_told_from_weights():
    script = zipped(net__data_DOT_pkl="x", net__constants_DOT_pkl="x", net__code____torch___DOT_py="x")
    exported = zipped(net__archive_format="pt2", net__models__model_DOT_json="{}")
    assert told("net.pt", script) == (Framework.PYTORCH, "", ["torch", "numpy"])
    assert told("net.pt2", exported) == (Framework.PYTORCH, "", ["torch", "numpy"])
    assert told("net.pt", zipped(net__data_DOT_pkl="x"))[2] == []


def test_a_saved_model_is_a_folder():
    facts = facts_of({"1/saved_model.pb": b"", "1/variables/variables.index": b""})
    assert (facts.framework, facts.needs) == (Framework.TENSORFLOW, ["tensorflow-cpu"])


@pytest.mark.parametrize("name", ["m.json", "m.txt", "m.model", "m.bst", "m.keras", "m.pt", "m.skops", "m.h5", "m.ubj"])
@pytest.mark.parametrize("content", [
    b"", b"{", b'{"a": 1}', b"tree", b"PK\3\4", b"PK\3\4" + os.urandom(0) + bytes(200), b"PK\5\6" + bytes(18),
    b"\x89HDF", b"{L\0\0\0\0\0\0\0\7", struct.pack("<Q", 2**63),
], ids=repr)  # fmt: skip
def test_what_only_has_the_name_is_nothing_of_it(name, content):
    assert told(name, content) == (Framework.CUSTOM, "", [])


def test_an_mlflow_folder_is_one_whatever_lies_in_it(booster):
    files = {
        "MLmodel": b"flavors: {python_function: {loader_module: mlflow.xgboost}}",
        "model.ubj": bytes(booster.save_raw()),
    }
    assert facts_of(files).framework == Framework.MLFLOW
