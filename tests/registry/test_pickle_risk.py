"""What reading a pickle may do, told without reading it: real payloads, hidden in every known way."""

import os
import pickle
import struct

import joblib
import numpy
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from registry.models import Risk
from tests.registry.payloads import Mine, Payload, X, Y, dumped, facts_of, risk_of


@pytest.fixture
def payload(tmp_path):
    return Payload(tmp_path / "was-run")


MODELS = [
    RandomForestClassifier(5), GradientBoostingClassifier(n_estimators=3), KNeighborsClassifier(),
    make_pipeline(FunctionTransformer(numpy.log1p), StandardScaler(), LogisticRegression()),
]  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_models_of_scikit_learn_are_known_however_they_are_saved(model):
    fitted = model.fit(X, Y)
    ways = [pickle.dumps(fitted, protocol) for protocol in range(6)]
    ways += [dumped(fitted, compress=packed) for packed in (0, 3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3))]
    ways += [dumped(fitted, protocol=protocol) for protocol in (2, 3, 4, 5)]
    assert {risk_of(way) for way in ways} == {(Risk.KNOWN, "")}


def test_arrays_of_every_type_in_a_joblib_file_are_stepped_over_exactly():
    record = numpy.zeros(3, dtype=[("a", "f8"), ("b", "i4"), ("c", "S3")])
    many = [numpy.arange(5, dtype=kind) for kind in ("i1", "u2", "i8", "f2", "f4", "f8", "c16", ">f8")]
    many += [numpy.array([True, False])]
    many += [record, numpy.array(["text", "ab"]), numpy.array([b"ab"]), numpy.array(["2020-01-01"], dtype="M8[D]")]
    many += [numpy.zeros((0, 3)), numpy.asfortranarray(X), numpy.array(3.0), numpy.array([StandardScaler()], dtype="O")]
    assert risk_of(dumped(many)) == (Risk.KNOWN, "")


def test_a_vocabulary_of_words_is_known():
    words = [f"word{n}" for n in range(5000)]
    assert risk_of(pickle.dumps(TfidfVectorizer().fit(words))) == (Risk.KNOWN, "")


@pytest.mark.parametrize("protocol", range(6))
def test_a_payload_is_unsafe_in_every_protocol_and_the_reason_names_file_and_import(payload, protocol):
    content = pickle.dumps(payload, protocol)
    risk, why = risk_of(content, "deep/model.pkl")
    assert risk == Risk.UNSAFE
    assert "deep/model.pkl imports posix.mkdir, which runs commands." in why
    pickle.loads(content)
    assert os.path.isdir(payload.path)  # and it was a real one


def test_a_payload_between_and_behind_the_arrays_of_joblib_is_found(payload):
    assert risk_of(dumped([X, payload, X]))[0] == Risk.UNSAFE
    assert risk_of(dumped([X, numpy.array([payload], dtype=object)]))[0] == Risk.UNSAFE
    assert risk_of(dumped({"a": X, "b": payload}, compress=3))[0] == Risk.UNSAFE


@pytest.mark.parametrize("name", ["model.bin", "weights", "README.md", "picture.png", "model.onnx", "MLmodel", "a.h5"])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_payload_under_another_name_is_found_by_its_content(payload, name, protocol):
    assert risk_of(pickle.dumps(payload, protocol), name)[0] == Risk.UNSAFE


def test_a_stream_that_breaks_after_the_payload_is_unsafe(payload):
    whole = pickle.dumps(payload)
    for content in (whole[:-1], whole[:-1] + b"\xff", whole[:-1] + b"\xff" * 5000, whole[:-2] + b"X\xff\xff\xff\xff"):
        assert risk_of(content)[0] == Risk.UNSAFE


def test_a_payload_in_a_later_pickle_of_the_stream_is_found(payload):
    harmless = pickle.dumps([1, 2]) * 3
    assert risk_of(harmless + pickle.dumps(payload))[0] == Risk.UNSAFE
    assert risk_of(harmless + pickle.dumps(payload, 0))[0] == Risk.UNSAFE
    assert risk_of(harmless + b"\xff\xff" + pickle.dumps(payload))[0] == Risk.UNSAFE


# STACK_GLOBAL takes its names from wherever the stack has them.
MEMO = {
    "from the memo": b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x940h\x00h\x01\x93\x8c\x02id\x85R.",
    "numbered by hand": b"\x80\x04\x8c\x05posixq\x07\x8c\x06systemr\x09\x00\x00\x00\x30h\x07j\x09\x00\x00\x00\x93)R.",
    "doubled and dropped": b"\x80\x04\x8c\x05posix\x8c\x05mkdir2000\x8c\x05posix\x8c\x06system\x93)R.",
    "behind a popped mark": b"\x80\x04\x8c\x05posix(\x8c\x01x1\x8c\x06system\x93)R.",
    "as other kinds of text": b"\x80\x04U\x05posixT\x06\x00\x00\x00system\x93)R.",
    "as a line": b"\x80\x04Vposix\nS'system'\n\x93)R.",
    "escaped": b"\x80\x04V\\u0070osix\nVsyste\\u006d\n\x93)R.",
    "overwritten": b"\x80\x04\x8c\x04json\x940\x8c\x05posixq\x000h\x00\x8c\x06system\x93)R.",
    "through a tuple": b"\x80\x04\x8c\x05posix\x8c\x06system\x86\x940\x8c\x05posix\x8c\x06system\x93)R.",
    "INST": b"(Vid\niposix\nsystem\n.",
    "OBJ": b"(cposix\nsystem\nVid\no.",
    "a module of Python 2": b"\x80\x02ccommands\ngetoutput\nU\x02id\x85R.",
}


