"""The account page: personal tokens, name, password."""

import httpx
import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def account(page: Page) -> Page:
    page.goto("/account/")
    return page


def make_token(account: Page, name: str) -> str:
    account.get_by_label("Name of the new token").fill(name)
    account.get_by_role("button", name="Create token").click()
    return account.locator("#tokens .callout pre").inner_text()


def status_with(token: str, studio) -> int:
    return httpx.get(f"{studio.url}/api/v1/", headers={"Authorization": f"Bearer {token}"}, trust_env=False).status_code


def test_a_token_is_shown_once_and_works_until_it_is_revoked(account, studio):
    token = make_token(account, "for one test")
    assert status_with(token, studio) == 200
    account.goto("/account/")
    assert token not in account.content()
    account.get_by_role("button", name="Revoke for one test").click()
    expect(account.get_by_role("status").filter(has_text="revoked")).to_be_visible()
    assert status_with(token, studio) == 401


def test_a_name_is_kept_and_shown_in_the_menu(account):
    account.get_by_label("First name").fill("Grace")
    account.get_by_role("button", name="Save").click()
    expect(account.get_by_label("First name")).to_have_value("Grace")
    account.get_by_label("Your account").click()
    expect(account.get_by_role("strong").filter(has_text="Grace")).to_be_visible()


def test_a_new_password_typed_differently_twice_is_refused_beside_the_field(account):
    account.get_by_label("Old password").fill("wrong")
    account.get_by_label("New password", exact=True).fill("sail-at-dawn")
    account.get_by_label("New password confirmation").fill("sail-at-dusk")
    account.get_by_role("button", name="Change password").click()
    old = account.get_by_label("Old password")
    expect(old).to_have_attribute("aria-invalid", "true")
    expect(old).to_have_accessible_description("Your old password was entered incorrectly. Please enter it again.")
