"""The tab Logs of a service, as the server draws it: for those without JavaScript, and for the viewer to begin with."""

import re

import pytest
from django.utils.html import escape

from deployments import log_view
from deployments.models import Workload
from drivers.base import LogRecord
from drivers.errors import DriverError
from tests import objects

pytestmark = pytest.mark.django_db
NOON = 1_790_000_000.0
PODS = ["reader-r1-7d9f8c6b5-m8w2p", "reader-r1-7d9f8c6b5-x2k4q"]


@pytest.fixture
def workload(deploy, driver):
    objects.live(deploy())
    found = Workload.objects.get()
    driver.running[found.name] = None
    return found


@pytest.fixture
def write(workload, driver):
    def writing(*texts: str, replica: str = "") -> None:
        written = driver.written.setdefault(workload.name, [])
        written += [LogRecord(NOON + len(written) + n, "stdout", text, replica) for n, text in enumerate(texts)]

    return writing


@pytest.fixture
def page(reader):
    """The tab, as text."""

    def opened(query: str = "", **headers: str) -> str:
        answer = objects.signed_in(reader).get(f"/w/vision/services/reader/?tab=logs{query}", headers=headers)
        assert answer.status_code == 200
        return answer.content.decode()

    return opened


def shown(text: str) -> list[tuple[str, str]]:
    """Number and text of each line."""
    return re.findall(r'class="log-number"[^>]*>(\d+)</span><span class="log-text">([^<]*)<', text)


def test_lines_are_counted_and_can_be_read_without_javascript(write, page):
    write("loading", "<b>ready</b>")
    text = page()
    assert shown(text) == [("1", "loading"), ("2", escape("<b>ready</b>"))]
    assert "data-linked" not in text and "data-state=" not in text and 'class="log-step"' not in text
    assert 'data-socket="/ws/workspaces/vision/services/reader/log"' in text and 'data-whole="true"' in text


def test_of_a_long_log_the_page_holds_the_end(write, page, monkeypatch):
    monkeypatch.setattr(log_view, "LINES_IN_PAGE", 3)
    write(*"abcde")
    text = page()
    assert [line for _, line in shown(text)] == ["c", "d", "e"]
    assert 'data-whole="false"' in text and "The last 3 lines." in text


def test_several_replicas_have_headings_and_can_be_chosen_from(write, page, workload):
    for n in range(2):
        for pod in PODS:
            write(f"{pod[-5:]} {n}", replica=pod)
    rows = [{"name": PODS[0], "state": "ready"}, {"name": "reader-r1-7d9f8c6b5-nnnnn", "state": "pulling"}]
    Workload.objects.update(replicas=rows)
    text = page()
    assert re.findall(r'<span class="log-fold" title="([^"]+)">([^<]+)<', text) == [(pod, pod[-5:]) for pod in PODS]
    assert shown(text) == [("1", "m8w2p 0"), ("2", "m8w2p 1"), ("1", "x2k4q 0"), ("2", "x2k4q 1")]
    options = re.findall(r"<option value=\"(reader[^\"]*)\"[^>]*>([^<]*)<", text)
    assert [words for _, words in options] == ["m8w2p · ready", "nnnnn · pulling", "x2k4q · gone"]


def test_a_chosen_replica_is_alone(write, page):
    for pod in PODS:
        write(f"of {pod}", replica=pod)
    text = page(f"&replica={PODS[1]}")
    assert shown(text) == [("1", f"of {PODS[1]}")]
    assert f'log/stream?replica={PODS[1]}"' in text and f'value="{PODS[1]}" title="{PODS[1]}" selected' in text


def test_one_replica_is_no_choice(write, page, workload):
    write("alone", replica=PODS[0])
    Workload.objects.update(replicas=[{"name": PODS[0], "state": "ready"}])
    text = page()
    assert 'name="replica"' not in text and 'class="log-step"' not in text


def test_what_is_asked_for_can_be_anything(write, page):
    write("a")
    assert "replica=%22%3E%3Cscript%3E" in page("&replica=%22%3E%3Cscript%3E")
    assert "<script>x" not in page("&replica=%22%3E%3Cscript%3Ex")


def test_a_page_that_is_open_is_not_sent_the_lines_again(write, page):
    write("a", "b")
    assert shown(page(**{"X-Slipway-Parts": "1"})) == []


def test_before_anything_is_written_it_says_so(workload, page):
    assert "Nothing written yet" in page() and shown(page()) == []


def test_a_target_that_is_away_is_said_and_the_page_is_there(workload, page, driver):
    driver.trouble["logs"] = DriverError("The engine is away.", advice="Start it.")
    assert "Its log cannot be read now: The engine is away. Start it." in page()
