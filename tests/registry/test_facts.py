"""What a model's files say about themselves, without any of them being run."""

import io
import os
import pickle
import random
import time
import zipfile
import zlib

import joblib
import numpy
import pytest
import sklearn
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from registry.models import Framework
from registry.reading import FactFile, Facts, read_facts
from tests.registry.packing import tarred, zipped
from tests.registry.payloads import facts_of_file

PIPELINE = make_pipeline(StandardScaler(), LogisticRegression()).fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])


def facts_of(**files: bytes) -> Facts:
    """Keyword names are file names with the dot and the slash written out."""
    return read_facts([
        FactFile(name.replace("_SLASH_", "/").replace("_DOT_", "."), lambda content=content: io.BytesIO(content))
        for name, content in files.items()
    ])  # fmt: skip


def model(content: bytes) -> Facts:
    return facts_of(model_DOT_pkl=content)


def dumped(value: object, **options) -> bytes:
    file = io.BytesIO()
    joblib.dump(value, file, **options)
    return file.getvalue()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickled_pipeline_is_known_with_its_version(protocol):
    facts = model(pickle.dumps(PIPELINE, protocol))
    assert (facts.framework, facts.framework_version) == (Framework.SCIKIT_LEARN, sklearn.__version__)
    assert facts.versions == {"scikit-learn": sklearn.__version__} and facts.libraries == ["scikit-learn"]
    assert facts.pickles == ["model.pkl"] and "scikit-learn" in facts.why


@pytest.mark.parametrize("compress", [0, 3, ("zlib", 9), ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3)], ids=str)
def test_what_joblib_wrote_is_known_however_it_is_compressed(compress):
    facts = facts_of(model_DOT_joblib=dumped(PIPELINE, compress=compress))
    assert (facts.framework, facts.framework_version) == (Framework.SCIKIT_LEARN, sklearn.__version__)


def test_a_model_with_large_arrays_inside_is_known():
    fitted = LogisticRegression().fit(numpy.random.default_rng(1).random((50, 20_000)), [0, 1] * 25)
    facts = facts_of(model_DOT_joblib=dumped(fitted))
    assert facts.framework_version == sklearn.__version__


@pytest.mark.parametrize("value", [
    {"weights": [1, 2, 3]}, [1.0] * 1000, "a text", {"library": "sklearn"}, ["sklearn.linear_model", "pandas"],
    "import sklearn.svm as csklearn",
], ids=str)  # fmt: skip
@pytest.mark.parametrize("protocol", [2, 5])
def test_a_pickle_of_something_else_is_custom_even_when_it_speaks_of_scikit_learn(value, protocol):
    facts = model(pickle.dumps(value, protocol))
    assert (facts.framework, facts.libraries) == (Framework.CUSTOM, [])
    assert "entry script" in facts.why


def test_other_libraries_a_pickle_needs_are_named():
    by_pandas = b"\x80\x04\x95\x20\x00\x00\x00\x00\x00\x00\x00\x8c\x11pandas.core.frame\x94\x8c\tDataFrame\x94\x93\x94."
    assert model(by_pandas).libraries == ["pandas"]


def test_a_pipeline_that_picks_columns_by_name_needs_pandas():
    picking = make_column_transformer((StandardScaler(), ["height"]))
    assert model(pickle.dumps(picking)).libraries == ["scikit-learn", "pandas"]


def test_a_pickle_is_never_run(tmp_path):
    class Hostile:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path}/was-run",)

    for content in (pickle.dumps(Hostile()), dumped([PIPELINE, Hostile()]), dumped(Hostile(), compress=3)):
        facts_of(model_DOT_pkl=content, model_DOT_joblib=content, MLmodel=content, model_DOT_onnx=content)
    assert not (tmp_path / "was-run").exists()


FAR = [2**62 - 1, 2**63 - 1, 2**63, 2**64 - 1]


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("opcode", [b"\x8e", b"\x8d", b"\x96"])
def test_a_pickle_that_ends_further_off_than_any_disk_reaches_is_none(tmp_path, far, opcode):
    path = tmp_path / "model.pkl"
    path.write_bytes(b")" + opcode + far.to_bytes(8, "little") + b"x" * 100)
    assert facts_of_file(path).framework == Framework.CUSTOM


@pytest.mark.parametrize("far", FAR)
def test_an_archive_whose_member_lies_further_off_than_any_disk_reaches_has_none(tmp_path, far):
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("data.pkl", pickle.dumps(PIPELINE))
        packed.getinfo("data.pkl").header_offset = far
    facts = facts_of_file(path)
    assert (facts.framework, facts.libraries) == (Framework.CUSTOM, [])


@pytest.mark.parametrize("content", [
    b"", b"\x80", b"\x80\x05", b"x", b"x\x9c", b"\x1f\x8b", b"\x1f\x8b\x08garbage", b"BZh", b"BZh9garbage", b"\xfd7zXZ",
    b"]\x00\x00\x80\x00garbage", random.Random(1).randbytes(100_000), b"\x8c" * 100_000, b"csklearn" * 100_000,
    b"_sklearn_version", b"_sklearn_version\x94\x8c", b"_sklearn_versionX\xff\xff\xff\xff",
    pickle.dumps(PIPELINE)[:-50],
], ids=lambda content: repr(content[:12]))  # fmt: skip
def test_garbage_is_read_without_a_fault(content):
    for name in ("model_DOT_pkl", "MLmodel", "model_DOT_onnx", "model_DOT_joblib"):
        assert facts_of(**{name: content}).why


