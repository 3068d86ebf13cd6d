"""A deployment's log: every line a numbered row, masked, storable, read again from any number on."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from deployments import transitions
from deployments.logs import MAX_TEXT, LogWriter, last_lines, read_after, secrets_among
from deployments.models import LogLine
from deployments.states import Status
from tests import objects

pytestmark = pytest.mark.django_db
W = "/api/v1/workspaces/vision"


@pytest.fixture
def writer(queued):
    assert transitions.claim(queued.pk, "w")
    return LogWriter(queued.pk, "w", secrets=["hush-hush"])


@pytest.fixture
def api(reader):
    return objects.with_token(reader)


def write(writer, *texts: str) -> None:
    for text in texts:
        writer.line("stdout", text)
    writer.flush()


def stored() -> list[str]:
    return list(LogLine.objects.values_list("text", flat=True))


def test_lines_are_numbered_from_one_without_gaps_over_any_number_of_writers(queued, writer):
    write(writer, "a", "b")
    write(writer)
    write(LogWriter(queued.pk, "w"), "c")
    assert [(line["seq"], line["text"]) for line in read_after(queued.pk, 0)] == [(1, "a"), (2, "b"), (3, "c")]


@pytest.mark.django_db(transaction=True)
def test_lines_of_many_threads_are_all_kept_in_one_numbering(queued, writer):
    def work(number):
        for n in range(50):
            writer.line("stdout", f"{number}:{n}")
            if n % 7 == number % 7:
                writer.flush()
        writer.flush()
        connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    lines = read_after(queued.pk, 0)
    assert [line["seq"] for line in lines] == list(range(1, 401))
    for number in range(8):
        mine = [line["text"] for line in lines if line["text"].startswith(f"{number}:")]
        assert mine == [f"{number}:{n}" for n in range(50)], "each thread's lines are in its order"


@pytest.mark.parametrize(("text", "kept"), [
    ("", ""),
    ("tab\tand ünï©ødé 🎛", "tab\tand ünï©ødé 🎛"),
    ("a\x00b", "a\ufffdb"),
    ("half \ud800 pair", "half ? pair"),
    ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
    ("uses hush-hush twice: hush-hush", "uses •••••• twice: ••••••"),
])  # fmt: skip
def test_any_text_can_be_kept(writer, text, kept):
    write(writer, text)
    assert stored() == [kept]


def test_a_line_without_an_end_is_folded_and_says_how_much_is_missing(writer):
    write(writer, "x" * 100_000)
    text = stored()[0]
    assert text.startswith("x" * MAX_TEXT) and text.endswith(f"… ({100_000 - MAX_TEXT} more characters)")


def test_a_secret_at_the_fold_is_masked_all_the_same(writer):
    write(writer, "x" * (MAX_TEXT - 4) + "hush-hush" + "y" * 10)
    assert "hush" not in stored()[0]


def test_of_two_secrets_one_inside_the_other_no_rest_is_shown(queued):
    transitions.claim(queued.pk, "w")
    write(LogWriter(queued.pk, "w", secrets=["open", "open-sesame"]), "say open-sesame, then open")
    assert stored() == ["say ••••••, then ••••••"]


@pytest.mark.parametrize(("variables", "secrets"), [
    ({"API_KEY": "abcd", "DbPassword": "efgh", "MY_TOKEN": "ijkl", "CREDENTIALS": "mnop", "CLIENT_SECRET": "qrst"},
     ["abcd", "efgh", "ijkl", "mnop", "qrst"]),
    ({"MODE": "fast", "PATH": "/bin"}, []),
    ({"API_KEY": "", "TOKEN": "abc"}, []),
])  # fmt: skip
def test_variables_with_telling_names_are_secret(variables, secrets):
    assert secrets_among(variables) == secrets


def test_a_log_is_read_from_any_line_on_and_from_its_end(queued, writer):
    write(writer, *"abcde")
    assert [line["text"] for line in read_after(queued.pk, 2, limit=2)] == ["c", "d"]
    assert [line["text"] for line in last_lines(queued, 2)] == ["d", "e"]
    assert read_after(queued.pk, 99) == [] == read_after(queued.pk + 1, 0)


def test_rest_gives_the_lines_after_a_number(queued, writer, api):
    write(writer, *"abc")
    path = f"{W}/deployments/{queued.pk}/log"
    answer = api.get(f"{path}?after_seq=1&limit=1").json()
    assert [line["text"] for line in answer["lines"]] == ["b"]
    assert (answer["last_seq"], answer["finished"]) == (2, False)
    line = answer["lines"][0]
    assert set(line) == {"seq", "at", "step", "stream", "text"} and line["at"].endswith("+00:00")
    assert api.get(f"{path}?after_seq=3").json() == {"lines": [], "last_seq": 3, "finished": False}


def test_a_log_is_finished_only_when_its_last_line_was_given(queued, writer, api):
    write(writer, *"abc")
    transitions.move(queued.pk, Status.QUEUED, Status.FAILED, worker="w")
    path = f"{W}/deployments/{queued.pk}/log"
    assert not api.get(f"{path}?limit=2").json()["finished"]
    assert api.get(f"{path}?after_seq=2&limit=2").json()["finished"]


@pytest.mark.parametrize("query", ["after_seq=x", "after_seq=-1", "limit=1.5", "after_seq=²", "limit=" + "9" * 30])
def test_numbers_that_are_none_are_refused(queued, api, query):
    answer = api.get(f"{W}/deployments/{queued.pk}/log?{query}")
    assert answer.status_code == 422 and "is not a whole number" in answer.json()["detail"]


@pytest.mark.django_db(transaction=True)
def test_the_whole_log_can_be_downloaded(queued, writer, api):
    write(writer, "first", "second")
    answer = api.get(f"{W}/deployments/{queued.pk}/log.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8" and "attachment" in answer["Content-Disposition"]
    rows = objects.body_of(answer).decode().splitlines()
    assert [row.split(" ", 1)[1].strip() for row in rows] == ["first", "second"]
