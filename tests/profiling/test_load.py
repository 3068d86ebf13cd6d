"""The load generator as others start it, against real servers on localhost."""

import json
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from tests.profiling.load_server import OK, ROOT, CountingServer

QUICK = {"warm_up_s": 0.02, "window_s": 0.05, "max_window_s": 1, "window_requests": 30, "agree": 1, "max_windows": 1}
ENDLESS = {"warm_up_s": 0, "window_s": 0.01, "window_requests": 1, "max_windows": 1000, "agree": 100, "within": 0}
COMMAND = [sys.executable, "-m", "profiling.load"]


def plan(url: str, **changes: object) -> dict:
    return {"url": url, "bodies": ["{}"], "mode": "closed", "concurrency": 2, **QUICK, **changes}


def generate(tmp_path, plan: dict) -> tuple[list[dict], int]:
    """The lines it tells, and how it ends."""
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan))
    with path.open() as given:
        done = subprocess.run(COMMAND, stdin=given, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode


def result(tmp_path, plan: dict) -> dict:
    lines, code = generate(tmp_path, plan)
    assert (code, lines[-1]["kind"]) == (0, "result")
    return lines[-1]


@contextmanager
def under_way(plan: dict):
    """Its process, the plan given, its pipe still open."""
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        process.stdin.write(json.dumps(plan) + "\n")
        process.stdin.flush()
        yield process
    finally:
        process.kill()
        process.wait(30)
        process.stdin.close()
        process.stdout.close()


def test_windows_are_told_and_then_their_result(tmp_path):
    with CountingServer() as server:
        lines, _ = generate(tmp_path, plan(server.url, agree=2, max_windows=2, within=1))
    first, second, result = lines
    assert [line["kind"] for line in lines] == ["window", "window", "result"]
    assert (first["index"], second["index"], first["to"]) == (0, 1, second["from"])
    assert (result["from"], result["to"]) == (first["from"], second["to"])
    assert result["requests"] == first["requests"] + second["requests"] == result["statuses"]["200"]
    assert (result["errors"], result["first_error"], result["offered"]) == (0, None, None)
    order = [result[key] for key in ("p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms")]
    assert order == sorted(order)
    assert result["generator_cpu"] > 0


def test_headers_and_bodies_are_sent_in_turn(tmp_path):
    bodies = ["one", "two", "drei und ein ü"]
    with CountingServer() as server:
        result(tmp_path, plan(server.url, concurrency=1, bodies=bodies, headers={"X-Key": "k"}))
    assert server.bodies[:6] == [body.encode() for body in bodies] * 2
    assert all(b"\r\nX-Key: k\r\n" in head for head in server.heads)


def test_as_many_connections_are_used_as_are_asked_for(tmp_path):
    with CountingServer() as server:
        result(tmp_path, plan(server.url, concurrency=5, warm_up_s=1))
    # And one that finds out whether there is a server at all.
    assert len(server.open) == 6


def test_an_open_load_has_its_rate(tmp_path):
    with CountingServer() as server:
        told = result(tmp_path, plan(server.url, mode="open", rate=200, window_s=1, max_window_s=5))
    assert told["offered"] == 200
    assert told["throughput"] == pytest.approx(200, rel=0.15)
    assert told["late_ms"] >= 0


def test_a_server_that_is_too_slow_for_the_rate_falls_behind_it(tmp_path):
    pause = threading.Event()
    with CountingServer(lambda number, body: OK if not pause.wait(0.02) else b"") as server:
        asked = plan(server.url, mode="open", rate=500, max_in_flight=2, window_s=1, max_window_s=1, window_requests=1)
        told = result(tmp_path, asked)
    assert told["throughput"] <= 100
    assert len(server.open) <= 3
    # Half a second of requests at least waits in the schedule once a second and more is over.
    assert told["max_ms"] > 500


def test_a_stall_harms_all_requests_that_were_due_meanwhile(tmp_path):
    """Closed load sees one slow answer among hundreds, open load all that callers would have waited for."""
    stall = threading.Event()

    def answer(number: int, body: bytes) -> bytes:
        if number == 150:
            stall.wait(1)
        return OK

    long = {"window_requests": 300, "window_s": 0.01, "max_window_s": 30, "warm_up_s": 0.02}
    with CountingServer(answer) as server:
        closed = result(tmp_path, plan(server.url, concurrency=1, **long | {"warm_up_s": 0}))
    with CountingServer(answer) as server:
        opened = result(tmp_path, plan(server.url, mode="open", rate=100, max_in_flight=1, **long))
    assert closed["max_ms"] > 990
    assert opened["max_ms"] > 990
    assert closed["p90_ms"] < 500 < opened["p90_ms"]


def test_refusals_are_errors_and_the_first_is_told(tmp_path):
    refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 7\r\n\r\nno rows"
    with CountingServer(lambda number, body: refusal if body == b"bad" else OK) as server:
        told = result(tmp_path, plan(server.url, bodies=["{}", "bad"], concurrency=1))
    assert told["first_error"] == {"status": 400, "body": "no rows"}
    assert told["statuses"].keys() == {"200", "400"}
    assert told["errors"] == told["statuses"]["400"]
    assert told["requests"] == told["errors"] + told["statuses"]["200"]
    assert told["throughput"] == pytest.approx(told["statuses"]["200"] / (told["to"] - told["from"]), rel=0.1)


def test_errors_are_not_in_the_percentiles(tmp_path):
    refusal = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    with CountingServer(lambda number, body: refusal) as server:
        told = result(tmp_path, plan(server.url))
    assert (told["throughput"], told["p50_ms"], told["mean_ms"], told["max_ms"]) == (0, None, None, None)
    assert told["errors"] == told["requests"] > 0


def test_what_is_not_answered_in_time_is_given_up(tmp_path):
    with CountingServer(lambda number, body: OK if threading.Event().wait(30) else b"") as server:
        told = result(tmp_path, plan(server.url, timeout_s=0.1, window_requests=3))
    assert told["errors"] == told["timeouts"] == told["requests"] > 0
    assert told["first_error"] == {"status": None, "body": "no answer within 0.1 s"}


def test_a_server_that_says_it_closes_makes_no_errors(tmp_path):
    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    with CountingServer(lambda number, body: closing, close_after=True) as server:
        told = result(tmp_path, plan(server.url))
    assert (told["errors"], told["statuses"].keys()) == (0, {"200"})
    assert len(server.open) >= told["requests"]


@pytest.mark.parametrize("load", [{"mode": "closed"}, {"mode": "open", "rate": 300}], ids=["closed", "open"])
def test_a_connection_that_breaks_is_an_error_and_is_opened_again(tmp_path, load):
    with CountingServer(lambda number, body: b"" if number % 5 == 0 else OK) as server:
        told = result(tmp_path, plan(server.url, **load))
    assert told["errors"] > 0
    assert told["statuses"]["200"] == told["requests"] - told["errors"] > 0
    assert told["first_error"]["status"] is None
    assert "closed the connection" in told["first_error"]["body"] or "broke" in told["first_error"]["body"]


def test_a_server_that_goes_away_is_not_asked_in_a_hot_loop(tmp_path):
    with CountingServer() as server:
        asked = plan(server.url, **ENDLESS | {"max_window_s": 1, "window_requests": 10**6, "max_windows": 100})
        with under_way(asked) as process:
            server.wait_for(50)
            server.stop()
            lines = [json.loads(process.stdout.readline()) for _ in range(3)]
    # Two connections, each at most every tenth of a second.
    assert 0 < lines[2]["requests"] == lines[2]["errors"] <= 22


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", True),
        (b"+PONG\r\n", True),
    ],
    ids=["chunked", "204", "until the end", "short", "no HTTP"],
)
def test_answers_of_every_kind_are_counted(tmp_path, answer, errors):
    ends = b"1.0 200" in answer or errors
    with CountingServer(lambda number, body: answer, close_after=ends) as server:
        told = result(tmp_path, plan(server.url, window_requests=5))
    assert told["requests"] >= 5
    assert told["errors"] == (told["requests"] if errors else 0)


