"""The log viewer against a running studio: nothing lost, nothing doubled, and never in the reader's way."""

import re
import sqlite3

import pytest
from playwright.sync_api import Page, expect

from tests.pages.deploying import counting, deploy_script
from tests.proxy import Proxy

TICKS = 80
LIVE_MS = 120_000

# Scrolls through the whole log, which draws only the rows in sight, and collects each line once drawn.
READ_ALL = """async () => {
    const pane = document.querySelector("[role=log]");
    const lines = new Map();
    for (let top = 0; ; top += pane.clientHeight / 2) {
        pane.scrollTop = top;
        await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
        for (const row of pane.querySelectorAll(".log-line")) {
            lines.set(Number(row.dataset.seq), row.querySelector(".log-text").textContent);
        }
        if (top > pane.scrollHeight) return [...lines].sort((one, other) => one[0] - other[0]);
    }
}"""


@pytest.fixture
def counting_service(studio, breast_cancer, request):
    """A deployment that writes a line every tenth of a second; its number."""
    name = f"count-{abs(hash(request.node.name)) % 100_000}"
    yield deploy_script(studio, name, breast_cancer, counting(TICKS, 0.1))
    with studio.api() as api:
        api.delete(f"services/{name}")


@pytest.fixture(scope="module")
def finished(studio, breast_cancer, browser, signed_in) -> int:
    """A deployment that went live after writing two hundred lines."""
    number = deploy_script(studio, "counted", breast_cancer, counting(200, 0))
    page = browser.new_context(storage_state=signed_in, base_url=studio.url).new_page()
    page.goto(address(number))
    expect(page.locator("#state")).to_contain_text("Live", timeout=LIVE_MS)
    page.context.close()
    return number


def address(number: int) -> str:
    return f"/w/default/deployments/{number}/"


def open_step(page: Page, name: str) -> None:
    page.locator(f'.timeline [data-step="{name}"] a').click()
    expect(page.locator(f'.log-step[data-step="{name}"] button')).to_have_attribute("aria-expanded", "true")


def ticks(page: Page) -> list[str]:
    open_step(page, "check")
    return [text for _seq, text in page.evaluate(READ_ALL) if text.startswith("tick ")]


def wait_for_tick(page: Page, n: int) -> None:
    expect(page.locator(".log-text", has_text=re.compile(f"^tick {n}$"))).to_be_visible(timeout=LIVE_MS)


def test_a_web_process_killed_in_mid_build_costs_no_line_and_doubles_none(page, studio, counting_service):
    page.goto(address(counting_service))
    wait_for_tick(page, 20)
    studio.kill("web")
    expect(page.locator("[data-log-mode]")).to_contain_text("Reconnecting", timeout=5_000)
    expect(page.locator("#state")).to_contain_text("Live", timeout=LIVE_MS)
    assert page.locator("[data-log]").get_attribute("data-mode") == "ended"
    assert ticks(page) == [f"tick {n}" for n in range(TICKS)]


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        pytest.param([b"pgrade: websocket"], "Live through server-sent events", id="no websockets"),
        pytest.param([b"pgrade: websocket", b"/log/stream"], "Live by asking every second", id="nor event streams"),
    ],
)
def test_behind_a_proxy_without_websockets_the_log_is_live_and_the_page_says_how(
    open_browser, studio, counting_service, refused, said
):
    page = open_browser()
    with Proxy(studio.port, *refused) as proxy:
        page.goto(proxy.url + address(counting_service))
        expect(page.locator("[data-log-mode]")).to_contain_text(said, timeout=30_000)
        wait_for_tick(page, 30)
        expect(page.locator("#state")).to_contain_text("Live", timeout=LIVE_MS)
        assert ticks(page) == [f"tick {n}" for n in range(TICKS)]
        page.goto("about:blank")


def test_someone_who_scrolls_up_stays_there_and_is_told_of_new_lines(page, counting_service):
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(address(counting_service))
    wait_for_tick(page, 30)
    pane = page.get_by_role("log")
    pane.hover()
    page.mouse.wheel(0, -150)
    expect(page.locator("[data-log-pill]")).to_contain_text(re.compile(r"▼ \d+ new line"))
    before = pane.evaluate("pane => pane.scrollTop")
    page.wait_for_timeout(1000)
    assert pane.evaluate("pane => pane.scrollTop") == before
    pane.press("End")
    expect(page.locator("[data-log-pill]")).to_be_hidden()
    page.wait_for_timeout(500)
    assert pane.evaluate("pane => pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 2")


