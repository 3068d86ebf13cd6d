"""The page of a version: tags, description, files, deleting."""

import hashlib
import pickle
import re

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def version_page(page: Page, register, request) -> Page:
    made = register(f"v-{abs(hash(request.node.name))}", {"model.pkl": pickle.dumps("a model")}, area="iris")
    page.goto(f"/w/default/models/{made['name']}/{made['version']}/")
    return page


def test_a_tag_is_added_and_taken_away_in_place(version_page):
    version_page.get_by_label("Add a tag").fill("stage=test")
    version_page.get_by_label("Add a tag").press("Enter")
    expect(version_page.locator("#tags .chip")).to_have_text(["area=iris", "stage=test"])
    version_page.get_by_label("Remove the tag area").click()
    expect(version_page.locator("#tags .chip")).to_have_text(["stage=test"])
    version_page.reload()
    expect(version_page.locator("#tags .chip")).to_have_text(["stage=test"])


def test_a_wrong_tag_is_answered_with_the_right_spelling(version_page):
    version_page.get_by_label("Add a tag").fill("area: mnist")
    version_page.get_by_label("Add a tag").press("Enter")
    expect(version_page.get_by_role("alert").filter(has_text="write area=mnist")).to_be_visible()
    expect(version_page.get_by_label("Add a tag")).to_have_value("area: mnist")


def test_the_description_can_be_changed(version_page):
    version_page.get_by_text("Add a description").click()
    version_page.get_by_label("Description").fill("Knows <b>petals</b>")
    version_page.get_by_role("button", name="Save").click()
    expect(version_page.get_by_role("main")).to_contain_text("Knows <b>petals</b>")


def test_a_pickle_comes_with_a_warning(version_page):
    expect(version_page.get_by_text("A pickle is code.")).to_be_visible()


def test_a_file_downloads_as_it_was(version_page):
    with version_page.expect_download() as download:
        version_page.get_by_label("Download model.pkl").click()
    content = download.value.path().read_bytes()
    assert content == pickle.dumps("a model")
    assert hashlib.sha256(content).hexdigest() == version_page.locator("td code").get_attribute("title")


def test_a_version_nobody_uses_is_deleted_after_a_question(version_page):
    version_page.get_by_label("More actions").click()
    version_page.get_by_role("link", name="Delete this version").click()
    version_page.get_by_role("dialog").get_by_role("button", name="Delete this version").click()
    expect(version_page).to_have_url(re.compile("/models/$"))
    expect(version_page.get_by_role("status").filter(has_text="is deleted")).to_be_visible()


def test_a_version_that_a_service_uses_cannot_be_deleted_and_says_by_which(page, live_sample):
    page.goto("/w/default/models/iris-sample/1/")
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Delete this version").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name=live_sample)).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete")).to_have_count(0)
