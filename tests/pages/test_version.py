"""The page of a version: what it carries, what can be changed of it, deleting."""

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


@pytest.fixture
def two(register, request) -> str:
    """The name of a model of two versions."""
    name = f"two-{abs(hash(request.node.name))}"
    for content in (b"one", b"two"):
        register(name, {"model.bin": content})
    return name


def test_a_tag_is_added_and_taken_away_in_place(version_page):
    version_page.get_by_label("Add a tag").fill("stage=test")
    version_page.get_by_label("Add a tag").press("Enter")
    expect(version_page.locator("#tags .chip")).to_have_text(["area=iris", "stage=test"])
    version_page.get_by_label("Remove the tag area").click()
    expect(version_page.locator("#tags .chip")).to_have_text(["stage=test"])
    version_page.reload()
    expect(version_page.locator("#tags .chip")).to_have_text(["stage=test"])


def test_after_a_tag_the_next_one_can_be_typed_at_once(version_page):
    for tag in ("first=1", "second=2"):
        expect(version_page.get_by_label("Add a tag")).to_have_value("")
        version_page.get_by_label("Add a tag").focus()
        version_page.keyboard.type(tag)
        version_page.keyboard.press("Enter")
        expect(version_page.locator("#tags .chip").filter(has_text=tag)).to_be_visible()
    expect(version_page.get_by_label("Add a tag")).to_be_focused()


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


def test_a_property_stays_as_it_is_written(version_page):
    for typed in ("data=2026-10", "data=2026-11"):
        if not version_page.get_by_label("Add a property").is_visible():
            version_page.get_by_text("Add a property", exact=True).click()
        version_page.get_by_label("Add a property").fill(typed)
        version_page.get_by_label("Add a property").press("Enter")
        expect(version_page.locator("#properties dd")).to_have_text(["2026-10"])
    expect(version_page.get_by_role("alert").filter(has_text="properties are immutable")).to_be_visible()


def test_an_alias_is_given_shown_at_the_top_moved_and_taken_away(page, two):
    page.goto(f"/w/default/models/{two}/1/")
    page.get_by_label("Give it an alias").fill("champion")
    page.get_by_label("Give it an alias").press("Enter")
    expect(page.locator("#aliases .chip")).to_have_text(["@champion"])
    expect(page.locator("#alias-badges")).to_have_text("champion")
    page.goto(f"/w/default/models/{two}/2/")
    page.get_by_label("Move champion to v2").click()
    expect(page.locator("#alias-badges")).to_have_text("champion")
    page.get_by_label("Remove the alias champion").click()
    expect(page.locator("#alias-badges .alias-badge")).to_have_count(0)


def test_an_alias_that_reads_like_a_version_is_refused_with_the_rule(version_page):
    version_page.get_by_label("Give it an alias").fill("v3")
    version_page.get_by_label("Give it an alias").press("Enter")
    expect(version_page.get_by_role("alert").filter(has_text="cannot be an alias")).to_be_visible()


def test_an_archived_version_says_so_and_offers_to_come_back_instead_of_deploying(version_page):
    version_page.get_by_text("No stage").first.click()
    version_page.get_by_role("button", name="Archive").click()
    expect(version_page.get_by_text("This version is archived.")).to_be_visible()
    expect(version_page.get_by_role("link", name="Deploy", exact=True)).to_have_count(0)
    version_page.locator(".page-actions > form").get_by_role("button", name="Unarchive").click()
    expect(version_page.get_by_role("link", name="Deploy", exact=True)).to_be_visible()


def test_brackets_go_to_the_version_before_and_after(page, two):
    page.goto(f"/w/default/models/{two}/2/")
    page.keyboard.press("[")
    expect(page).to_have_url(re.compile("/1/$"))
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile("/2/$"))
    expect(page.get_by_label("Next version")).to_have_count(0)


def test_files_are_verified_on_demand(version_page):
    version_page.get_by_role("button", name="Verify now").click()
    expect(version_page.get_by_role("status").filter(has_text="it is the one that was registered")).to_be_visible()
    expect(version_page.locator(".verified")).to_contain_text("Verified just now")


def test_files_whose_bytes_have_changed_are_named(page, studio, register):
    made = register("rotten", {"model.bin": b"bytes that will rot"})
    sha256 = hashlib.sha256(b"bytes that will rot").hexdigest()
    stored = next(path for path in studio.data.rglob(f"*{sha256[4:]}*") if path.is_file())
    stored.chmod(0o644)
    stored.write_bytes(b"bytes that did rot!")
    page.goto(f"/w/default/models/rotten/{made['version']}/")
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_role("alert").filter(has_text="has changed")).to_contain_text("model.bin")
    expect(page.get_by_text("Damaged", exact=True)).to_be_visible()


def test_a_pickle_comes_with_a_warning(version_page):
    expect(version_page.get_by_text("A pickle is code")).to_be_visible()


def test_a_file_downloads_as_it_was(version_page):
    with version_page.expect_download() as download:
        version_page.get_by_label("Download model.pkl").click()
    content = download.value.path().read_bytes()
    assert content == pickle.dumps("a model")
    assert hashlib.sha256(content).hexdigest() == version_page.locator("td code").first.get_attribute("title")


def test_all_files_download_as_one_archive(version_page):
    with version_page.expect_download() as download:
        version_page.get_by_role("link", name="Download all").click()
    assert download.value.path().read_bytes()[:2] == b"PK"


def test_without_javascript_everything_is_changed_by_plain_forms(open_browser, two):
    page = open_browser(java_script_enabled=False)
    page.goto(f"/w/default/models/{two}/1/")
    page.get_by_label("Add a tag").fill("area=mnist")
    page.locator("#tags").get_by_role("button", name="Add").click()
    expect(page.locator("#tags .chip")).to_have_text(["area=mnist"])
    page.get_by_label("Give it an alias").fill("champion")
    page.locator("#aliases").get_by_role("button", name="Add").click()
    expect(page.locator("#alias-badges")).to_have_text("champion")
    page.get_by_label("Add a tag").fill("area: x")
    page.locator("#tags").get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert").filter(has_text="write area=x")).to_be_visible()


def test_a_version_nobody_uses_is_deleted_after_a_question(version_page):
    version_page.get_by_label("More actions").click()
    version_page.get_by_role("link", name="Delete this version").click()
    version_page.get_by_role("dialog").get_by_role("button", name="Delete this version").click()
    expect(version_page).to_have_url(re.compile("/models/$"))
    expect(version_page.get_by_role("status").filter(has_text="is deleted")).to_be_visible()


def test_a_version_that_a_service_uses_cannot_be_deleted_and_says_by_which(page, live_sample):
    page.goto("/w/default/models/iris-sample/1/")
    expect(page.get_by_role("region", name="Deployed in")).to_contain_text("serving now")
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Delete this version").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name=live_sample)).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete")).to_have_count(0)
