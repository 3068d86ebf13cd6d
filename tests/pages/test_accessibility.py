"""Every page passes axe in both themes, fits a narrow phone and weighs little."""

import pytest

from tests.pages.axe import faults

PAGES = {
    "home": "/",
    "account": "/account/",
    "models": "/w/default/models/?q=topic%3Dmedicine",
    "nothing found": "/w/default/models/?q=topic%3Dmnist+stage%3Dproduction",
    "model": "/w/default/models/shelf-irises/",
    "version": "/w/default/models/shelf-irises/2/",
    "version in use": "/w/default/models/iris-sample/1/",
    "register": "/w/default/register/",
    "deploy": "/w/default/models/shelf-irises/2/deploy/",
    "services": "/w/default/services/",
    "service": "/w/default/services/iris-sample/",
    "service log": "/w/default/services/iris-sample/?tab=logs",
    "deployments": "/w/default/deployments/",
    "deployment": "/w/default/deployments/1/",
    "targets": "/w/default/targets/",
    "error": "/w/default/models/no-such-model/",
    "no such page": "/no/such/page/",
}
every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
pytestmark = pytest.mark.usefixtures("shelf", "live_sample")


@every_page
def test_a_page_has_no_fault_that_axe_can_find_in_either_theme(open_browser, path):
    page = open_browser(color_scheme="light", reduced_motion="reduce")
    page.goto(path)
    assert faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert faults(page) == []


@every_page
def test_a_page_is_at_home_on_a_phone(open_browser, path):
    page = open_browser(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page.goto(path)
    assert faults(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@every_page
def test_a_page_is_light_and_keeps_to_the_content_security_policy(page, path):
    sizes = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(path, wait_until="load")
    page.wait_for_timeout(300)
    assert 10_000 < sum(sizes) < 300_000  # the fixture complains about the policy


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_signing_in_has_no_fault_that_axe_can_find(browser, studio, theme):
    page = browser.new_page(base_url=studio.url, color_scheme=theme)
    page.goto("/sign-in/")
    assert faults(page) == []
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_high_contrast_theme_has_no_fault_either(open_browser, studio, theme):
    page = open_browser(color_scheme=theme, reduced_motion="reduce")
    page.context.add_cookies([{"name": "slipway_theme", "value": "contrast", "url": studio.url}])
    page.goto("/w/default/models/shelf-irises/2/")
    assert faults(page) == []
