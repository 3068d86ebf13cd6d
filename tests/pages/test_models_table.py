"""The table of models: rows by keyboard, columns, orders, what is done to several, saved views."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.pages.axe import faults

pytestmark = pytest.mark.usefixtures("shelf")
LIST = "/w/default/models/"


def found(page: Page) -> Locator:
    return page.locator("#results .row-link")


def select(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("checkbox", name=re.compile(f"^Select {name} v")).check()


@pytest.fixture
def herd(register) -> list[str]:
    """Three models of the test's own."""
    names = ["herd-a", "herd-b", "herd-c"]
    for name in names:
        register(name, {"model.bin": name.encode()}, herd="yes")
    return names


def test_rows_are_walked_and_selected_by_keyboard(page):
    page.goto(f"{LIST}?q=shelf")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator(":focus").inner_text()
    page.keyboard.press("x")
    expect(page.locator("tr.chosen .row-link")).to_have_text([second])
    expect(page.locator("[data-bulk-count]")).to_have_text("1 selected")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text(second)


def test_the_slash_key_leads_to_the_search_box(page):
    page.goto(LIST)
    page.keyboard.press("/")
    expect(page.get_by_role("combobox")).to_be_focused()


def test_a_heading_sorts_and_says_so(page):
    page.goto(f"{LIST}?q=shelf")
    heading = page.get_by_role("columnheader", name="Model")
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect(found(page)).to_have_text(["shelf-digits", "shelf-irises", "shelf-scans"])
    expect(page).to_have_url(re.compile("sort=name"))
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(found(page)).to_have_text(["shelf-scans", "shelf-irises", "shelf-digits"])
    page.get_by_role("combobox").fill("shelf-i")
    expect(found(page)).to_have_text(["shelf-irises"])
    expect(page).to_have_url(re.compile("sort=-name"))


def test_columns_and_density_stay_as_chosen_and_come_from_the_server(page, open_browser):
    page.goto(f"{LIST}?q=shelf")
    page.locator(".columns-menu summary").click()
    page.get_by_role("checkbox", name="Framework").uncheck()
    page.get_by_role("radio", name="Compact").check()
    page.get_by_role("button", name="Show these").click()
    expect(page).to_have_url(re.compile(r"q=shelf"))
    expect(page.get_by_role("columnheader", name="Framework")).to_have_count(0)
    without_scripts = open_browser(java_script_enabled=False)
    without_scripts.context.add_cookies(page.context.cookies())
    without_scripts.goto(LIST)
    expect(without_scripts.get_by_role("columnheader", name="Framework")).to_have_count(0)
    expect(without_scripts.locator("table.compact")).to_have_count(1)
    page.locator(".columns-menu summary").click()
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_role("columnheader", name="Framework")).to_have_count(1)


def test_a_tag_is_added_to_several_and_taken_away_again(page, herd):
    page.goto(f"{LIST}?q=herd%3Dyes")
    select(page, "herd-a", "herd-b")
    page.get_by_text("Add tag").click()
    page.get_by_label("Tag to add").fill("wool=white")
    page.keyboard.press("Enter")
    expect(page.locator("[data-outcome]")).to_contain_text("2 versions changed")
    page.goto(f"{LIST}?q=wool%3Dwhite&sort=name")
    expect(found(page)).to_have_text(["herd-a", "herd-b"])
    page.get_by_label("Select all on this page").check()
    page.get_by_text("Remove tag").click()
    page.get_by_label("Key of the tag to remove").fill("wool")
    page.get_by_role("button", name="Remove from all selected").click()
    expect(page.locator("[data-outcome]")).to_contain_text("2 versions changed")
    expect(found(page)).to_have_text([])


def test_what_is_no_tag_is_refused_in_words(page, herd):
    page.goto(f"{LIST}?q=herd%3Dyes")
    select(page, "herd-a")
    page.get_by_text("Add tag").click()
    page.get_by_label("Tag to add").fill("wool white")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is not a tag")).to_be_visible()


def test_archived_versions_leave_the_list(page, herd):
    page.goto(f"{LIST}?q=herd%3Dyes&sort=name")
    newest = page.get_by_role("checkbox", name=re.compile("^Select herd-c v"))
    reference = newest.get_attribute("value")
    newest.check()
    page.locator(".bulk-bar summary").filter(has_text="Stage").click()
    page.get_by_role("button", name="Archive").click()
    expect(page.locator("[data-outcome]")).to_contain_text("1 version changed")
    assert page.locator(f"[data-select][value='{reference}']").count() == 0
    assert page.locator("[data-outcome] code").all_text_contents() == [reference]