@pytest.mark.parametrize("version", ["1.0\n--index-url http://evil", "x" * 200, "", "1.0; import os", "\x00"])
def test_a_hostile_version_does_not_become_a_requirement(version):
    content = pickle.dumps({"_sklearn_version": version, "model": StandardScaler()}, 4)
    facts = model(content)
    assert facts.versions.get("scikit-learn", "") in {"", sklearn.__version__}


def test_a_file_that_grows_without_end_is_read_as_far_as_is_sensible():
    endless = zlib.compress(b"\x00" * (100 << 20), 9)
    began = time.perf_counter()
    assert facts_of(model_DOT_joblib=endless).framework == Framework.CUSTOM
    assert time.perf_counter() - began < 10


def test_an_onnx_file_is_known_by_its_name():
    facts = facts_of(net_DOT_onnx=b"anything", readme_DOT_md=b"")
    assert facts.framework == Framework.ONNX and "net.onnx" in facts.why


MLMODEL = b"""
flavors:
  python_function: {loader_module: mlflow.sklearn, python_version: 3.11.9}
  sklearn: {pickled_model: model.pkl}
mlflow_version: 3.17.2
"""


def test_an_mlflow_folder_is_known_with_its_python_and_requirements():
    facts = facts_of(
        net_SLASH_MLmodel=MLMODEL,
        net_SLASH_model_DOT_pkl=pickle.dumps(PIPELINE),
        net_SLASH_requirements_DOT_txt=b"# made by mlflow\nmlflow==3.17.2\n\n  scikit-learn==1.9.1 \n",
    )
    assert (facts.framework, facts.framework_version) == (Framework.MLFLOW, "3.17.2")
    assert facts.mlmodel == {"flavors": ["python_function", "sklearn"], "python_version": "3.11.9"}
    assert facts.requirements == ["mlflow==3.17.2", "scikit-learn==1.9.1"]
    assert facts.pickles == ["net/model.pkl"]


def test_of_two_mlflow_descriptions_the_outer_one_counts():
    facts = facts_of(a_SLASH_b_SLASH_MLmodel=b"mlflow_version: '1'", a_SLASH_MLmodel=b"mlflow_version: '2'")
    assert facts.framework_version == "2"


@pytest.mark.parametrize("content", [
    b"- a list", b"a text", b"{", b"flavors: 1", b"flavors: {python_function: 3}", b"\xff\xfe\x00", b"[" * 20_000,
    b"a: !!python/object/apply:os.system [id]", b"when: 2001-99-99", b"mlflow_version: [1, 2]", b"n: " + b"9" * 5000,
    b'mlflow_version: "\\0\\ud800"', b"&a [*a]", b"flavors: &f {x: *f}",
], ids=lambda content: repr(content[:30]))  # fmt: skip
def test_a_hostile_mlflow_description_is_read_without_a_fault(content):
    facts = facts_of(MLmodel=content)
    assert facts.framework == Framework.MLFLOW
    assert "\x00" not in str(facts.as_dict()) and len(str(facts.as_dict())) < 5000


def test_a_description_that_doubles_itself_stays_small():
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    bomb = "\n".join([*lines, "mlflow_version: *a29", "flavors: {python_function: {python_version: *a29}}"])
    assert facts_of(MLmodel=bomb.encode()).framework_version == ""


def test_a_pickle_without_a_byte_is_said_to_be_empty():
    facts = facts_of(empty_DOT_pkl=b"")
    assert facts.why == "empty.pkl is empty: it holds no model." and facts.framework == Framework.CUSTOM
    assert facts_of(a_DOT_pkl=b"", b_DOT_pkl=pickle.dumps({})).why.startswith("b.pkl is a pickle, but not of")
    assert facts_of(a_DOT_pkl=b"", b_DOT_pkl=pickle.dumps(PIPELINE)).why.startswith("b.pkl is a pickle of scikit-learn")


def test_a_pickle_inside_an_archive_is_named_with_it():
    entries = [("notes.txt", b"of no interest"), ("in/model.pkl", pickle.dumps(PIPELINE))]
    why = "in/model.pkl in folder.{} is a pickle of scikit-learn objects."
    assert facts_of(folder_DOT_zip=zipped(*entries)).why == why.format("zip")
    assert facts_of(folder_DOT_tar_DOT_gz=tarred(*entries, mode="w:gz")).why == why.format("tar.gz")
    other = facts_of(folder_DOT_zip=zipped(("a\x1b[31m.pkl", pickle.dumps({}))))
    assert other.why.startswith("a\N{REPLACEMENT CHARACTER}[31m.pkl in folder.zip is a pickle, but not of")


def test_files_of_no_known_kind_are_custom():
    facts = facts_of(weights_DOT_bin=b"\x00", score_DOT_py=b"def run(): ...")
    assert facts.framework == Framework.CUSTOM and "entry script" in facts.why
    assert read_facts([]).framework == Framework.CUSTOM
