"""Profiling in the browser: from a model to the size it is deployed with."""

import json
import pickle
import re

import pytest
from playwright.sync_api import Page, expect
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from tests.pages.axe import faults

MEASURED_MS = 300_000
SAMPLE = {"data": [[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]]}
START = "/w/default/models/petals/1/profile/"
PAGES = [START, "/w/default/profiles/", "/w/default/models/petals/1/"]


@pytest.fixture(scope="session")
def petals(register_with) -> str:
    """The name of a registered scikit-learn model with a sample."""
    data = load_iris()
    model = LogisticRegression(max_iter=1000).fit(data.data, data.target)
    return register_with("petals", {"model.pkl": pickle.dumps(model)}, sample_input=SAMPLE)["name"]


@pytest.fixture(scope="session")
def waiting(studio, petals) -> list[str]:
    """The names of two profiles that ended before they measured anything."""
    with studio.api() as api:
        names = ["petals-a", "petals-b"]
        for name in names:
            asked = {"name": name, "models": ["petals:1"], "target": "process", "concurrency": [1], "try_onnx": False}
            api.post("profiles", json=asked).raise_for_status()
            api.post(f"profiles/{name}/cancel").raise_for_status()
        return names


def summary(page: Page):
    return page.locator("#summary")


def start(page: Page) -> None:
    page.get_by_role("button", name="Start profile").click()


def test_from_a_model_to_the_form_that_deploys_it_with_the_measured_size(page, petals, gone_after):
    page.goto("/w/default/models/petals/1/")
    page.get_by_role("link", name="Profile", exact=True).click()
    expect(page.get_by_label("Name")).to_have_value(re.compile("petals-1"))
    page.get_by_role("radio", name="This server (process)").check()
    page.get_by_label("CPU", exact=True).fill("1")
    page.get_by_label("Memory in GB").fill("1")
    page.get_by_label("Requests at a time").fill("1, 2")
    page.get_by_label("Try it as ONNX too").uncheck()
    expect(summary(page)).to_contain_text("1 CPU with 1 GB")
    start(page)

    expect(page).to_have_url(re.compile("/profiles/petals-1[-0-9]*/$"))
    deploy = page.get_by_role("link", name="Deploy with this size")
    expect(deploy).to_be_visible(timeout=MEASURED_MS)
    asked = dict(re.findall(r"(\w+)=([^&]+)", deploy.get_attribute("href")))
    deploy.click()
    expect(page.get_by_role("radio", name="Recommended")).to_be_checked()
    expect(page.locator("#summary")).to_contain_text(f"{asked['cpu']} CPU · {asked['memory_gb']} GB")
    expect(page.get_by_role("radio", name="This server (process)")).to_be_checked()

    page.goto("/w/default/models/petals/1/")
    card = page.locator("section", has=page.get_by_role("heading", name="Profile", exact=True))
    expect(card).to_contain_text(f"{asked['cpu']} CPU · {asked['memory_gb']} GB")
    page.goto("/w/default/profiles/?model=petals")
    expect(page.get_by_role("row", name=re.compile("petals-1"))).to_contain_text("requests/s")


def test_enter_in_a_field_starts_the_profile(page, petals):
    page.goto(START)
    page.get_by_label("Name").fill("by-enter")
    page.get_by_label("Name").press("Enter")
    expect(page).to_have_url(re.compile("/profiles/by-enter/$"))
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    page.request.post(f"{page.url}cancel/", form={"csrfmiddlewaretoken": token})


def test_the_summary_and_what_is_usual_follow_the_form(page, petals):
    page.goto(START)
    page.get_by_label("Minutes at most").fill("7")
    expect(summary(page)).to_contain_text("7 minutes at most")
    page.get_by_label("Milliseconds for 95 of 100 answers").fill("50")
    expect(summary(page)).to_contain_text("95 of 100 answers within 50 ms")
    page.get_by_label("Paste them").check()
    expect(summary(page)).to_contain_text("those you pasted")
    expect(page.get_by_label("Requests", exact=True)).to_be_visible()
    summary(page).get_by_text("Copy as").click()
    expect(summary(page).locator("code").first).to_contain_text("slipway model profile -m petals:1")
    expect(summary(page).locator("code").first).to_contain_text("--p95-ms 50")


def test_a_file_that_is_refused_is_there_to_be_mended(page, petals):
    page.goto(START)
    page.get_by_label("A file").check()
    lines = '{"data": [[1, 2, 3, 4]]}\n{"data": [[1, 2, 3, '
    page.get_by_label("JSON lines or CSV").set_input_files(
        {"name": "requests.jsonl", "mimeType": "application/json", "buffer": lines.encode()}
    )
    page.get_by_label("Name").fill("kept")
    start(page)
    expect(page.locator("#id_samples_text-error")).to_contain_text("Line 2")
    expect(page.get_by_label("Requests", exact=True)).to_have_value(lines)
    expect(page.get_by_label("Name")).to_have_value("kept")


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(page, petals):
    page.goto(START)
    page.evaluate("document.querySelector('[data-most-bytes]').dataset.mostBytes = 1000000")
    page.get_by_label("A file").check()
    chosen = page.get_by_label("JSON lines or CSV")
    chosen.set_input_files({"name": "big.csv", "mimeType": "text/csv", "buffer": b"x" * 1_200_000})
    expect(page.get_by_role("alert").filter(has_text="big.csv has 2 MB")).to_be_visible()
    expect(chosen).to_have_value("")


def test_an_entry_script_goes_with_the_profile(page, shelf, studio):
    page.goto("/w/default/models/shelf-scans/1/profile/")
    page.locator("#script").get_by_label("Choose files").set_input_files(
        [{"name": "score.py", "mimeType": "text/x-python", "buffer": b"def init(): pass\ndef run(data): return data\n"}]
    )
    expect(page.get_by_label("Entry script", exact=True)).to_have_value("score.py")
    page.get_by_label("Paste them").check()
    page.get_by_label("Requests", exact=True).fill(json.dumps(SAMPLE))
    page.get_by_label("Name").fill("with-script")
    start(page)
    expect(page).to_have_url(re.compile("/profiles/with-script/$"))
    with studio.api() as api:
        api.post("profiles/with-script/cancel")


def test_two_profiles_are_ticked_and_compared(page, waiting):
    page.goto("/w/default/profiles/")
    compare = page.get_by_role("button", name="Compare", exact=True)
    expect(compare).to_be_disabled()
    for name in waiting:
        page.get_by_label(f"Compare {name}", exact=True).check()
    compare.click()
    expect(page).to_have_url(re.compile("/profiles/compare/.*petals-"))
    for name in waiting:
        expect(page.get_by_role("columnheader", name=name)).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_accessible(open_browser, waiting, path, theme):
    page = open_browser(color_scheme=theme, reduced_motion="reduce")
    page.goto(path)
    assert faults(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_scrolls_sideways_on_a_phone(open_browser, waiting, path):
    page = open_browser(viewport={"width": 390, "height": 844})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