def test_bodies_larger_than_a_socket_holds_arrive_whole(tmp_path):
    body = "x" * 5_000_000
    with CountingServer() as server:
        told = result(tmp_path, plan(server.url, bodies=[body], window_requests=4, max_window_s=20))
    assert told["errors"] == 0
    assert {len(each) for each in server.bodies} == {5_000_000}


def test_a_plan_that_is_wrong_is_a_fault(tmp_path):
    lines, code = generate(tmp_path, plan("http://127.0.0.1:1/", mode="fast"))
    assert (lines, code) == ([{"kind": "fault", "message": 'mode has to be "closed" or "open"'}], 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
def test_a_server_that_is_not_there_is_a_fault(tmp_path, host):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    lines, code = generate(tmp_path, plan(f"http://{host}:{port}/"))
    assert (len(lines), lines[0]["kind"], code) == (1, "fault", 1)
    assert lines[0]["message"].startswith(("cannot connect to 127.0.0.1", "cannot find nowhere.invalid"))


def test_more_connections_than_files_may_be_open_are_a_fault(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan("http://127.0.0.1:1/", concurrency=200)))
    with path.open() as given:
        limited = ["prlimit", "--nofile=100:100", *COMMAND]
        done = subprocess.run(limited, stdin=given, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert "200 connections cannot be opened" in json.loads(done.stdout)["message"]


@pytest.mark.parametrize("answers", [True, False], ids=["answers", "silent"])
def test_it_stops_when_it_is_told_to(answers):
    with CountingServer(lambda number, body: OK if answers or threading.Event().wait(30) else b"") as server:
        with under_way(plan(server.url, **ENDLESS)) as process:
            server.wait_for(1)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == -signal.SIGTERM
        with under_way(plan(server.url, **ENDLESS)) as process:
            server.wait_for(len(server.bodies) + 1)
            process.stdin.close()
            assert process.wait(10) == 0
