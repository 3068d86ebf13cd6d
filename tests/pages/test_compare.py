"""Versions side by side: what differs, only that, more versions and fewer, metrics drawn."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.axe import faults

LONG = "k" * 500
PATH = "/w/default/compare/?version=sides-a:1&version=sides-a:2&version=sides-b:1"


@pytest.fixture(scope="session")
def sides(register_with) -> str:
    """sides-a:1, sides-a:2 and sides-b:1."""
    register_with(
        "sides-a", {"model.bin": b"1"}, metrics={"accuracy": 0.9, "steady": 1.0}, parameters={"depth": "3"},
        tags={"area": "<b>mnist</b>", "team": "red"},
    )  # fmt: skip
    register_with(
        "sides-a", {"model.bin": b"2"}, metrics={"accuracy": 0.95, "steady": 1.0}, parameters={"depth": "4"},
        tags={"area": "<b>mnist</b>", "team": "red"},
    )  # fmt: skip
    register_with(
        "sides-b", {"model.bin": b"1", "パラメータ.bin": b"3"}, metrics={"accuracy": 0.97, "steady": 1.0},
        tags={"team": "red", LONG: "値" * 500},
    )  # fmt: skip
    return PATH


def row(page, key: str):
    return page.locator("table.compare tbody tr").filter(has=page.get_by_role("rowheader", name=key))


def test_differences_are_marked_in_words_and_not_by_colour_alone(page, sides):
    page.goto(sides)
    expect(row(page, "differs: accuracy").locator("td")).to_have_text(["0.9", "0.95", "0.97"])
    expect(page.get_by_role("rowheader", name="steady", exact=True)).to_be_visible()
    expect(row(page, "differs: depth").locator("td").last).to_have_text("–nothing")


def test_only_differences_is_kept_in_the_address(page, sides):
    page.goto(sides)
    page.get_by_role("link", name="Only differences").click()
    expect(page).to_have_url(re.compile("only=differences"))
    expect(page.get_by_role("rowheader", name="steady")).to_have_count(0)
    expect(page.get_by_role("rowheader", name="differs: accuracy")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="Only differences")).to_have_attribute("aria-current", "true")


def test_a_version_is_left_out_and_added_again_by_searching(page, sides):
    page.goto(sides)
    page.get_by_label("Leave out sides-a:2").click()
    expect(page.locator("thead th[data-version]")).to_have_count(2)
    page.get_by_label("Add a version").press_sequentially("sides-a:")
    page.locator("#candidates").get_by_role("link", name="sides-a:2").click()
    expect(page.locator("thead th[data-version]")).to_have_count(3)


def test_a_name_alone_adds_its_newest_version_and_one_that_is_not_there_is_told(page, sides):
    page.goto("/w/default/compare/?version=sides-b:1")
    expect(page.get_by_role("heading", name="Choose at least two versions")).to_be_visible()
    page.get_by_label("Add a version").fill("sides-a")
    page.keyboard.press("Enter")
    expect(page.locator("thead th[data-version='sides-a:2']")).to_be_visible()
    page.get_by_label("Add a version").fill("sides-zzz")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="sides-zzz")).to_be_visible()
    expect(page.locator("thead th[data-version]")).to_have_count(2)


def test_metrics_are_drawn_with_those_that_differ_first(page, sides):
    page.goto(sides)
    expect(page.locator("[data-chart][data-drawn]").first).to_have_attribute("data-chart", "accuracy")
    expect(page.locator("[data-chart='accuracy'] .points path")).to_have_count(3)
    expect(page.locator("[data-chart='accuracy'] .yaxislayer-above")).to_contain_text("sides-b:1")


def test_markup_and_long_texts_stay_text_and_stay_in_their_box(open_browser, sides):
    page = open_browser(viewport={"width": 320, "height": 700})
    page.goto(sides)
    expect(row(page, "area").locator("td").first).to_have_text("<b>mnist</b>")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_text("all 500 characters").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_first_column_stays_in_sight_when_the_table_is_scrolled(open_browser, sides):
    page = open_browser(viewport={"width": 320, "height": 700})
    page.goto(sides)
    box = page.get_by_role("region", name="Versions side by side")
    head = row(page, "differs: depth").get_by_role("rowheader")
    before = head.bounding_box()["x"]
    box.evaluate("box => box.scrollLeft = 400")
    assert box.evaluate("box => box.scrollLeft") > 100
    assert abs(head.bounding_box()["x"] - before) < 2


def test_sizes_and_times_are_written_as_on_other_pages(page, register_with):
    for name, content in (("told-a", b"1" * 5000), ("told-b", b"2" * 5020)):
        register_with(name, {"model.bin": content})
    page.goto("/w/default/compare/?version=told-a:1&version=told-b:1")
    expect(row(page, "differs: size").locator("td")).to_have_text(["5.0 kB (5,000 bytes)", "5.0 kB (5,020 bytes)"])
    expect(row(page, "model.bin").locator("td").first).to_have_text(re.compile(r"^5\.0 kB, sha256 [0-9a-f]{64}$"))
    expect(row(page, "registered").locator("td time").last).to_have_text("just now")


def test_on_a_phone_row_labels_break_between_words(open_browser, sides):
    page = open_browser(viewport={"width": 390, "height": 844})
    page.goto(sides)
    labels = page.locator("table.compare .row-words:not(:has(details))")
    broken = labels.evaluate_all("""labels => labels.map(label => label.firstChild).filter(text =>
        [...text.data.matchAll(/[^ -]+/g)].some(({0: word, index}) => {
            const range = document.createRange();
            range.setStart(text, index);
            range.setEnd(text, index + word.length);
            return new Set([...range.getClientRects()].map(({top}) => top)).size > 1;
        })).map(text => text.data)""")
    assert broken == []


def test_without_javascript_everything_but_the_drawing_is_there(open_browser, sides):
    page = open_browser(java_script_enabled=False)
    page.goto(sides)
    expect(page.get_by_role("rowheader", name="differs: accuracy")).to_be_visible()
    expect(page.get_by_text("The drawing needs JavaScript")).to_be_visible()
    page.get_by_label("Leave out sides-b:1").click()
    page.get_by_label("Add a version").fill("sides-b@none")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_contain_text("no alias")


@pytest.mark.parametrize("path", [PATH, f"{PATH}&only=differences", "/w/default/compare/"])
def test_the_page_has_no_fault_that_axe_can_find(open_browser, sides, studio, path):
    page = open_browser(color_scheme="light", reduced_motion="reduce")
    page.goto(path, wait_until="networkidle")
    assert faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert faults(page) == []
    page.context.add_cookies([{"name": "slipway_theme", "value": "contrast", "url": studio.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload(wait_until="networkidle")
    assert faults(page) == []
