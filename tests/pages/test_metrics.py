"""A service's metrics while it is called: real requests through the gateway, a real process that is measured."""

import re
import time

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.pages.axe import faults
from tests.pages.deploying import deploy_script

PAGE = "/w/default/services/counted/metrics/"
COUNTED_MS = 45_000
"""A slot takes 10 seconds, to be written and shown 10 more each."""
CHARTS = ["requests", "latency", "cpu", "memory", "replicas"]
SCORE = """
import json
def init(): pass
def run(data):
    return 1 / (1 - json.loads(data).get("fail", 0))
"""


class Called:
    """A live service; `ask()` is one request through the gateway."""

    def __init__(self, studio) -> None:
        with studio.api() as api:
            key = api.get("services/counted/keys").json()["primary_key"]
        self._url = f"{studio.gateway_url}/services/default/counted/score"
        self._client = httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False)

    def ask(self, *, fail: bool = False, **options) -> int:
        return self._client.post(self._url, json={"fail": int(fail)}, **options).status_code


@pytest.fixture(scope="module")
def uncalled(studio, breast_cancer):
    number = deploy_script(studio, "counted", breast_cancer, SCORE)
    with studio.api() as api:
        deadline = time.monotonic() + 120
        while not api.get(f"deployments/{number}").json()["finished"] and time.monotonic() < deadline:
            time.sleep(0.5)
        assert api.get(f"deployments/{number}").json()["status"] == "live"
        yield Called(studio)
        api.delete("services/counted")


@pytest.fixture(scope="module")
def service(studio, uncalled):
    """It has answered 20 requests well, 2 with an error, and refused one key; all that is counted."""
    assert [uncalled.ask() for _ in range(20)] == [200] * 20
    assert [uncalled.ask(fail=True) for _ in range(2)] == [500] * 2
    assert uncalled.ask(headers={"Authorization": "Bearer wrong"}) == 401
    with studio.api() as api:
        deadline = time.monotonic() + COUNTED_MS / 1000
        while time.monotonic() < deadline:
            series = api.get("services/counted/metrics?range=15m").json()["series"]
            if sum(point["requests"] or 0 for point in series) >= 23 and any(
                point["cpu"] is not None for point in series
            ):
                return uncalled
            time.sleep(1)
    pytest.fail("what was asked was not counted and measured")


def chart(page: Page, name: str):
    box = page.locator(f"[data-metrics-chart={name}]")
    box.scroll_into_view_if_needed()
    expect(box).to_have_attribute("data-drawn", "yes")
    return box


def test_before_any_request_the_page_says_how_to_send_one_and_then_shows_it(page, uncalled):
    page.goto(f"{PAGE}?range=15m")
    expect(page.get_by_role("heading", name="No requests yet")).to_be_visible()
    expect(page.locator("#replicas-told")).to_contain_text("1 of 1 ready now", timeout=COUNTED_MS)
    uncalled.ask()
    expect(page.locator("#requests-told")).to_contain_text("1 request in the last 15 minutes", timeout=COUNTED_MS)
    expect(page.get_by_role("heading", name="No requests yet")).to_have_count(0)
    chart(page, "requests")


