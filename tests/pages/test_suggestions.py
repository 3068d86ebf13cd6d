"""The search box's suggestions: an ARIA combobox that asks the studio what could be written next."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.usefixtures("shelf")
LIST = "/w/default/models/"
SUGGEST = "**/search/suggestions*"


def box(page: Page):
    return page.get_by_role("combobox")


def options(page: Page):
    return page.get_by_role("option")


def test_a_key_is_suggested_then_its_values(page):
    page.goto(LIST)
    box(page).press_sequentially("top")
    key = options(page).filter(has=page.get_by_text("topic", exact=True))
    expect(key).to_have_count(1)
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    box(page).press("ArrowDown")
    first = options(page).first
    expect(box(page)).to_have_attribute("aria-activedescendant", first.get_attribute("id"))
    expect(first).to_have_attribute("aria-selected", "true")
    key.click()
    expect(box(page)).to_have_value("topic=")
    options(page).filter(has_text="iris").click()
    expect(box(page)).to_have_value(re.compile(r"^topic=iris ?$"))
    expect(page.locator("#results .row-link")).to_have_text(["shelf-irises"])


def test_tab_takes_a_suggestion_and_escape_refuses_them(page):
    page.goto(LIST)
    box(page).press_sequentially("topic=mni")
    expect(options(page)).not_to_have_count(0)
    box(page).press("Escape")
    expect(box(page)).to_have_attribute("aria-expanded", "false")
    expect(box(page)).to_have_value("topic=mni")
    box(page).press("ArrowDown")
    expect(options(page)).not_to_have_count(0)
    box(page).press("Tab")
    expect(box(page)).to_have_value(re.compile("^topic=mnist ?$"))
    expect(box(page)).to_be_focused()
    box(page).press("Escape")
    box(page).press("Tab")
    expect(box(page)).not_to_be_focused()


def test_backspace_behind_the_last_term_goes_back_into_it(page):
    page.goto(LIST)
    box(page).fill("topic=mnist  ")
    box(page).press("Backspace")
    expect(box(page)).to_have_value("topic=mnist")


def test_a_stale_answer_is_dropped_and_one_question_is_asked_at_a_time(page):
    held = []

    def answer(route):
        held.append(route)

    page.goto(LIST)
    page.route(SUGGEST, answer)
    for text in ("to", "pi"):
        with page.expect_request(SUGGEST):
            box(page).press_sequentially(text)
    page.wait_for_function("() => true")
    assert len(held) == 2
    assert held[0].request.failure == "net::ERR_ABORTED"
    item = {"insert": "topic=", "label": "topic=", "detail": "", "count": 3}
    held[1].fulfill(json={"start": 0, "end": 4, "value": [item]})
    expect(options(page)).to_have_text(["topic=3"])


def test_the_list_filters_also_when_suggestions_fail(page):
    page.goto(LIST)
    page.route(SUGGEST, lambda route: route.fulfill(status=500, body="{}"))
    box(page).press_sequentially("topic=mnist")
    expect(page.locator("#results .row-link")).to_have_text(["shelf-digits"])
    expect(box(page)).to_have_attribute("aria-expanded", "false")


def test_a_suggestion_goes_where_the_caret_is_behind_characters_of_two_units(page):
    page.goto(LIST)
    item = {"insert": "topic=", "label": "topic=", "detail": "", "count": 3}
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(json={"start": 2, "end": 4, "value": [item]})

    page.route(SUGGEST, answer)
    box(page).press_sequentially("😀 to")
    options(page).first.click()
    expect(box(page)).to_have_value("😀 topic=")
    assert any("caret=4" in url for url in asked)  # what follows the click may ask once more
