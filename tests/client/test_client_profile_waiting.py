import io
import json
from pathlib import Path

import pytest
from slipway import profiles
from slipway.cli import measuring
from slipway.progress import StatusLine


def test_points_are_a_table_and_the_recommendation_is_told_in_words(profile, states, measured, fake, underway, result):
    first = {**measured["sizes"][0], "state": "measuring", "points": measured["sizes"][0]["points"][:1]}
    states(underway(sizes=[]), underway(sizes=[first]), underway(), measured)
    ran = profile()
    assert ran.json == result
    assert ran.err == (
        "-- cancer-small: measuring\n"
        "Size                     AtATime  Requests/s     P50Ms     P95Ms     P99Ms     CPU    Memory  Notes\n"
        "0.5 CPU, 1 GB                  1         300       3.0       3.5       4.0    0.40     90 MB\n"
        "0.5 CPU, 1 GB                  8         700       3.0       130       4.0    0.50     90 MB"
        "  unstable, 2 errors\n"
        "-- cancer-small: succeeded, 2 points\n"
        "   Recommended: 0.5 CPU, 0.25 GB, ONNX, 2 replicas, 8 requests at a time.\n"
        "   Expect 700 requests/s, 95 of 100 answered within 9.1 ms. That holds what was asked for.\n"
        "   Why: It is the least that holds the goal.\n"
        "   Not smaller: 0.1 CPU answered 60 requests/s.\n"
        "   Headroom: Memory: 90 MB of 256 MB.\n"
        "   Confidence medium: One point was unstable.\n"
        "   Deploy it with --cc 0.5 --gb 0.25 --num-replicas 2 --convert-to-onnx\n"
        f"   or at {fake.url}/w/default/models/cancer/2/deploy/?cpu=0.5\n"
    )


def test_a_load_that_came_at_a_rate_and_a_generator_that_was_too_slow_are_told(profile, states, measured):
    point = measured["sizes"][0]["points"][0]
    point |= {"mode": "open", "concurrency": None, "rate": 120.0, "generator_bound": True, "cpu": None, "p99_ms": None}
    row = profile().err.splitlines()[1]
    assert " ".join(row.split()) == "0.5 CPU, 1 GB 120/s 300 3.0 3.5 90 MB held back by the load generator"


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        ({"code": "out-of-memory", "detail": "It needs more memory."}, "failed. It needs more memory.\n"),
        (None, "failed\n"),
    ],
)
def test_a_size_that_failed_is_told_once_with_its_cause(profile, states, measured, failure, line, underway):
    measured["sizes"].append({**measured["sizes"][0], "id": 2, "state": "failed", "failure": failure, "points": []})
    states(underway(), measured)
    assert profile().err.count(f"0.5 CPU, 1 GB: {line}") == 1


def test_what_is_measured_now_is_drawn_below_the_table_on_a_terminal(underway):
    terminal = type("Terminal", (io.StringIO,), {"isatty": lambda self: True})()
    view = measuring.View(StatusLine(terminal))
    now = "0.5 CPU, 1 GB: \x1b[31m8 requests at a time, " + "x" * 300
    view.state(underway(progress={"done": 2, "total": 4, "now": now}))
    drawn = terminal.getvalue().rpartition("\r\x1b[K")[2]
    assert drawn.startswith("2/4  0.5 CPU, 1 GB: [31m8 requests at a time, x") and len(drawn) < 300
    view.close()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_nothing_recommended_is_said_so(profile, states, measured):
    states(measured | {"recommendation": None})
    assert "No size is recommended" in profile().err


def test_a_failed_profile_ends_with_its_cause_and_advice_and_exit_code_1(profile, states, measured, fake):
    failure = {"code": "samples-rejected", "detail": "KeyError: 'data'", "advice": "Give other samples."}
    states(measured | {"status": "failed", "failure": failure, "recommendation": None})
    Path("result.json").write_text("before")
    ran = profile("-t", "result.json")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith(
        "ERROR: The profile cancer-small failed: KeyError: 'data'\nWhat to do: Give other samples.\n"
    )
    assert Path("result.json").read_text() == "before" and fake.asked("GET", "/profiles/cancer-small/result") == []


def test_a_cancelled_profile_says_how_to_go_on(profile, states, measured):
    states(measured | {"status": "cancelled", "recommendation": None})
    ran = profile()
    assert ran.code == 1 and "slipway profile resume -n cancer-small" in ran.err


def test_an_interrupted_wait_says_that_it_goes_on_and_how_to_end_it(profile, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(profiles, "wait", interrupted)
    ran = profile()
    assert (
        ran.code == 130 and "goes on in the studio" in ran.err and "slipway profile cancel -n cancer-small" in ran.err
    )


def test_a_lost_connection_is_told_once_and_the_wait_goes_on(profile, fake, measured):
    answers = iter([lambda request: request.cut(), lambda request: request.json({"title": "Starting"}, 503)])
    last = lambda request: request.json(measured)  # noqa: E731
    fake.on("GET", "/profiles/cancer-small", lambda request: next(answers, last)(request))
    ran = profile()
    assert ran.code == 0 and ran.err.count("connection to the studio was lost") == 1


def test_a_studio_that_stays_away_ends_the_wait(profile, fake, monkeypatch):
    monkeypatch.setattr(profiles, "RECONNECT_WITHIN_S", 0)
    fake.problem("GET", "/profiles/cancer-small", 503, title="Starting")
    ran = profile()
    assert ran.code == 1 and "ERROR: Starting" in ran.err


def test_a_profile_that_was_deleted_meanwhile_is_not_waited_for(profile, fake):
    fake.problem("GET", "/profiles/cancer-small", 404, title="No such profile")
    assert "ERROR: No such profile" in profile().err


def test_the_result_is_written_for_deploying(profile, result):
    Path("result.json").write_text("before")
    assert profile("-t", "result.json").code == 0
    assert json.loads(Path("result.json").read_text()) == result
    assert [path.name for path in Path().iterdir()] == ["result.json"]


def test_a_link_to_the_result_file_is_followed(profile, result):
    Path("kept").mkdir()
    Path("result.json").symlink_to("kept/result.json")
    profile("-t", "result.json")
    assert Path("result.json").is_symlink() and json.loads(Path("kept/result.json").read_text()) == result


@pytest.mark.parametrize(("path", "said"), [("nowhere/r.json", "does not exist"), (".", "cannot be written")])
def test_a_place_that_cannot_be_written_is_told_before_anything_is_measured(profile, fake, path, said):
    ran = profile("-t", path)
    assert ran.code == 1 and said in ran.err and fake.requests == []
