"""Text of sample requests: JSON lines, one document, or CSV, read into bodies."""

import json

import pytest

from profiling.errors import SamplesInvalid
from profiling.samples import read_samples
from profiling.samples.taken import MOST_BODIES, MOST_BODY_BYTES, MOST_TEXT_BYTES
from registry.models import Framework, ModelVersion


def bodies(text: str, version: ModelVersion | None = None, **options) -> list[str]:
    samples = read_samples(text, version=version, **options)
    assert samples.source == "upload"
    return list(samples.bodies)


def version(framework: str, *inputs: tuple) -> ModelVersion:
    """Each input is (name, type, shape)."""
    entries = [dict(zip(("name", "type", "shape"), entry, strict=True)) for entry in inputs]
    return ModelVersion(framework=framework, signature={"inputs": entries, "outputs": []})


@pytest.mark.parametrize(("text", "expected"), [
    ('{"data": [[1]]}\n\n  {"b":2}\r\n', ['{"data": [[1]]}', '{"b":2}']),
    ('\ufeff\n{"data": [[1]]}', ['{"data": [[1]]}']),
    ('{\n  "data": [[1]]\n}\n', ['{\n  "data": [[1]]\n}']),
    ("[[1, 2],\n [3, 4]]", ["[[1, 2],\n [3, 4]]"]),
    ("[[1, 2]]\n[[3, 4]]", ["[[1, 2]]", "[[3, 4]]"]),
    ('{"data": [[NaN]]}', ['{"data": [[NaN]]}']),
    ('{"text": "a\u2028b\u0085c"}\n{}', ['{"text": "a\u2028b\u0085c"}', "{}"]),
], ids=["lines", "byte order mark", "one over lines", "a list so", "lists", "NaN", "other line ends"])  # fmt: skip
def test_json_is_sent_as_it_is(text, expected):
    assert bodies(text) == expected


def test_lines_of_any_json_are_bodies_when_that_is_said():
    assert bodies('5\n"a text"\nnull', format="jsonl") == ["5", '"a text"', "null"]


@pytest.mark.parametrize(("text", "expected"), [
    ("a,b\n1,2\n3,4\n", [[1, 2], [3, 4]]),
    ("1,2\n3,4\n", [[1, 2], [3, 4]]),
    ("a;b\n1;2\n", [[1, 2]]),
    ("a\tb\n1\t2\n", [[1, 2]]),
    (",a,b\n0,5,6\n1,7,8\n", [[5, 6], [7, 8]]),
    ("0,1,2\n5,6,7\n", [[5, 6, 7]]),
    ('a, b\n"x, y", "say ""hi"""\n', [["x, y", 'say "hi"']]),
    ("a,b\n\n1,2\n   \n", [[1, 2]]),
    ("a\n5.1\n4.9\n", [[5.1], [4.9]]),
], ids=["named", "unnamed", "semicolons", "tabs", "index", "numbered", "quotes", "blank", "one column"])  # fmt: skip
def test_each_row_of_a_csv_is_a_request(text, expected):
    assert [json.loads(body) for body in bodies(text)] == [{"data": [row]} for row in expected]


@pytest.mark.parametrize(("cells", "expected"), [
    (["1", "2"], "[1, 2]"), (["1", "2.5"], "[1.0, 2.5]"), (["1", "x"], '["1", "x"]'),
    (["True", "false"], "[true, false]"), (["1", ""], "[1, null]"), (["NaN", "2.5"], "[null, 2.5]"),
    (["", "n/a"], "[null, null]"), (["inf", "1"], '["inf", "1"]'), (["1e999", "1"], '["1e999", "1"]'),
    (["1_0", "2"], '["1_0", "2"]'), (["9" * 30, "1"], "[1e+30, 1.0]"), (["-1.5e-3", "+.5"], "[-0.0015, 0.5]"),
])  # fmt: skip
def test_a_column_is_of_one_kind(cells, expected):
    found = [json.loads(body)["data"][0][1] for body in bodies("a,b\n" + "".join(f"x,{cell}\n" for cell in cells))]
    assert json.dumps(found) == expected


