"""What becomes of run()'s return value and of its failures (Azure ML v1 contract, 1.3, 1.4)."""

import json

import pytest

from tests.scoring.scripts import RETURNS

UNEXPECTED = "An unexpected internal error occurred. Check the logs for more info."
SCRIPT_ERROR = "An unexpected error occurred in scoring script. Check the logs for more info."


@pytest.fixture(scope="module")
def returns(start_server, tmp_path_factory):
    script = tmp_path_factory.mktemp("script") / "score.py"
    script.write_text(RETURNS)
    return start_server("--entry-script", script, SCORING_TIMEOUT_MS="300").ready()


@pytest.mark.parametrize(
    "case, body",
    [
        ("dict", '{"a": 1}'),
        ("list", "[1, 2]"),
        ("text", '"x"'),
        ("json text", json.dumps(json.dumps({"a": 1}))),
        ("number", "2.5"),
        ("true", "true"),
        ("none", "{}"),
        ("tuple", "[1, 2]"),
        ("float64", "0.5"),
        ("nan", '{"v": NaN}'),
    ],
)
def test_what_json_can_hold_is_dumped_as_azure_did(returns, case, body):
    answer = returns.score(case)
    assert (answer.status_code, answer.text) == (200, body)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-ms-run-function-failed"] == "False"
    assert float(answer.headers["x-ms-run-fn-exec-ms"]) >= 0


@pytest.mark.parametrize("case", ["int64", "float32", "ndarray", "bytes", "set", "decimal", "date", "object", "loop"])
def test_what_json_cannot_hold_is_a_500_that_does_not_blame_run(returns, case):
    answer = returns.score(case)
    assert (answer.status_code, answer.json()) == (500, {"message": UNEXPECTED})
    assert answer.headers["x-ms-run-function-failed"] == "False"
    assert "x-ms-run-fn-exec-ms" not in answer.headers


def test_the_log_says_which_type_could_not_be_written_and_what_to_do(returns):
    returns.score("ndarray")
    assert "run() returned a ndarray that JSON cannot hold" in returns.log
    assert "result.tolist()" in returns.log


@pytest.mark.parametrize("case", ["raise", "exit", "timeout error"])
def test_a_run_that_raises_is_a_500_without_the_cause(returns, case):
    answer = returns.score(case)
    assert (answer.status_code, answer.json()) == (500, {"message": SCRIPT_ERROR})
    assert answer.headers["x-ms-run-function-failed"] == "True"
    assert "x-ms-run-fn-exec-ms" not in answer.headers


def test_the_log_keeps_the_cause_with_its_line(returns):
    returns.score("raise")
    told = returns.log.partition("run() failed on request ")[2].partition("ZeroDivisionError: division by zero")[0]
    assert 'score.py", line' in told
    assert "slipway_scoring" not in told


@pytest.mark.parametrize("case", ["sleep", "swallow"])
def test_a_run_longer_than_the_time_limit_is_stopped(returns, case):
    answer = returns.score(case)
    assert (answer.status_code, answer.json()) == (500, {"message": "Scoring timeout after 300 ms"})
    assert answer.headers["x-ms-run-function-failed"] == "True"
    assert returns.score("dict").status_code == 200