@pytest.mark.usefixtures("service")
class TestAfterRequests:
    def test_each_chart_is_drawn_and_says_in_a_sentence_what_it_shows(self, page):
        page.goto(f"{PAGE}?range=15m")
        for name in CHARTS:
            chart(page, name)
        expect(page.locator("#requests-told")).to_contain_text("2 errors")
        expect(page.locator("#requests-told")).to_contain_text("1 client error")
        expect(page.locator("#latency-told")).to_contain_text("half of the requests took up to")
        expect(page.locator("#cpu-told")).to_contain_text("nothing limits it on this target")
        expect(page.locator("#memory-told")).to_contain_text(re.compile(r"At most [\d.]+ MB of 1.1 GB"))
        expect(page.locator("#metrics-marks")).to_contain_text("Revision 1 live")

    def test_the_numbers_are_beside_each_chart_in_a_table(self, page):
        page.goto(f"{PAGE}?range=15m")
        page.locator("#requests summary", has_text="Numbers").click()
        cells = page.locator("#requests-numbers tbody td:nth-child(2)").all_inner_texts()
        assert sum(int(cell) for cell in cells if cell != "–") >= 23
        assert "–" in cells  # before the studio ran nobody counted

    def test_new_requests_appear_while_one_looks_unless_that_is_turned_off(self, page, service):
        page.goto(f"{PAGE}?range=15m")
        before = page.locator("#requests-told").inner_text()
        service.ask()
        expect(page.locator("#requests-told")).not_to_have_text(before, timeout=COUNTED_MS)
        page.get_by_role("button", name="Refresh by itself").click()
        expect(page.get_by_role("button", name="Refresh by itself")).to_have_attribute("aria-pressed", "false")
        assert "live=off" in page.url
        assert page.locator("#requests-told[data-part], #metrics-numbers[data-part]").count() == 0
        page.reload()
        expect(page.get_by_role("button", name="Refresh by itself")).to_have_attribute("aria-pressed", "false")

    def test_dragging_over_one_chart_zooms_all_and_the_address_keeps_it(self, page):
        page.goto(f"{PAGE}?range=15m")
        for name in CHARTS[:2]:
            chart(page, name)
        plot = chart(page, "requests").locator(".nsewdrag").first.bounding_box()
        y = plot["y"] + plot["height"] / 2
        page.mouse.move(plot["x"] + plot["width"] * 0.3, y)
        page.mouse.down()
        page.mouse.move(plot["x"] + plot["width"] * 0.6, y, steps=5)
        page.mouse.up()
        page.wait_for_url(re.compile("zoom="))
        shown = "name => document.querySelector(`[data-metrics-chart=${name}]`)._fullLayout.xaxis.range.join()"
        expect(page.locator("[data-zoomed]")).to_be_visible()
        page.wait_for_function(f"({shown})('requests') === ({shown})('latency')")
        page.reload()
        expect(page.locator("[data-zoomed]")).to_be_visible()
        page.get_by_role("button", name="Whole range").click()
        expect(page.locator("[data-zoomed]")).to_be_hidden()
        assert "zoom=" not in page.url

    def test_by_keyboard_the_values_are_said_and_the_charts_zoomed(self, page):
        page.goto(f"{PAGE}?range=15m&live=off")
        chart(page, "requests").focus()
        page.keyboard.press("End")
        expect(page.locator("#announcer")).to_have_text(re.compile(r"\d\d-\d\d \d\d:\d\d:\d\d: (OK \S+|not measured)"))
        page.keyboard.press("+")
        expect(page.locator("[data-zoomed]")).to_be_visible()
        page.keyboard.press("0")
        expect(page.locator("[data-zoomed]")).to_be_hidden()

    def test_ranges_are_links(self, page):
        page.goto(PAGE)
        expect(page.get_by_role("navigation", name="Range of time").locator("[aria-current]")).to_have_text("1 h")
        page.get_by_role("link", name="7 d").click()
        page.wait_for_url("**/metrics/?range=7d")
        expect(page.locator("#requests-told")).to_contain_text("requests in the last 7 days")

    def test_a_change_of_theme_draws_the_charts_anew(self, page):
        page.goto(f"{PAGE}?range=15m")
        box = chart(page, "cpu")
        colour = "box => box._fullData[0].line.color"
        light = box.evaluate(colour)
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(
            "light => document.querySelector('[data-metrics-chart=cpu]')._fullData[0].line.color !== light", arg=light
        )

    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1280, 390])
    def test_it_has_no_fault_that_axe_can_find_and_fits(self, open_browser, theme, width):
        page = open_browser(color_scheme=theme, reduced_motion="reduce", viewport={"width": width, "height": 844})
        page.goto(f"{PAGE}?range=15m")
        for name in CHARTS:
            chart(page, name)
        page.locator("#requests summary", has_text="Numbers").click()
        assert faults(page) == []
        page.set_viewport_size({"width": 320, "height": 700})
        page.wait_for_function("document.documentElement.scrollWidth <= 320")

    def test_it_is_light(self, page):
        sizes: dict[str, int] = {}
        page.on("requestfinished", lambda request: sizes.update({request.url: request.sizes()["responseBodySize"]}))
        page.goto(f"{PAGE}?range=1h", wait_until="load")
        chart(page, "requests")
        assert sum(size for url, size in sizes.items() if "plotly" not in url) < 300_000

    def test_without_javascript_sentences_and_tables_are_there(self, open_browser):
        page = open_browser(java_script_enabled=False)
        page.goto(f"{PAGE}?range=15m")
        expect(page.locator("#requests-told")).to_contain_text("2 errors")
        page.locator("#latency summary", has_text="Numbers").click()
        expect(page.locator("#latency-numbers table")).to_be_visible()
