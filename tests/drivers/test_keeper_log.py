"""The log of a process workload: bounded, ordered, whole."""

import pytest

from drivers.keeper import logfile
from drivers.keeper.logfile import LogFile


def texts(folder, since=0.0):
    return [text for _, _, text in logfile.read(folder, since)]


def test_lines_come_back_as_written(tmp_path):
    log = LogFile(tmp_path)
    log.write("stdout", "one")
    log.write("stderr", "zwei ü  ")
    assert [(stream, text) for _, stream, text in logfile.read(tmp_path, 0)] == [
        ("stdout", "one"),
        ("stderr", "zwei ü  "),
    ]


def test_no_two_lines_have_the_same_time(tmp_path):
    log = LogFile(tmp_path)
    for number in range(1000):
        log.write("stdout", str(number))
    times = [at for at, _, _ in logfile.read(tmp_path, 0)]
    assert times == sorted(set(times))
    assert texts(tmp_path, since=times[600]) == [str(number) for number in range(601, 1000)]


def test_a_log_is_bounded_and_keeps_the_newest(tmp_path, monkeypatch):
    monkeypatch.setattr(logfile, "LIMIT_BYTES", 10_000)
    log = LogFile(tmp_path)
    for number in range(2000):
        log.write("stdout", f"line {number}")
    kept = texts(tmp_path)
    assert kept[-1] == "line 1999"
    assert kept == [f"line {number}" for number in range(2000 - len(kept), 2000)]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 21_000


def test_what_is_new_in_a_long_log_is_found_without_reading_the_whole(tmp_path, monkeypatch):
    log = LogFile(tmp_path)
    for number in range(20_000):
        log.write("stdout", f"line {number} {'x' * (number % 90)}")
    times = [at for at, _, _ in logfile.read(tmp_path, 0)]
    for since in (0, 1, 5000, 12_345, 19_990, 19_998):
        assert texts(tmp_path, since=times[since])[0].startswith(f"line {since + 1} ")
    assert texts(tmp_path, since=times[-1]) == [] and len(texts(tmp_path, since=times[0] - 1)) == 20_000
    parsed = []
    monkeypatch.setattr(logfile, "float", lambda text: parsed.append(text) or float(text), raising=False)
    assert len(texts(tmp_path, since=times[-3])) == 2
    assert len(parsed) < 4000


def test_a_line_still_being_written_waits_for_its_end(tmp_path):
    LogFile(tmp_path).write("stdout", "whole")
    with open(tmp_path / "log", "ab") as file:
        file.write(b"1790000000.000000 o hal")
    assert texts(tmp_path) == ["whole"]


@pytest.mark.parametrize("cut", [b"", b"17900", b"1790000000.000000 o hal"])
def test_a_keeper_goes_on_after_a_log_cut_short(tmp_path, cut):
    (tmp_path / "log").write_bytes(b"1790000000.000000 o before\n" + cut)
    LogFile(tmp_path).write("stdout", "after")
    assert (texts(tmp_path)[0], texts(tmp_path)[-1]) == ("before", "after")


def test_a_missing_log_has_no_lines(tmp_path):
    assert texts(tmp_path / "nowhere") == []
