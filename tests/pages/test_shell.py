"""The frame around every page: themes, keys, signing in and out."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.usefixtures("shelf")


def test_a_theme_chosen_is_in_the_next_page_as_the_server_sends_it(page):
    page.goto("/")
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert 'data-theme="dark"' in page.request.get("/account/").text()


def test_a_theme_can_be_chosen_without_javascript(open_browser):
    page = open_browser(java_script_enabled=False)
    page.goto("/account/")
    page.locator(".theme-choice").get_by_text("High contrast").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "contrast")
    expect(page).to_have_url(re.compile("/account/$"))


def test_the_first_stop_of_the_tab_key_leads_past_the_navigation(page):
    page.goto("/account/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_keys_lead_to_places_but_not_while_one_types(page):
    page.goto("/")
    page.keyboard.type("gm")
    page.wait_for_url(re.compile("/w/default/models/$"))  # loaded, with the script that hears keys
    page.keyboard.press("/")
    expect(page.get_by_label("Filter models")).to_be_focused()
    page.keyboard.type("gs")
    expect(page.get_by_label("Filter models")).to_have_value("gs")


def test_single_keys_can_be_switched_off(page):
    page.goto("/")
    page.keyboard.press("?")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_menu_closes_on_escape_and_gives_the_focus_back(page):
    page.goto("/")
    button = page.locator("summary[aria-label$='your account']")
    button.press("Enter")
    expect(page.get_by_role("link", name="Account and tokens")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Account and tokens")).to_be_hidden()
    expect(button).to_be_focused()


def test_the_rail_stays_narrow_on_the_next_page(page):
    page.goto("/")
    page.get_by_role("button", name="Collapse").click()
    page.goto("/account/")
    expect(page.locator("html")).to_have_attribute("data-rail", "narrow")


def test_a_stranger_is_asked_to_sign_in_and_lands_where_they_wanted(browser, studio):
    page = browser.new_page(base_url=studio.url)
    page.goto("/w/default/models/?q=topic%3Dmnist")
    page.get_by_label("Username").fill(studio.username)
    page.get_by_label("Password").fill(studio.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="shelf-digits", exact=True)).to_be_visible()
    page.close()


def test_a_wrong_password_is_said_in_words(browser, studio):
    page = browser.new_page(base_url=studio.url)
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(studio.username)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.close()


def test_an_address_that_names_nothing_says_so_and_leads_home(page):
    answer = page.goto("/w/default/models/no-such-model/")
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("No such model version")
    expect(page.get_by_role("main").get_by_role("link", name="Home")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/w/default/models/", "shelf-irises"),
        ("/w/default/models/shelf-irises/2/", "model.pkl"),
        ("/w/default/register/", "Uploading needs JavaScript"),
        ("/account/", "Personal tokens"),
    ],
)
def test_pages_can_be_read_without_javascript(open_browser, path, text):
    page = open_browser(java_script_enabled=False)
    page.goto(path)
    expect(page.get_by_role("main")).to_contain_text(text)