@pytest.mark.parametrize("text", [
    'body\n"{""data"": [[1, 2]]}"\n"{""data"": [[3, 4]]}"\n',
    '"{""data"": [[1, 2]]}"\n"{""data"": [[3, 4]]}"\n',
    'body\n{"data": [[1, 2]]}\n{"data": [[3, 4]]}\n',
    '{"data": [[1, 2]]}\n{"data": [[3, 4]]}\n',
], ids=["named", "unnamed", "without quotes", "lines alone"])  # fmt: skip
def test_one_column_of_json_is_a_body_a_row_as_azure_takes_it(text):
    for format in ("auto", "csv"):
        assert bodies(text, format=format) == ['{"data": [[1, 2]]}', '{"data": [[3, 4]]}']


TABLE = version(Framework.SCIKIT_LEARN, ("age", "", None), ("code", "string", None))
IMAGES = version(Framework.ONNX, ("image", "float32", ["N", 1, 2, 2]))


@pytest.mark.parametrize(("given", "text", "expected"), [
    (TABLE, "code,x,age\n012,9,1", {"input_data": {"columns": ["age", "code"], "data": [[1, "012"]]}}),
    (TABLE, "years,code\n5,1", {"input_data": {"columns": ["years", "code"], "data": [[5, "1"]]}}),
    (TABLE, "1,2", {"data": [[1, "2"]]}),
    (TABLE, "age,1\n3,4", {"input_data": {"columns": ["age", "1"], "data": [[3, 4]]}}),
    (version(Framework.MLFLOW, ("age", "double", None)), "age\n1",
     {"dataframe_split": {"columns": ["age"], "data": [[1.0]]}}),
    (version(Framework.MLFLOW, ("", "double", None), ("", "string", None)), "1,2", {"data": [[1.0, "2"]]}),
    (version(Framework.XGBOOST, ("", "float64", [None, 2])), "a,b\n1,2", {"data": [[1.0, 2.0]]}),
    (IMAGES, "a,b,c,d\n1,2,3,4", {"data": [[[[1.0, 2.0], [3.0, 4.0]]]]}),
    (IMAGES, "a,b\n1,2", {"data": [[1.0, 2.0]]}),
    (version(Framework.TENSORFLOW, ("x", "float32", [None])), "x\n1", {"data": [1.0]}),
    (version(Framework.ONNX, ("a", "float32", [None, 1]), ("b", "string", [None, 1])), "b,a\nu,1",
     {"inputs": {"a": [[1.0]], "b": [["u"]]}}),
    (version(Framework.CUSTOM, ("a", "", None)), "a,b\n1,2", {"data": [[1, 2]]}),
    (ModelVersion(framework=Framework.SCIKIT_LEARN), "a,b\n1,2",
     {"input_data": {"columns": ["a", "b"], "data": [[1, 2]]}}),
], ids=["by name", "other names", "by place", "a known name", "mlflow", "mlflow unnamed", "booster", "image",
        "no image", "one value", "inputs", "script", "unknown"])  # fmt: skip
def test_a_row_takes_the_form_that_the_model_takes(given, text, expected):
    (body,) = bodies(text, given)
    assert body == json.dumps(expected, separators=(",", ":"))


