"""Tables of numbers are read as the parsed lists would be, or left to them."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slipway_scoring import loaders, number_tables
from slipway_scoring.bodies import read_rows
from slipway_scoring.dataplane import Call, ModelScorer
from slipway_scoring.errors import ScoringError

from tests.scoring import models

ROWS = models.CANCER[:100]
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1)
SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 4))


@settings(max_examples=400, deadline=None)
@given(st.data(), SHAPES, st.sampled_from([NUMBERS, st.integers(-(2**63), 2**63 - 1)]))
def test_what_is_read_is_what_numpy_makes_of_the_lists(data, shape, numbers):
    rows, width = shape
    row = st.lists(numbers, min_size=width, max_size=width)
    table = data.draw(st.lists(row, min_size=rows, max_size=rows))
    found, expected = number_tables.read(json.dumps({"data": table}).encode())["data"], np.asarray(table)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("body", [
    b"", b"x", b"3", b"null", b'"data"', b"{}", b"[[1.5]]", b'{"data": 1}', b'{"data": null}', b'{"data": []}',
    b'{"data": [[]]}', b'{"data": [1.5, 2]}', b'{"data": [[1.5], [2, 3]]}', b'{"data": [[1, 2], [3], [4, 5, 6]]}',
    b'{"data": [[1.5, [2]]]}', b'{"data": [[[1.5]]]}', b'{"data": [[1.5, "2"]]}', b'{"data": [["1", "2"]]}',
    b'{"data": [[1.5, null]]}', b'{"data": [[1.5, true]]}', b'{"data": [[true, 1.5]]}', b'{"data": [[NaN]]}',
    b'{"data": [[1e999]]}', b'{"data": [[1.5]], "data": [[2.5]]}', b'{"data": [[1.5]], "inputs": [[2.5]]}',
    b'{"data": [[1.5]], "more": [1]}', b'{"data": [[1.5]], "more": {}}', b'{"data": [[1.5]]} x',
    b'{"data": [{"a": 1}]}',
    b'{"data": {"columns": ["a"], "data": [[1.5]]}}', b'{"data": "text"}', b'{"data": ["ab", "cd"]}',
    b'{"data": [[1.5, 99999999999999999999999]]}', b"[" * 100_000, b'{"data": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"data": [[1.5]], "text": "\xff"}',
], ids=lambda body: repr(body[:40]))  # fmt: skip
def test_what_is_no_such_table_is_left_to_others(body):
    assert number_tables.read(body) is None


def test_what_stands_beside_the_table_is_kept():
    document = number_tables.read(b'{"method": "predict_proba", "instances": [[1, 2], [3, 4]], "n": 1.5}')
    assert document["instances"].tolist() == [[1, 2], [3, 4]] and document["instances"].dtype == np.int64
    assert (document["method"], document["n"]) == ("predict_proba", 1.5)


def test_a_model_may_write_into_what_it_gets():
    assert number_tables.read(b'{"data": [[1.5]]}')["data"].flags.writeable


@pytest.fixture(params=["pickle", "onnx"])
def predictor(request, tmp_path):
    if request.param == "pickle":
        models.pickled(models.cancer_pipeline(), tmp_path / "model.pkl")
    else:
        models.as_onnx(models.cancer_pipeline(), ROWS, tmp_path / "model.onnx")
    return loaders.load(tmp_path)


def scored(predictor, *bodies: dict) -> list:
    outcomes = ModelScorer(predictor, 60_000).score([Call(json.dumps(body).encode()) for body in bodies])
    return [str(one) if isinstance(one, ScoringError) else json.loads(one.body)["predictions"] for one in outcomes]


def test_small_and_large_tables_are_answered_alike_and_together(predictor):
    body = json.dumps({"data": ROWS.tolist()}).encode()
    assert isinstance(read_rows(body, as_array=True)["data"], np.ndarray)
    row_by_row = [answer[0] for answer in scored(predictor, *({"data": [row]} for row in ROWS.tolist()))]
    large, small, again = scored(
        predictor, {"data": ROWS.tolist()}, {"data": ROWS[:1].tolist()}, {"data": ROWS[:50].tolist()}
    )
    assert (large, small, again) == (row_by_row, row_by_row[:1], row_by_row[:50])


def test_a_large_table_of_the_wrong_width_is_refused_and_spoils_no_other(predictor):
    wrong, right = scored(predictor, {"data": ROWS[:, :20].tolist()}, {"data": ROWS.tolist()})
    assert "20" in wrong and "30" in wrong
    assert len(right) == 100
