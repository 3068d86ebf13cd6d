"""What a model takes and gives, as people write it."""

import pytest

from registry.errors import SignatureInvalid
from registry.reading import signature


def test_a_signature_is_kept_in_one_form():
    given = {"inputs": [{"name": "x", "type": "float32", "shape": [-1, "width", 4]}], "outputs": [{"type": "long"}]}
    assert signature.checked(given) == {
        "inputs": [{"name": "x", "type": "float32", "shape": [None, "width", 4]}],
        "outputs": [{"name": "", "type": "long", "shape": None}],
        "source": "given at registration",
    }
    assert signature.checked({"inputs": [], "source": "the train script"})["source"] == "the train script"
    assert signature.checked({}) == {}


@pytest.mark.parametrize(("given", "said"), [
    ([], "an object"), ("x", "an object"), ({"input": []}, "'input'"), ({"inputs": {}}, "a list"),
    ({"inputs": ["x"]}, "inputs[0]"), ({"inputs": [{"title": "x"}]}, "'title'"), ({"source": 3}, "source"),
    ({"outputs": [{"name": 3}]}, "outputs[0].name"), ({"inputs": [{"name": "x" * 300}]}, "256"),
    ({"inputs": [{"shape": 3}]}, "shape"), ({"inputs": [{"shape": [1.5]}]}, "shape"),
    ({"inputs": [{"shape": [True]}]}, "shape"), ({"inputs": [{"shape": [-2]}]}, "shape"),
    ({"inputs": [{"shape": [1] * 17}]}, "16"), ({"inputs": [{}] * 2001}, "2001"),
], ids=lambda value: repr(value)[:40])  # fmt: skip
def test_what_is_no_signature_is_refused_in_words(given, said):
    with pytest.raises(SignatureInvalid) as refused:
        signature.checked(given)
    assert said in refused.value.detail and refused.value.advice


def test_names_that_no_database_keeps_are_mended():
    (entry,) = signature.checked({"inputs": [{"name": "a\x00b\ud800"}]})["inputs"]
    assert "\x00" not in entry["name"] and entry["name"].encode()
