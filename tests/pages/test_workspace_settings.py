"""The page of a workspace's settings, and what a version's page says of its pickles."""

import os
import pickle

import pytest
from playwright.sync_api import expect

from tests.pages.axe import faults


class Hostile:
    def __reduce__(self):
        return os.system, ("true",)


@pytest.fixture
def allowing(studio):
    """Whatever a test chose, the policy is as it was afterwards."""
    yield
    with studio.api() as api:
        api.patch("settings", json={"pickle_policy": "allow"})


@pytest.mark.usefixtures("allowing")
def test_an_owner_chooses_which_pickles_are_taken(page, studio):
    page.goto("/")
    page.get_by_role("link", name="Settings", exact=True).first.click()
    page.get_by_label("All but those marked unsafe").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The settings are saved.")).to_be_visible()
    expect(page.get_by_label("All but those marked unsafe")).to_be_checked()
    with studio.api() as api:
        assert api.get("settings").json()["pickle_policy"] == "refuse-unsafe"


def test_saving_stands_apart_from_the_note_above_it(page):
    page.goto("/w/default/settings/")
    note = page.get_by_text("Versions that are registered already").bounding_box()
    assert page.get_by_role("button", name="Save").bounding_box()["y"] - note["y"] - note["height"] >= 12


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_on_a_phone(open_browser, scheme):
    page = open_browser(color_scheme=scheme, viewport={"width": 390, "height": 844})
    page.goto("/w/default/settings/")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_versions_page_says_what_makes_its_pickle_unsafe(page, register):
    register("hostile", {"model.pkl": pickle.dumps(Hostile())})
    page.goto("/w/default/models/hostile/1/")
    expect(page.get_by_text("A pickle in this version is unsafe.")).to_be_visible()
    expect(page.get_by_text("model.pkl imports posix.system, which runs commands.")).to_be_visible()
