"""A profile's page in a browser: charts that are drawn, chosen, read by keys and saved."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.pages.axe import faults

NAME = "page-profile"
HERE = f"/w/default/profiles/{NAME}/"
SAMPLE = f'{{"data": [{[1.0] * 30}]}}'
CHARTS = ["throughput", "percentiles", "stages", "used", "memory", "cost", "cold"]
ENDS_WITHIN_MS = 240_000
DRAWN_WITHIN_MS = 30_000


@pytest.fixture(scope="session")
def profile(studio, breast_cancer) -> str:
    """The name of one that has begun: a size and two loads on the process target."""
    with studio.api() as api:
        asked = {"name": NAME, "models": [f"{breast_cancer}:1"], "target": "process", "samples": SAMPLE}
        asked |= {"cpu": 1, "memory_gb": 1, "concurrency": [1, 2], "try_onnx": False}
        made = api.post("profiles", json=asked)
        assert made.status_code == 202, made.text
    return NAME


@pytest.fixture
def measured(page: Page, profile) -> Page:
    """The page once the profile has ended."""
    page.goto(HERE)
    expect(page.locator("#state")).to_have_text("Measured", timeout=ENDS_WITHIN_MS)
    return page


def plot(page: Page, chart: str):
    """Its drawing, in view: that is when it is drawn."""
    box = page.locator(f"#{chart} .chart-plot")
    box.scroll_into_view_if_needed()
    expect(box).to_have_attribute("data-drawn", "yes", timeout=DRAWN_WITHIN_MS)
    return box


def test_points_arrive_while_one_watches_and_the_page_then_rests(page, profile):
    page.goto(HERE)
    if page.locator("#progress progress").count():
        expect(page.locator("#points")).to_contain_text("1 at a time", timeout=ENDS_WITHIN_MS)
        plot(page, "throughput")
    expect(page.get_by_role("link", name="Deploy with this size")).to_be_visible(timeout=ENDS_WITHIN_MS)
    expect(page.locator("[data-parts-every]")).to_have_count(0)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)


def test_every_chart_is_drawn_from_what_was_measured(measured):
    for chart in CHARTS:
        expect(plot(measured, chart).locator(".main-svg").first).to_be_visible()
        expect(measured.locator(f"#{chart} tbody tr")).not_to_have_count(0)


def test_what_is_chosen_is_drawn_and_kept_in_the_address(measured):
    measured.get_by_label("Percentile").select_option("99")
    expect(measured.locator("#throughput-said")).to_contain_text("with a p99 of")
    measured.get_by_label("Latency scale").select_option("linear")
    expect(measured).to_have_url(re.compile(r"p=99.*scale=linear"))
    expect(plot(measured, "throughput").locator(".ytitle")).to_have_text("p99")
    measured.reload()
    expect(measured.get_by_label("Percentile")).to_have_value("99")


def test_the_arrow_keys_go_from_point_to_point_and_say_each(measured):
    plot(measured, "percentiles").focus()
    measured.keyboard.press("ArrowRight")
    expect(measured.locator("#announcer")).to_contain_text("1 at a time: p50")
    measured.keyboard.press("ArrowRight")
    expect(measured.locator("#announcer")).to_contain_text("2 at a time: p50")
    measured.keyboard.press("ArrowDown")
    expect(measured.locator("#announcer")).to_contain_text("2 at a time: p90")
    expect(plot(measured, "percentiles").locator(".hovertext")).to_be_visible()


@pytest.mark.parametrize(("form", "begins"), [("PNG", b"\x89PNG"), ("SVG", b"<svg"), ("CSV", b"At a time,")])
def test_a_chart_is_saved(measured, form, begins):
    with measured.expect_download(timeout=DRAWN_WITHIN_MS) as saved:
        measured.locator("#percentiles").get_by_role("button", name=form).click()
    assert saved.value.suggested_filename == f"{NAME}-percentiles.{form.lower()}"
    content = Path(saved.value.path()).read_bytes()
    assert content.startswith(begins) and len(content) > 50
    if form == "CSV":
        assert [row[0] for row in csv.reader(content.decode().splitlines())] == ["At a time", "1", "2"]


def test_deploying_begins_with_the_recommended_size(measured):
    measured.get_by_role("link", name="Deploy with this size").click()
    expect(measured).to_have_url(re.compile(r"/models/breast-cancer/1/deploy/\?cpu="))


def test_without_javascript_numbers_are_there_and_can_be_chosen(open_browser, measured):
    page = open_browser(java_script_enabled=False)
    page.goto(HERE)
    page.get_by_label("Percentile").select_option("50")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#throughput-said")).to_contain_text("with a p50 of")
    page.locator("#throughput summary").click()
    expect(page.locator("#throughput tbody tr")).to_have_count(page.locator("#points tbody tr").count())


@pytest.mark.parametrize("path", [HERE, f"/w/default/profiles/compare/?name={NAME}"], ids=["profile", "compare"])
def test_the_page_has_no_fault_that_axe_can_find(open_browser, measured, path):
    page = open_browser(color_scheme="light", reduced_motion="reduce")
    page.goto(path, wait_until="networkidle")
    assert faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert faults(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