def test_a_page_in_the_background_catches_up_when_it_is_looked_at(page, counting_service):
    page.goto(address(counting_service))
    wait_for_tick(page, 5)
    page.evaluate("""() => {
        Object.defineProperty(document, "visibilityState", {get: () => "visible"});
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    wait_for_tick(page, 25)
    expect(page.locator("#state")).to_contain_text("Live", timeout=LIVE_MS)
    assert ticks(page) == [f"tick {n}" for n in range(TICKS)]


def test_searching_counts_walks_and_opens_folded_steps(page, finished):
    page.goto(address(finished))
    expect(page.locator('.log-step[data-step="check"] button')).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("/")
    page.keyboard.type("tick 19")
    count = page.locator("[data-log-count]")
    expect(count).to_have_text("1 of 11")
    expect(page.locator(".log-line.is-current")).to_contain_text("tick 19")
    page.keyboard.press("Enter")
    expect(page.locator(".log-line.is-current")).to_contain_text("tick 190")
    page.get_by_role("log").focus()
    page.keyboard.press("n")
    expect(count).to_have_text("3 of 11")
    page.keyboard.press("Shift+N")
    expect(count).to_have_text("2 of 11")
    page.get_by_label("Regular expression").check()
    page.get_by_label("Search the log", exact=True).and_(page.get_by_role("searchbox")).fill("^tick 1?9$")
    expect(count).to_have_text(re.compile("of 2$"))


def test_a_line_can_be_linked_to(page, open_browser, finished):
    page.goto(address(finished))
    open_step(page, "check")
    number = page.locator(".log-number").nth(4)
    seq = number.inner_text()
    number.click()
    expect(page).to_have_url(re.compile(f"#L{seq}$"))
    other = open_browser()
    other.goto(page.url)
    expect(other.locator(".log-line.is-target")).to_have_attribute("id", f"L{seq}")
    expect(other.locator(".log-line.is-target")).to_be_in_viewport()


def test_times_and_wrapping_are_switched_and_remembered(page, finished):
    page.goto(address(finished))
    open_step(page, "check")
    page.get_by_label("Times").select_option("utc")
    expect(page.locator(".log-time").first).to_have_text(re.compile(r"^\d\d:\d\d:\d\d\.\d{3}Z$"))
    page.get_by_role("log").focus()
    page.keyboard.press("w")
    expect(page.get_by_role("button", name="Wrap lines")).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(page.get_by_label("Times")).to_have_value("utc")
    expect(page.get_by_role("button", name="Wrap lines")).to_have_attribute("aria-pressed", "false")


def test_without_javascript_the_page_shows_the_lines_so_far(open_browser, finished):
    page = open_browser(java_script_enabled=False)
    page.goto(address(finished))
    expect(page.locator(".log-text", has_text=re.compile("^tick 199$"))).to_be_visible()
    expect(page.locator(".timeline-step")).to_have_count(5)


def test_the_whole_log_can_be_kept(page, finished):
    page.goto(address(finished))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the log").click()
    assert "tick 199\n" in download.value.path().read_text()


def test_from_the_version_to_the_answer_by_keyboard_alone(page, studio, breast_cancer):
    page.goto(f"/w/default/models/{breast_cancer}/1/")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Summary")).to_be_visible()
    page.get_by_label("Name").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("by-keyboard")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/services/by-keyboard/$"))
    expect(page.locator("#state")).to_contain_text("Live", timeout=LIVE_MS)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "body":
            break
    page.keyboard.press("Control+Enter")
    expect(page.locator("#try-result")).to_contain_text("predictions")
    with studio.api() as api:
        api.delete("services/by-keyboard")


def test_a_hundred_thousand_lines_scroll(page, studio, finished, record_property):
    lines = [(finished, seq, "2026-11-21 08:00:00", "check", "stdout", f"synthetic line {seq} {'x' * (seq % 120)}")
             for seq in range(10_000, 110_000)]  # fmt: skip
    with sqlite3.connect(studio.data / "db.sqlite3", timeout=60) as db:
        columns = "deployment_id, seq, at, step, stream, text"
        db.executemany(f"INSERT INTO deployments_logline ({columns}) VALUES (?, ?, ?, ?, ?, ?)", lines)
    page.goto(address(finished))
    expect(page.locator('.log-step[data-step="check"]')).to_contain_text("100,2", timeout=60_000)
    open_step(page, "check")
    seen = page.evaluate("""async () => {
        const pane = document.querySelector("[role=log]");
        const frames = [];
        for (let n = 0, last = performance.now(); n < 200; n++) {
            pane.scrollTop = (n / 199) * pane.scrollHeight;
            await new Promise((drawn) => requestAnimationFrame(drawn));
            const now = performance.now();
            frames.push(now - last);
            last = now;
        }
        frames.sort((one, other) => one - other);
        const rows = pane.querySelectorAll(".log-line").length;
        const heap = performance.memory?.usedJSHeapSize;
        return {rows, median_ms: frames[100], p95_ms: frames[190], worst_ms: frames[199], heap};
    }""")
    record_property("frames", seen)
    print(f"\n100,000 lines: {seen}")
    assert seen["rows"] < 300
    expect(page.locator("#L109999")).to_be_visible()
