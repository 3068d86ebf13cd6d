"""The supervisor: brings back what ends, shows what it says, and leaves nothing behind when it is stopped."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
SLEEPS = "import os, time; print('pid', os.getpid()); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPS
CHILD = "import subprocess; child = subprocess.Popen(['sleep', '60']); print('child', child.pid); " + SLEEPS


class Supervised:
    def __init__(self, output: Path, **programs: str) -> None:
        self._output = output
        command = [sys.executable, "-m", "tests.studio.supervised", *(f"{k}={v}" for k, v in programs.items())]
        with output.open("w") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)

    @property
    def output(self) -> str:
        return self._output.read_text()

    def until(self, pattern: str, times: int = 1) -> list[str]:
        deadline = time.monotonic() + 20
        while len(found := re.findall(pattern, self.output)) < times:
            assert time.monotonic() < deadline, f"waited in vain for {pattern!r}:\n{self.output}"
            time.sleep(0.02)
        return found

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture
def supervise(tmp_path):
    begun = []

    def supervising(**programs: str) -> Supervised:
        begun.append(Supervised(tmp_path / "output", **programs))
        return begun[-1]

    yield supervising
    for one in begun:
        if one.process.poll() is None:
            one.stop()


def gone(pid: str) -> bool:
    deadline = time.monotonic() + 5
    while psutil.pid_exists(int(pid)) and psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_it_says_when_all_answer_and_whose_words_are_whose(supervise):
    one = supervise(web="print('hello'); " + SLEEPS, worker="print('there'); " + SLEEPS)
    one.until("all answer")
    one.until(r"web     │ hello")
    one.until(r"worker  │ there")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_everything_it_started_and_waits_for_it(supervise, number):
    one = supervise(web=SLEEPS, worker=SLEEPS, gateway=SLEEPS)
    pids = one.until(r"pid (\d+)", 3)
    assert one.stop(number) == 0
    assert not any(psutil.pid_exists(int(pid)) for pid in pids)
    assert one.output.endswith("stopped\n") and "starting it again" not in one.output


def test_what_does_not_listen_is_ended_by_force(supervise):
    one = supervise(worker=STUBBORN)
    pid = one.until(r"pid (\d+)")[0]
    began = time.monotonic()
    assert one.stop() == 0
    assert gone(pid) and time.monotonic() - began < 5


def test_what_ends_is_started_again_and_its_end_is_told(supervise):
    one = supervise(web=SLEEPS, worker=SLEEPS)
    first = one.until(r"worker  │ pid (\d+)")[0]
    os.kill(int(first), signal.SIGKILL)
    second = one.until(r"worker  │ pid (\d+)", 2)[1]
    assert second != first
    assert "worker  │ ended with signal SIGKILL; starting it again" in one.output
    assert len(one.until(r"web     │ pid (\d+)")) == 1, "the other one went on"


def test_what_ends_at_once_is_started_again_more_and_more_slowly(supervise):
    one = supervise(worker="print('x'); raise SystemExit(7)")
    one.until("ended with exit code 7", 3)
    time.sleep(0.5)
    assert one.output.count("│ x") <= 5


def test_what_is_killed_takes_along_what_it_had_started(supervise):
    """Also the case where a child still holds the output of its dead parent."""
    one = supervise(worker=CHILD)
    child, parent = one.until(r"child (\d+)")[0], one.until(r"pid (\d+)")[0]
    os.kill(int(parent), signal.SIGKILL)
    one.until(r"pid (\d+)", 2)
    assert gone(child)


def test_a_line_of_any_length_and_any_bytes_does_not_stop_it(supervise):
    one = supervise(web="import os; os.write(1, b'x' * 3_000_000 + b'\\n\\xff\\xfe\\nafter\\n'); " + SLEEPS)
    one.until("a line too long to show")
    one.until("│ after")


def test_it_stops_while_something_is_about_to_be_started_again(supervise):
    one = supervise(worker="raise SystemExit(1)", web=SLEEPS)
    one.until("starting it again", 2)
    assert one.stop() == 0


def test_its_children_end_when_it_is_killed(supervise):
    one = supervise(web=SLEEPS)
    pid = one.until(r"pid (\d+)")[0]
    one.stop(signal.SIGKILL)
    assert gone(pid)