@pytest.mark.parametrize("content", MEMO.values(), ids=MEMO)
def test_names_are_followed_through_stack_and_memo(content):
    assert risk_of(content)[0] == Risk.UNSAFE


def test_what_cannot_be_told_is_unknown_with_the_reason():
    cases = {
        b"\x80\x02\x82\x01.": "by a number",
        b"\x80\x04\x8c\x05posix\x8c\x03sys]\x93.": "put together",
        pickle.dumps(StandardScaler())[:-5]: "ends in the middle",
        b"weights": "no pickle",
        b"\x04\x22\x4d\x18" + b"\x00" * 50: "lz4",
        b"7z\xbc\xaf\x27\x1c" + b"\x00" * 50: "7z",
    }
    for content, words in cases.items():
        risk, why = risk_of(content)
        assert (risk, words in why) == (Risk.UNKNOWN, True), (content[:20], why)


def test_names_of_nobody_are_unknown():
    risk, why = risk_of(pickle.dumps(Mine()))
    assert risk == Risk.UNKNOWN and "Mine, which nobody vouches for here." in why


def test_a_pickle_inside_a_pickle_is_unsafe_by_what_would_read_it(payload):
    class Nested:
        def __reduce__(self):
            return pickle.loads, (pickle.dumps(payload),)

    risk, why = risk_of(pickle.dumps(Nested()))
    assert risk == Risk.UNSAFE and "which reads another pickle" in why


def test_a_payload_that_only_pickle_sees_in_the_bytes_of_a_joblib_array_is_found(payload):
    """joblib reads the array, pickle.load goes on with its bytes as instructions."""
    content = _without_padding(pickle.dumps(payload, 3)[:-1] + b"0")
    assert risk_of(content)[0] == Risk.UNSAFE
    pickle.loads(content)
    assert os.path.isdir(payload.path)


def _without_padding(hidden: bytes) -> bytes:
    """As joblib before 1.2 wrote it: the array's bytes follow at once."""
    array = numpy.frombuffer(hidden, dtype="u1")
    wrapper = joblib.numpy_pickle.NumpyArrayWrapper(numpy.ndarray, array.shape, "C", array.dtype)
    del wrapper.numpy_array_alignment_bytes
    return pickle.dumps(wrapper, 3)[:-1] + hidden + b"."


def test_an_array_that_begins_inside_a_frame_is_not_followed():
    """joblib reads it behind the frame: what stands between would be hidden."""
    content = dumped(X, protocol=4)
    size = struct.unpack("<Q", content[3:11])[0]
    assert risk_of(content[:3] + struct.pack("<Q", size + 50) + content[11:])[0] == Risk.UNKNOWN


def test_an_element_type_that_contradicts_itself_is_not_followed():
    content = dumped(numpy.array([b"abcdefgh"] * 4), protocol=3)
    assert risk_of(content.replace(b"S8", b"S1"))[0] == Risk.UNKNOWN


def test_a_distribution_of_scipy_runs_text_of_its_state_and_is_not_known(tmp_path):
    from scipy.stats import norm

    state = norm.__getstate__() if hasattr(norm, "__getstate__") else dict(norm.__dict__)
    state = {
        **state,
        "_parse_arg_template": f"import os; os.mkdir({str(tmp_path / 'ran')!r})\n{norm._parse_arg_template}",
    }

    class Distribution:
        def __reduce__(self):
            return type(norm), (), state

    content = pickle.dumps(Distribution())
    assert risk_of(content)[0] == Risk.UNKNOWN
    pickle.loads(content)
    assert (tmp_path / "ran").is_dir()


def test_without_time_nothing_is_called_safe():
    facts = facts_of({"model.pkl": pickle.dumps(StandardScaler())}, seconds=-1)
    assert facts.risk == Risk.UNKNOWN and "no time" in facts.risk_reasons[0]


def test_names_with_control_characters_are_shown_safely():
    facts = facts_of({"model.pkl": b"\x80\x04\x8c\x05a\x00\x1b<b\x8c\x03x\ny\x93."})
    assert facts.risk == Risk.UNKNOWN and all(text.isprintable() for text in facts.risk_reasons)


@pytest.mark.parametrize("seed", range(20))
def test_noise_in_a_pickle_is_never_a_fault(seed):
    random = numpy.random.default_rng(seed)
    content = bytearray(dumped([StandardScaler().fit(X), X, "text", {"a": 1}]))
    for at in random.integers(0, len(content), 10):
        content[at] = random.integers(0, 256)
    assert risk_of(bytes(content))[0] in Risk.values