def test_two_to_ten_are_compared(page, herd):
    page.goto(f"{LIST}?q=herd%3Dyes")
    select(page, "herd-a")
    expect(page.get_by_role("button", name="Compare")).to_be_disabled()
    select(page, "herd-b")
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile(r"/compare/\?version=herd-[ab]%3A\d+&version=herd-[ab]%3A\d+$"))


@pytest.fixture
def in_use(studio, register) -> str:
    """The name of a model that a service uses, though it will never be live."""
    name = register("herd-used", {"model.bin": b"used"}, herd="used")["name"]
    with studio.api() as api:
        upload = api.post("uploads", json={}).json()["id"]
        api.put(f"uploads/{upload}/files/score.py", content=b"def init(): raise SystemExit(1)").raise_for_status()
        asked = {"name": "shepherd", "models": ["herd-used:1"], "target": "process", "source_upload": upload,
                 "inference_config": {"entryScript": "score.py"}}  # fmt: skip
        api.post("services", json=asked).raise_for_status()
        yield name
        api.delete("services/shepherd")


def test_deleting_says_what_stays_because_a_service_uses_it(open_browser, herd, in_use):
    page = open_browser()
    page.goto(f"{LIST}?q=herd-")
    select(page, "herd-a", "herd-used")
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Delete 1 version?")
    expect(dialog.get_by_role("link", name="shepherd")).to_have_attribute("href", re.compile("/services/shepherd/"))
    expect(dialog).to_contain_text("will be skipped")
    assert faults(page) == []
    dialog.get_by_role("button", name="Delete 1 version").click()
    outcome = page.locator("[data-outcome]")
    expect(outcome).to_contain_text("1 version deleted, 1 not")
    expect(outcome.get_by_role("link", name="shepherd")).to_be_visible()
    page.reload()
    expect(outcome).to_have_count(0)


def test_several_are_changed_without_javascript_too(open_browser, herd):
    page = open_browser(java_script_enabled=False)
    page.goto(f"{LIST}?q=herd%3Dyes&sort=name")
    select(page, "herd-a", "herd-b")
    page.get_by_text("Add tag").click()
    page.get_by_label("Tag to add").fill("plain=yes")
    page.get_by_role("button", name="Add to all selected").click()
    expect(page.locator("[data-outcome]")).to_contain_text("2 versions changed")
    select(page, "herd-b")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete 1 version").click()
    expect(page.locator("[data-outcome]")).to_contain_text("1 version deleted")


def test_a_selection_is_stretched_with_shift(page, herd):
    page.goto(f"{LIST}?q=herd%3Dyes&sort=name")
    boxes = page.locator("[data-select]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator("[data-bulk-count]")).to_have_text("3 selected")
    page.get_by_role("button", name="Select none").click()
    expect(page.locator(".bulk-bar")).to_be_hidden()


def test_a_view_is_saved_found_again_changed_and_deleted(open_browser):
    page = open_browser()
    page.goto(f"{LIST}?q=topic%3Diris&sort=name")
    page.locator(".views-menu summary").click()
    page.get_by_label("Save this view as").fill("Irises")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".views-menu summary")).to_contain_text("Irises")
    page.goto(LIST)
    page.locator(".views-menu summary").click()
    page.locator(".views-menu").get_by_role("link", name="Irises").click()
    expect(page).to_have_url(re.compile(r"q=topic%3Diris&sort=name"))
    expect(found(page)).to_have_text(["shelf-irises"])
    page.locator(".views-menu summary").click()
    page.get_by_role("link", name="Manage views").click()
    expect(page.locator(".view-cards")).to_contain_text("Name, A to Z")
    assert faults(page) == []
    card = page.locator(".view-cards > li").filter(has=page.get_by_role("link", name="Irises"))
    card.get_by_label("Name").fill("All irises")
    card.get_by_label("Everybody's first view").check()
    card.get_by_role("button", name="Save", exact=True).click()
    page.goto(LIST)
    expect(page).to_have_url(re.compile(r"q=topic%3Diris&sort=name"))
    page.get_by_role("link", name="Clear").click()
    expect(page.locator(".chip-remove")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?q="))
    page.goto("/w/default/views/")
    page.get_by_role("button", name="Delete the view All irises").click()
    expect(page.get_by_role("heading", name="No saved views")).to_be_visible()
    expect(page.get_by_role("link", name="All irises")).to_have_count(0)
    page.goto(LIST)
    expect(page).to_have_url(re.compile(r"/models/$"))
