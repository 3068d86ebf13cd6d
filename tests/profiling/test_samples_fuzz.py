"""Whatever text comes, it is read or refused in words."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from profiling.errors import SamplesInvalid
from profiling.samples import FORMATS, Samples, read_samples, samples_of
from registry.models import Framework
from registry.reading import signature
from tests.profiling.test_samples import IMAGES, TABLE, version

PIECES = st.sampled_from([
    *'{}[],;\t|"\n\r\\:. ', '""', "\r\n", "\x00", "\ufeff", "\ud800", "\u2028", "1", "-2.5", "1e999", "NaN", "Infinity",
    "true", "null", "a", "age", "code", "é", '{"data": [[1]]}', '"{""a"": 1}"', "١", "_", "9" * 5000,
])  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))
VERSIONS = [None, TABLE, IMAGES, version(Framework.MLFLOW, ("age", "double", None)), version(Framework.CUSTOM)]


@settings(max_examples=500, deadline=None, derandomize=True)
@given(TEXTS, st.sampled_from(FORMATS), st.sampled_from(VERSIONS))
def test_text_is_read_or_refused(text, format, of):
    try:
        samples = read_samples(text, format=format, version=of)
    except SamplesInvalid:
        return
    assert isinstance(samples, Samples) and samples.bodies
    for body in samples.bodies:
        json.loads(body)


TYPES = st.sampled_from(["", "double", "int64", "string", "bool", "datetime", "array of long", "binary"]) | st.text()
SHAPES = st.none() | st.lists(st.none() | st.integers(-1, 2**53 - 1) | st.text(min_size=1), max_size=4)
FIELDS = st.fixed_dictionaries({"name": st.text(), "type": TYPES, "shape": SHAPES})


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(FIELDS, max_size=4), st.sampled_from(Framework.values), st.sampled_from(["1,2\n", "a,b\n1,x\n", "5\n"]))
def test_any_signature_makes_requests_or_none(inputs, framework, text):
    told = version(framework)
    told.signature = signature.checked({"inputs": inputs})
    made = samples_of(told)
    for body in made.bodies if made else ():
        json.loads(body)
    assert read_samples(text, version=told).bodies
