"""Finding a model: the filter box, its chips, and what it says when nothing matches."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.usefixtures("shelf")
LIST = "/w/default/models/"


def rows(page: Page) -> list[str]:
    return page.locator("#results .row-link").all_inner_texts()


def chips(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("#results > .chips .chip").all_text_contents()]


def test_a_tag_typed_with_spaces_finds_the_same_as_one_typed_without(page):
    page.goto(f"{LIST}?q=area%3Dmnist")
    plain = (rows(page), chips(page))
    page.goto(f"{LIST}?q=area+%3A+mnist")
    assert (rows(page), chips(page)) == plain == (["shelf-digits"], ["area=mnist"])
    expect(page.get_by_text("was read as area=mnist")).to_be_visible()


def test_typing_filters_at_once_and_leaves_an_address_to_share(page):
    page.goto(LIST)
    page.get_by_label("Filter models").press_sequentially("area=mnist")
    expect(page.locator("#results .row-link")).to_have_text(["shelf-digits"])
    expect(page).to_have_url(re.compile(r"\?q=area%3Dmnist$"))
    page.reload()
    assert rows(page) == ["shelf-digits"]


def test_several_tags_must_all_hold(page):
    page.goto(f"{LIST}?q=stage%3Dproduction+area%3Diris")
    assert rows(page) == ["shelf-irises"]


def test_a_chip_taken_away_widens_the_list(page):
    page.goto(f"{LIST}?q=stage%3Dproduction+area%3Diris")
    page.get_by_label("Remove the filter area=iris").click()
    expect(page.locator("#results .row-link")).to_have_count(2)
    assert chips(page) == ["stage=production"]


def test_going_back_shows_the_list_as_it_was(page):
    page.goto(f"{LIST}?q=area%3Dmnist")
    page.get_by_label("Filter models").fill("area=iris")
    expect(page).to_have_url(re.compile("area%3Diris$"))
    page.go_back()
    expect(page.locator("#results .row-link")).to_have_text(["shelf-digits"])
    expect(page.get_by_label("Filter models")).to_have_value("area=mnist")


def test_with_nothing_found_it_says_which_filter_to_leave_out(page):
    page.goto(f"{LIST}?q=area%3Dmnist+stage%3Dproduction")
    assert rows(page) == []
    expect(page.get_by_role("heading", name="No model matches")).to_be_visible()
    page.get_by_role("listitem").filter(has_text="Without stage=production").get_by_role("link").click()
    assert rows(page) == ["shelf-digits"]


@pytest.mark.parametrize("text", ['"', "=", "a=b=c", "((", "%", "' OR 1=1", "x" * 2500, "area!=mnist", "\\"])
def test_whatever_is_typed_the_page_explains_itself(page, text):
    answer = page.goto(LIST)
    page.get_by_label("Filter models").fill(text)
    page.get_by_label("Filter models").press("Enter")
    expect(page.get_by_role("status").filter(has_text=re.compile(r"\d+ models?"))).to_be_visible()
    assert answer.ok


def test_a_name_of_markup_stays_text(page):
    page.goto(f"{LIST}?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert chips(page) == ["<script>alert(1)</script>"]


def test_rows_can_be_walked_by_keyboard(page):
    page.goto(f"{LIST}?q=shelf")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator(":focus").inner_text()
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text(second)