@pytest.mark.parametrize(("text", "words"), [
    ("", "are empty"), ("\ufeff \n\n ", "are empty"), ("a,b\n", "no row below the names"), ('""', "no row below"),
    ('{"a": 1}\n{"b": }', "Line 2: This is not JSON: unexpected character"),
    ('\n\n{"a": \n "b": 1\n}', "Line 4: This is not JSON"), ('{"a": 1} {"b": 2}', "Line 1: This is not JSON"),
    ('{"a": 1', "Line 1: This is not JSON"), ('{"a": NaN, }', "Line 1: This is not JSON"),
    ("[" * 100_000, "Line 1: This is not JSON"), ('{"NaN": ' + "[" * 100_000, "Line 1: This is not JSON"),
    ("1,2\n3,4\n5\n", "Line 3: This row has 1 values; the first line has 2"),
    ("a,b\n1,2,3", "Line 2: This row has 3 values"), (",a\n0,1\n5\n", "Line 3: This row has 1 values"),
    ('a,b\n"x,1\n', "Line 2: The CSV cannot be read: unexpected end of data"),
    ('"a"b,c\n', "Line 1: The CSV cannot be read"), ("a,a\n1,2", "Line 1: The first line names the column 'a' 2 times"),
    ('\nbody\n{"a": 1}\n{"a":}', "Line 4: This is not JSON"),
    ('body\n"{""a"": 1}"\n"{""a"":}"\n', "Line 3: This is not JSON"), ('b\n"{""a"": 1}"\n7a', "Line 3: This is not"),
    ("1,2\n3,\x004", "Line 2: It holds a NUL"), ("a\nb\ud800", "Line 2: It holds half of a surrogate pair"),
], ids=lambda value: None if len(value) > 60 else value.encode("unicode_escape").decode()[:40])  # fmt: skip
def test_what_cannot_be_read_is_refused_by_its_line(text, words):
    with pytest.raises(SamplesInvalid, match=words) as refused:
        read_samples(text, version=None)
    assert refused.value.code == "samples-invalid"
    assert refused.value.extras["errors"] == {"samples": [refused.value.detail]}
    assert refused.value.extras.get("line") == (int(words[5]) if words.startswith("Line") else None)


def test_a_format_nobody_knows_is_refused():
    with pytest.raises(SamplesInvalid, match="no format 'xml'"):
        read_samples("{}", format="xml", version=None)


def test_of_many_requests_the_first_are_kept():
    rows = "".join(f"{number}\n" for number in range(MOST_BODIES + 5))
    assert bodies(rows)[-1] == f'{{"data":[[{MOST_BODIES - 1}]]}}'
    assert len(bodies("{}\n" * (MOST_BODIES + 5))) == MOST_BODIES


def test_rows_that_grow_by_the_names_of_their_columns_stay_in_bounds():
    names = [f"a column with a rather long name {number}" for number in range(2000)]
    rows = (",".join(names) + "\n") + (",".join(["1"] * 2000) + "\n") * 400
    sent = read_samples(rows, version=ModelVersion(framework=Framework.SCIKIT_LEARN))
    assert 200 < len(sent.bodies) < 400
    assert MOST_TEXT_BYTES - MOST_BODY_BYTES < sent.size_bytes <= MOST_TEXT_BYTES


@pytest.mark.parametrize(("text", "words"), [
    ("[" + "1," * (MOST_BODY_BYTES // 2) + "1]", "Line 1: This request has 5,242,883 bytes"),
    ('{}\n"' + "é" * (MOST_BODY_BYTES // 2) + '"', "Line 2: This request has 5,242,882 bytes"),
    ("a\n" + "1" * (MOST_BODY_BYTES + 1), "Line 2: This line has 5,242,881 characters"),
    ("1," * 200_000 + "1", "Line 1: This line has 200,001 values; 200,000 is the most"),
    ("a" + "\n" * 10_002 + "b", "Line 10002: More than 10,000 lines are blank"),
    ("a\n" * (MOST_TEXT_BYTES // 2 + 1), "have 20,971,522 bytes; 20,971,520 is the most"),
], ids=["body", "body by bytes", "line", "columns", "blank", "text"])  # fmt: skip
def test_what_is_too_large_is_refused(text, words):
    with pytest.raises(SamplesInvalid, match=words):
        read_samples(text, version=None)
