import io

import pytest
from slipway import progress
from slipway.progress import Progress, time_text


class Terminal(io.StringIO):
    def isatty(self):
        return True

    @property
    def last(self) -> str:
        return self.getvalue().rpartition("\r\x1b[K")[2].strip()


@pytest.fixture
def clock(monkeypatch):
    """Seconds, moved by the test."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def pass_bytes(shown: Progress, clock, seconds: int, each: int) -> None:
    for _ in range(seconds):
        clock[0] += 1
        shown.advance(each)


def test_share_speed_and_time_left_are_shown(clock):
    terminal = Terminal()
    shown = Progress("Uploading", 100_000_000, terminal)
    pass_bytes(shown, clock, 3, 10_000_000)
    assert terminal.last == "Uploading 30 % of 100.0 MB, 10.0 MB/s, 7 s left"


def test_the_speed_is_that_of_the_last_seconds(clock):
    terminal = Terminal()
    shown = Progress("Uploading", 1_000_000_000, terminal)
    pass_bytes(shown, clock, 10, 50_000_000)
    pass_bytes(shown, clock, 10, 1_000_000)
    assert "1.0 MB/s" in terminal.last


def test_bytes_sent_once_more_are_no_speed(clock):
    terminal = Terminal()
    shown = Progress("Uploading", 100_000_000, terminal)
    pass_bytes(shown, clock, 3, 10_000_000)
    shown.say("waiting for the connection")
    assert terminal.last == "Uploading 30 % of 100.0 MB, waiting for the connection"
    clock[0] += 1
    shown.advance(-20_000_000)
    assert terminal.last == "Uploading 10 % of 100.0 MB"


def test_nobody_watching_sees_nothing(clock):
    quiet = io.StringIO()
    shown = Progress("Uploading", 100_000_000, quiet)
    pass_bytes(shown, clock, 3, 10_000_000)
    shown.say("waiting")
    shown.close()
    assert quiet.getvalue() == ""


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "1 s"), (59.4, "59 s"), (61, "1 min"), (7800, "2 h 10 min")])
def test_times_are_said_as_people_say_them(seconds, text):
    assert time_text(seconds) == text
