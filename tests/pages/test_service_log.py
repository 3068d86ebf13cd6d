"""What a running service writes, in the viewer of the deployments' logs: live, searched, kept."""

import re
import time
from itertools import count

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.pages.axe import faults
from tests.pages.deploying import deploy_script
from tests.pages.test_log_viewer import READ_ALL
from tests.proxy import Proxy

LOG = "/w/default/services/talkative/?tab=logs"
LIVE_MS = 15_000
TALKING = """
import json
def init():
    print("loading the weights")
def run(data):
    asked = json.loads(data)
    for n in range(*asked["lines"]):
        print("talk", n, flush=True)
    return 1 / (1 - asked.get("fail", 0))
"""


class Talkative:
    """A service that writes the lines it is asked for."""

    def __init__(self, studio) -> None:
        self._studio = studio

    def say(self, first: int, end: int, *, fail: bool = False) -> httpx.Response:
        with self._studio.api() as api:
            return api.post("services/talkative/try", json={"lines": [first, end], "fail": int(fail)})


@pytest.fixture(scope="module")
def service(studio, breast_cancer):
    number = deploy_script(studio, "talkative", breast_cancer, TALKING)
    with studio.api() as api:
        deadline = time.monotonic() + 120
        while not api.get(f"deployments/{number}").json()["finished"] and time.monotonic() < deadline:
            time.sleep(0.5)
        assert api.get(f"deployments/{number}").json()["status"] == "live"
        yield Talkative(studio)
        api.delete("services/talkative")


_thousands = count(1000, 1000)


@pytest.fixture
def first() -> int:
    """The first of a thousand numbers that no other test of this module has a line written of."""
    return next(_thousands)


def line(page: Page, n: int):
    return page.locator(".log-text", has_text=re.compile(f"^talk {n}$"))


def told(page: Page, first: int) -> list[int]:
    texts = [text for _, text in page.evaluate(READ_ALL)]
    numbers = [int(text.removeprefix("talk ")) for text in texts if text.startswith("talk ")]
    return [n for n in numbers if first <= n < first + 1000]


def test_a_line_appears_while_one_looks(page, service, first):
    page.goto(LOG)
    expect(page.locator("[data-log]")).to_have_attribute("data-mode", "socket")
    expect(page.locator(".log-text", has_text="loading the weights")).to_have_count(1)
    service.say(first, first + 1)
    expect(line(page, first)).to_be_visible(timeout=LIVE_MS)
    request = page.locator(".log-text", has_text=re.compile(r"POST /score 200 [\d.]+ms")).last
    expect(request).to_be_in_viewport()
    numbers = [int(text) for text in page.locator(".log-number").all_inner_texts()]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    expect(page.locator(".log-step, a.log-number, [data-log-link]")).to_have_count(0)


def test_what_failed_is_marked_in_the_log_and_told_above_it(page, service, first):
    page.goto(LOG)
    service.say(first, first, fail=True)
    expect(page.locator('.log-line[data-level="error"]', has_text="POST /score 500").last).to_be_visible(
        timeout=LIVE_MS
    )
    expect(page.locator("#failures")).to_contain_text("ZeroDivisionError", timeout=LIVE_MS)
    # The part above was drawn anew; the log was not.
    service.say(first, first + 1)
    expect(line(page, first)).to_be_visible(timeout=LIVE_MS)


def test_searching_finds_what_was_written_and_what_is_written_then(page, service, first):
    service.say(first, first + 20)
    page.goto(LOG)
    expect(line(page, first + 19)).to_be_visible(timeout=LIVE_MS)
    page.keyboard.press("/")
    page.keyboard.type(f"talk {first // 10}")
    count = page.locator("[data-log-count]")
    expect(count).to_have_text("1 of 10")
    page.keyboard.press("Enter")
    expect(page.locator(".log-line.is-current")).to_contain_text(f"talk {first + 1}")
    service.say(first + 5, first + 6)
    expect(count).to_have_text("2 of 11", timeout=LIVE_MS)


def test_a_web_process_that_is_killed_costs_no_line_and_doubles_none(page, studio, service, first):
    page.goto(LOG)
    service.say(first, first + 100)
    expect(line(page, first + 99)).to_be_visible(timeout=LIVE_MS)
    studio.kill("web")
    expect(page.locator("[data-log-mode]")).to_contain_text("Reconnecting", timeout=5_000)
    expect(page.locator("[data-log]")).to_have_attribute("data-mode", "socket", timeout=60_000)
    service.say(first + 100, first + 200)
    expect(line(page, first + 199)).to_be_visible(timeout=LIVE_MS)
    assert told(page, first) == list(range(first, first + 200))


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        pytest.param([b"pgrade: websocket"], "Live through server-sent events", id="no websockets"),
        pytest.param([b"pgrade: websocket", b"/log/stream"], "Live by asking every second", id="nor event streams"),
    ],
)
def test_behind_a_proxy_without_websockets_it_is_live_too(open_browser, studio, service, first, refused, said):
    page = open_browser()
    with Proxy(studio.port, *refused) as proxy:
        page.goto(proxy.url + LOG)
        expect(page.locator("[data-log-mode]")).to_contain_text(said, timeout=30_000)
        service.say(first, first + 50)
        expect(line(page, first + 49)).to_be_visible(timeout=LIVE_MS)
        assert told(page, first) == list(range(first, first + 50))
        page.goto("about:blank")


def test_of_a_log_longer_than_the_page_everything_is_fetched(page, open_browser, service, first):
    for start in range(0, 1000, 250):
        service.say(first + start, first + start + 250)
    page.goto(LOG)
    expect(line(page, first + 999)).to_be_visible(timeout=LIVE_MS)
    assert told(page, first) == list(range(first, first + 1000))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the log").click()
    assert f" talk {first + 500}\n" in download.value.path().read_text()
    plain = open_browser(java_script_enabled=False)
    plain.goto(LOG)
    expect(line(plain, first + 999)).to_have_count(1)
    expect(plain.get_by_text("The last 1000 lines.")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_has_no_fault_that_axe_can_find(open_browser, service, first, theme, width):
    page = open_browser(color_scheme=theme, viewport={"width": width, "height": 844}, reduced_motion="reduce")
    page.goto(LOG)
    service.say(first, first + 1, fail=True)
    expect(line(page, first)).to_be_visible(timeout=LIVE_MS)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_new_revision_is_followed_while_its_deployment_is_shown_above(page, studio, breast_cancer, service, first):
    slow = TALKING.replace("loading the weights", f"loading the weights of {first}") + "import time; time.sleep(10)\n"
    deploy_script(studio, "talkative", breast_cancer, slow, overwrite=True)
    page.goto(LOG)
    log = page.locator("[data-log]:not([data-linked])")
    expect(page.locator("[data-log][data-linked] .log-step").first).to_be_visible(timeout=LIVE_MS)
    service.say(first, first + 1)
    expect(log.locator(".log-text", has_text=re.compile(f"^talk {first}$"))).to_be_visible(timeout=LIVE_MS)
    log.get_by_role("log").focus()
    page.keyboard.press("w")
    expect(page.get_by_role("button", name="Wrap lines").last).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("button", name="Wrap lines").first).to_have_attribute("aria-pressed", "true")
    loaded = log.locator(".log-text", has_text=f"loading the weights of {first}")
    expect(loaded).to_be_visible(timeout=60_000)
    service.say(first + 1, first + 2)
    expect(log.locator(".log-text", has_text=re.compile(f"^talk {first + 1}$"))).to_be_visible(timeout=LIVE_MS)
