"""Pictures of pages in light and dark, on a desk and on a phone, to be looked at by a person.

    python tests/pages/screenshots.py http://127.0.0.1:8000 USER PASSWORD OUT [--page /w/default/models/ …]

The studio must be running. Without --page: the pages that every studio has.
"""

import argparse
import re
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

SIZES = {"desk": (1280, 860), "phone": (390, 844)}
THEMES = ("light", "dark")
PAGES = ("/", "/account/", "/w/default/models/", "/w/default/register/", "/w/default/services/",
         "/w/default/deployments/", "/w/default/targets/")  # fmt: skip


def sign_in(browser: Browser, url: str, user: str, password: str) -> dict:
    """The storage state of a signed-in browser."""
    page = browser.new_page()
    page.goto(f"{url}/sign-in/")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}/")
    state = page.context.storage_state()
    page.close()
    return state


def take(browser: Browser, url: str, state: dict, pages: list[str], out: Path) -> None:
    for size, (width, height) in SIZES.items():
        for theme in THEMES:
            context = browser.new_context(
                storage_state=state, viewport={"width": width, "height": height}, color_scheme=theme
            )
            page = context.new_page()
            for path in pages:
                page.goto(url + path, wait_until="networkidle")
                name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"
                page.screenshot(path=out / f"{name}.{size}.{theme}.png", full_page=True)
            context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("user")
    parser.add_argument("password")
    parser.add_argument("out", type=Path)
    parser.add_argument("--page", nargs="+", default=PAGES, metavar="PATH")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        url = asked.url.rstrip("/")
        take(browser, url, sign_in(browser, url, asked.user, asked.password), asked.page, asked.out)
        browser.close()


if __name__ == "__main__":
    main()
