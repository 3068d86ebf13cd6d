"""What a service wrote becomes sentences, and what failed is found with its traceback."""

import json

from deployments.service_log import failure_of, failures_of, line_of

HEAD = "2026-11-21 21:05:{:02},123 {} [42] slipway - "
REQUEST = json.dumps({
    "time": "2026-11-21T21:05:01.477Z", "logger": "slipway.access", "process": 42,
    "message": "POST /score 200 1.234ms 45", "status": 200, "elapsed_ms": 1.234, "request_id": "abc-1",
})  # fmt: skip
TRACEBACK = """Traceback (most recent call last):
  File "score.py", line 7, in run
    return 1 / 0

ValueError: first
  of two lines"""


def test_a_request_is_a_line_to_read():
    line = line_of(REQUEST)
    assert (line.text, line.tone) == ("2026-11-21 21:05:01,477 POST /score 200 1.234ms 45 abc-1", "request")


def test_lines_of_errors_and_of_failed_requests_stand_out():
    failed = REQUEST.replace('"status": 200', '"status": 500').replace("score 200", "score 500")
    written = [f"{HEAD.format(1, 'E')}x", failed, f"{HEAD.format(2, 'I')}y", "printed"]
    assert [line_of(text).tone for text in written] == ["bad", "bad", "", ""]


def test_whatever_else_looks_like_json_stays_as_it_is():
    for text in ('{"time": 3}', '{"time":', '{"time":' + "[" * 10_000, '{"time": "x", "logger": "mine"}', "{}"):
        assert (line_of(text).text, line_of(text).tone) == (text, "")


def test_a_failure_has_its_request_and_its_traceback():
    text = f"{HEAD.format(1, 'E')}run() failed on request abc-1:\n{TRACEBACK}\n{REQUEST}\nprinted\n"
    (failure,) = failures_of(text)
    assert (failure.at, failure.what, failure.request_id) == ("21:05:01", "run()", "abc-1")
    assert failure.said == "ValueError: first" and failure.traceback == TRACEBACK


def test_an_id_of_the_callers_own_may_hold_anything():
    (failure,) = failures_of(f"{HEAD.format(1, 'E')}run() failed on request a:b : c:\n{TRACEBACK}")
    assert (failure.request_id, failure.traceback) == ("a:b : c", TRACEBACK)


def test_a_call_that_took_too_long_has_no_traceback():
    (failure,) = failures_of(f"{HEAD.format(1, 'E')}run() was stopped on request abc-1: Scoring timeout after 300 ms")
    assert (failure.said, failure.traceback) == ("Scoring timeout after 300 ms", "")


def test_the_newest_are_first_and_no_more_than_a_page_holds():
    text = "\n".join(
        f"{HEAD.format(at, 'E')}The model failed on request r{at}:\nTraceback\nKeyError: {at}" for at in range(50)
    )
    found = failures_of(text)
    assert (len(found), found[0].request_id, found[0].what) == (20, "r49", "The model")
    assert failure_of(text, "r40").said == "KeyError: 40"
    assert failure_of(text, "r1") is None and failure_of(text, "") is None


def test_what_a_script_prints_is_no_failure():
    assert (
        failures_of(f"run() failed on request 1:\n{TRACEBACK}\n{HEAD.format(1, 'W')}run() failed on request 1: x") == []
    )


def test_where_nobody_knows_which_request_it_was_the_error_is_told_all_the_same():
    (failure,) = failures_of(f"{HEAD.format(1, 'E')}run_batch() failed on 3 requests:\nTraceback\nKeyError: 1")
    assert (failure.request_id, failure.said) == ("", "KeyError: 1")
