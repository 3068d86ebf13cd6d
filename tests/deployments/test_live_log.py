"""The log of a running service: each line once and under a number that stays, whoever reads it when."""

from itertools import count

import pytest

from deployments import live_log
from deployments.errors import TargetUnavailable
from deployments.live_log import LEFT_OUT, LiveLog, whole_text
from deployments.models import Workload
from drivers.base import LogRecord
from drivers.errors import DriverError
from tests import objects
from tests.deployments.test_service_log import HEAD, REQUEST

pytestmark = pytest.mark.django_db
NOON = 1_790_000_000.0


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Every look is one at the target."""
    monkeypatch.setattr(live_log, "LONGEST_PAUSE_S", 0.0)


@pytest.fixture
def service(deploy, driver):
    made = objects.live(deploy())
    driver.running[Workload.objects.get().name] = None
    return made


@pytest.fixture
def write(service, driver):
    """`write("text", at=0.5, replica="a-1")`: a line that what serves now wrote half a second after noon."""

    def writing(text: str, at: float = 0.0, replica: str = "", stream: str = "stdout") -> None:
        name = Workload.objects.get(revision=service.serving_revision).name
        driver.running[name] = None
        driver.written.setdefault(name, []).append(LogRecord(NOON + at, stream, text, replica))

    return writing


@pytest.fixture
def log(service):
    return LiveLog(service.pk, "")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def read(log: LiveLog, seq: int = 0, limit: int = 1000) -> list[dict]:
    log.look()
    return log.after(seq, limit)


def texts(log: LiveLog, seq: int = 0) -> list[str]:
    return [line["text"] for line in read(log, seq)]


def test_a_line_is_numbered_by_its_time(log, write):
    write("loading", at=0.25)
    assert read(log) == [
        {"seq": 1_790_000_000_250_000, "at": "2026-09-21T14:13:20.250+00:00", "step": "", "stream": "stdout",
         "text": "loading", "level": ""}
    ]  # fmt: skip


def test_lines_of_the_same_moment_have_numbers_of_their_own_that_stay(log, write, service):
    for replica in ("a-1", "b-2"):
        for text in ("one", "one", "two"):
            write(text, replica=replica)
    write("after", at=2e-6)
    numbers = [line["seq"] for line in read(log)]
    assert numbers == [int(NOON * 1e6) + n for n in range(7)]
    assert [line["seq"] for line in read(LiveLog(service.pk, ""))] == numbers
    assert all(number < 2**53 for number in numbers)


def test_from_every_line_on_the_rest_follows_here_and_in_another_process(log, write, service):
    for n in range(50):
        write(f"line {n}", at=n // 7 * 1e-6 if n < 30 else n * 0.3, replica=f"r-{n % 3}")
    lines, other = read(log), LiveLog(service.pk, "")
    assert [line["text"] for line in lines] == [f"line {n}" for n in range(50)]
    for n, line in enumerate(lines):
        assert read(log, line["seq"]) == lines[n + 1 :] == read(other, line["seq"])
        assert read(log, line["seq"], limit=2) == lines[n + 1 : n + 3]


def test_lines_written_between_two_looks_come_once_each(log, write):
    seen, numbers = [], count()
    for at in range(40):
        for _ in range(at % 3):
            write(f"line {next(numbers)}", at=at * 0.4)
            write("again and again", at=at * 0.4)
        lines = read(log, seen[-1]["seq"] if seen else 0)
        seen += lines
    assert [line["seq"] for line in seen] == sorted({line["seq"] for line in seen})
    total = next(numbers)
    assert [line["text"] for line in seen if line["text"] != "again and again"] == [f"line {n}" for n in range(total)]
    assert len(seen) == 2 * total


def test_only_what_is_new_is_asked_for(log, write, driver, monkeypatch):
    asked, logs = [], driver.logs
    monkeypatch.setattr(driver, "logs", lambda handle, since, replica: asked.append(since) or logs(handle, since))
    monkeypatch.setattr(live_log.time, "monotonic", clock := Clock())
    write("first")
    read(log)
    clock.now += 1
    read(log)
    write("second", at=60)
    clock.now += 59
    read(log)
    for passed in (0, 2, 60):
        clock.now += passed
        read(log)
    assert asked == [0.0, NOON - 4, NOON, NOON + 55, NOON + 57, NOON + 60]


def test_a_line_that_comes_late_comes_after_those_that_were_there(log, write):
    write("on one machine", at=3, replica="a-1")
    (first,) = read(log)
    write("on another, whose clock is behind", at=1, replica="b-2")
    write("and back", at=3.5, replica="a-1")
    late, last = read(log, first["seq"])
    assert (late["text"], last["text"]) == ("on another, whose clock is behind", "and back")
    assert first["seq"] < late["seq"] < last["seq"] and late["at"] < first["at"]
    assert read(log, last["seq"]) == []


def test_requests_are_sentences_and_what_went_wrong_is_marked(log, write):
    for n, text in enumerate((REQUEST, REQUEST.replace(" 200", " 500"), HEAD.format(1, "E") + "run() failed", "x")):
        write(text, at=n)
    lines = read(log)
    assert lines[0]["text"] == "2026-11-21 21:05:01,477 POST /score 200 1.234ms 45 abc-1"
    assert [line["level"] for line in lines] == ["", "error", "error", ""]


def test_a_line_that_no_page_could_show_is_shown_all_the_same(log, write):
    write(REQUEST.replace("POST", r"\ud800"))
    write("x" * 20_000, at=1)
    bad, long = texts(log)
    assert bad.encode() and long.endswith("(4000 more characters)")


def test_until_something_serves_there_are_no_lines_and_then_they_come(deploy, driver):
    deployment = deploy()
    log = LiveLog(deployment.revision.service_id, "")
    assert texts(log) == []
    objects.live(deployment)
    assert texts(log) == []
    name = Workload.objects.get().name
    driver.running[name] = None
    driver.write(name, "here")
    assert texts(log) == ["here"]


def test_a_new_revision_goes_on_where_the_one_before_ended(log, write, service, deploy, driver):
    write("the first", at=100)
    (first,) = read(log)
    before = service.serving_revision
    objects.live(deploy(overwrite=True))
    assert service.serving_revision != before
    write("the second, loading meanwhile", at=90)
    assert texts(log, first["seq"]) == ["the second, loading meanwhile"]
    service.revisions.update(traffic=0)
    before.traffic = 100
    before.save()
    write("the first again", at=110)
    assert texts(log) == ["the first", "the second, loading meanwhile", "the first again"]


def test_a_target_that_does_not_answer_is_said_and_costs_no_line(log, write, driver):
    write("before")
    read(log)
    driver.trouble["logs"] = DriverError("the engine is away", advice="Start it.")
    write("meanwhile", at=1)
    with pytest.raises(TargetUnavailable, match="the engine is away"):
        log.look()
    assert [line["text"] for line in log.after(0, 10)] == ["before"]
    driver.trouble.clear()
    assert texts(log) == ["before", "meanwhile"]


def test_whoever_looks_shares_what_another_has_just_read(service, write, driver, monkeypatch):
    monkeypatch.setattr(live_log, "LONGEST_PAUSE_S", 10.0)
    write("once")
    driver.calls.clear()
    for _ in range(5):
        assert texts(live_log.live_log(service.pk)) == ["once"]
    assert driver.calls == ["logs"]


def test_one_replica_is_a_log_of_its_own(service, write):
    write("left", replica="r-a")
    write("right", replica="r-b")
    assert texts(live_log.live_log(service.pk, "r-b")) == ["right"]
    both = live_log.live_log(service.pk)
    assert texts(both) == ["left", "right"] and both.replicas() == ["r-a", "r-b"]


@pytest.mark.parametrize("bound", ["MOST_LINES", "MOST_CHARACTERS"])
def test_of_a_long_log_the_newest_are_kept_and_the_rest_is_said_to_be_missing(log, write, bound, monkeypatch):
    monkeypatch.setattr(live_log, bound, 10 if bound == "MOST_LINES" else 20)
    for n in range(15):
        write(f"{n:02}", at=n)
    lines = read(log)
    assert [line["text"] for line in lines] == [LEFT_OUT, *(f"{n:02}" for n in range(5, 15))]
    assert lines[0]["stream"] == "slipway"
    assert read(log, lines[0]["seq"]) == lines[1:]
    write("15", at=15)
    assert texts(log, lines[-1]["seq"]) == ["15"]
    assert texts(log, lines[0]["seq"])[0] == LEFT_OUT
    assert log.newest(3)[0] == read(log)[-3:] and not log.newest(100)[1]


def test_what_a_page_shows_at_first_is_the_end_and_whether_it_is_all(log, write):
    for n in range(5):
        write(str(n), at=n)
    log.look()
    assert ([line["text"] for line in log.newest(2)[0]], log.newest(2)[1]) == (["3", "4"], False)
    assert (len(log.newest(5)[0]), log.newest(5)[1]) == (5, True)


def test_what_failed_is_found_though_replicas_write_at_once(log, write):
    for n, replica in enumerate(("r-a", "r-b")):
        write(f"{HEAD.format(n, 'E')}run() failed on request {replica}:", at=0, replica=replica)
    for text in ("Traceback (most recent call last):", '  File "score.py"', "ValueError: no"):
        for replica in ("r-a", "r-b"):
            write(f"{text}", at=1, replica=replica)
    log.look()
    assert [(each.request_id, each.said) for each in log.failures()] == [
        ("r-b", "ValueError: no"),
        ("r-a", "ValueError: no"),
    ]
    assert all(each.traceback.count("\n") == 2 for each in log.failures())


def test_the_whole_log_is_kept_as_it_was_written(service, write, driver):
    write(REQUEST, replica="r-a")
    assert whole_text(service.pk) == f"2026-09-21T14:13:20.000+00:00 r-a {REQUEST}\n"
    assert whole_text(service.pk, "r-b") == ""
    driver.trouble["logs"] = DriverError("the engine is away")
    with pytest.raises(TargetUnavailable):
        whole_text(service.pk)
