"""Deploying in the browser: from a file to an answer, and what a failure says."""

import json
import pickle
import re

import httpx
import pytest
from playwright.sync_api import Page, expect
from sklearn.datasets import load_breast_cancer

from tests.pages.axe import faults

LIVE_MS = 120_000
ECHO = "def init(): pass\ndef run(raw_data): return raw_data\n"


def open_form(page: Page, model: str) -> Page:
    page.goto(f"/w/default/models/{model}/1/deploy/")
    return page


def press_deploy(page: Page) -> None:
    page.get_by_role("button", name="Deploy", exact=True).click()


def add_script(page: Page, text: str, name: str = "score.py") -> None:
    if not page.locator("#script").evaluate("details => details.open"):
        page.locator("#script > summary").click()
    page.locator("#script").get_by_label("Choose files").set_input_files(
        [{"name": name, "mimeType": "text/x-python", "buffer": text.encode()}]
    )
    expect(page.get_by_label("Entry script", exact=True)).to_have_value(name)


def state(page: Page):
    return page.locator("#state")


def test_from_a_dropped_file_to_an_answer_and_gone_again(page, studio, pipeline, tmp_path):
    path = tmp_path / "tumours.pkl"
    path.write_bytes(pickle.dumps(pipeline))
    page.goto("/w/default/register/")
    page.get_by_label("Choose files").set_input_files(path)
    page.get_by_role("button", name="Register", exact=True).click()
    page.get_by_role("link", name="Deploy", exact=True).click()
    press_deploy(page)

    expect(page).to_have_url(re.compile("/services/tumours/$"))
    expect(page.get_by_role("log").locator(".log-line").first).to_be_visible(timeout=10_000)
    preparing = page.locator('.timeline [data-step="environment"]')
    expect(preparing).to_have_attribute("data-outcome", re.compile("running|done"))
    expect(state(page)).to_contain_text("Live", timeout=LIVE_MS)

    sample = json.loads(page.get_by_label("Request body").input_value())
    assert len(sample["data"][0]) == 30
    rows = load_breast_cancer().data[:3].tolist()
    page.get_by_label("Request body").fill(json.dumps({"data": rows}))
    page.get_by_role("button", name="Send").click()
    answer = page.locator("#try-result")
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text(" ms")
    shown = json.loads(answer.locator("code").inner_text())
    assert shown["predictions"] == pipeline.predict(rows).tolist()

    page.get_by_role("navigation", name="Service").get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Delete this service").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete this service").click()
    expect(page.get_by_role("status").filter(has_text="being deleted")).to_be_visible()
    expect(page.get_by_role("link", name="tumours", exact=True)).to_have_count(0, timeout=30_000)


def test_the_ready_made_calls_follow_the_body_and_work(page, live_sample):
    page.goto(f"/w/default/services/{live_sample}/")
    page.get_by_label("Request body").fill('{"data": [[5.1, 3.5, 1.4, 0.2]], "note": null}')
    calls = page.locator("[data-calls]")
    calls.get_by_text("curl", exact=True).click()
    expect(calls.locator("code").nth(1)).to_contain_text('"note": null')
    calls.get_by_text("Python", exact=True).click()
    expect(calls.locator("code").nth(2)).to_contain_text('"note": None')

    key = page.locator('[data-key-field="primary_key"]')
    expect(key.locator("code")).to_contain_text("•")
    key.get_by_role("button", name="Show the Primary key").click()
    expect(key.locator("code")).not_to_contain_text("•")
    uri = page.locator(".secret-row code").first.inner_text()
    answer = httpx.post(
        uri,
        json={"data": [[5.1, 3.5, 1.4, 0.2]]},
        headers={"Authorization": f"Bearer {key.locator('code').inner_text()}"},
        trust_env=False,
    )
    assert answer.status_code == 200
    key.get_by_role("button", name="Show the Primary key").click()
    expect(key.locator("code")).to_contain_text("•")


def test_what_is_typed_that_is_no_json_is_said_beside_the_box(page, live_sample):
    page.goto(f"/w/default/services/{live_sample}/")
    page.get_by_label("Request body").fill('{"data": [1, }')
    expect(page.locator("#body-error")).to_contain_text("This is not JSON")


def test_a_requirement_that_does_not_exist_is_named_and_can_be_retried(page, open_browser, breast_cancer, gone_after):
    gone_after.append("wanting")
    open_form(page, breast_cancer).get_by_label("Name").fill("wanting")
    add_script(page, ECHO)
    page.get_by_label("Requirements").fill("no-such-package-anywhere==9.9")
    press_deploy(page)

    failure = page.get_by_role("alert").filter(has_text="Failed at")
    expect(failure).to_contain_text("Prepare environment", timeout=60_000)
    expect(failure).to_contain_text("no-such-package-anywhere")
    expect(failure).to_contain_text("What to do")
    failed = page.locator('.log-step[data-outcome="failed"]')
    expect(failed.get_by_role("button")).to_have_attribute("aria-expanded", "true")
    expect(page.locator('.log-line[data-level="error"]').first).to_be_in_viewport()
    for theme in ("light", "dark"):
        other = open_browser(color_scheme=theme, reduced_motion="reduce")  # axe itself breaks the content policy
        other.goto(page.url)
        assert faults(other) == []

    failure.get_by_role("button", name="Retry").click()
    expect(page).to_have_url(re.compile(r"/deployments/\d+/$"))
    expect(page.get_by_role("alert").filter(has_text="Failed at")).to_be_visible(timeout=60_000)


def test_an_init_that_raises_shows_its_traceback(page, breast_cancer, gone_after):
    gone_after.append("raising")
    open_form(page, breast_cancer).get_by_label("Name").fill("raising")
    add_script(page, "def init():\n    raise RuntimeError('the weights are gone')\ndef run(data): return 1\n")
    press_deploy(page)
    failure = page.get_by_role("alert").filter(has_text="Failed at")
    expect(failure).to_contain_text("the weights are gone", timeout=LIVE_MS)
    expect(failure.locator("pre")).to_contain_text('score.py", line 2')
    expect(state(page)).to_contain_text("Failed")


def test_a_run_that_raises_shows_its_owner_the_traceback_and_no_caller(page, breast_cancer, gone_after):
    gone_after.append("raises")
    open_form(page, breast_cancer).get_by_label("Name").fill("raises")
    add_script(page, "import json\ndef init(): pass\ndef run(data): return 1 / json.loads(data)['by']\n")
    press_deploy(page)
    expect(state(page)).to_contain_text("Live", timeout=LIVE_MS)
    page.goto("/w/default/services/raises/")
    page.get_by_label("Request body").fill('{"by": 0}')
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".try-answer .badge")).to_contain_text("500")
    expect(page.locator(".try-answer > pre, .try-answer .code").first).not_to_contain_text("ZeroDivisionError")

    page.get_by_role("link", name="Logs").click()
    failure = page.locator(".run-failure").first
    expect(failure).to_contain_text("ZeroDivisionError: division by zero", timeout=LIVE_MS)
    expect(failure.locator("pre")).to_be_hidden()
    failure.locator("summary").click()
    expect(failure.locator("pre")).to_contain_text('score.py", line 3, in run')
    expect(page.locator('.log-line[data-level="error"]', has_text="POST /score 500").first).to_be_visible()

    def tried() -> bool:
        """The log may come a moment after the answer; then the page says where to look."""
        page.goto("/w/default/services/raises/")
        page.get_by_label("Request body").fill('{"by": 0}')
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".try-answer")).to_contain_text(re.compile("Why it failed|see the tab Logs"))
        return page.locator(".run-failure").count() > 0

    assert any(tried() for _ in range(10))
    expect(page.locator(".run-failure")).to_contain_text("ZeroDivisionError: division by zero")


def test_a_deployment_can_be_cancelled_while_it_runs(page, breast_cancer, gone_after):
    gone_after.append("stopped")
    open_form(page, breast_cancer).get_by_label("Name").fill("stopped")
    add_script(page, "import time\ndef init(): time.sleep(60)\ndef run(data): return 1\n")
    press_deploy(page)
    expect(page.locator('.timeline [data-step="check"]')).to_have_attribute("data-outcome", "running", timeout=LIVE_MS)
    page.get_by_role("button", name="Cancel").click()
    expect(page).to_have_url(re.compile(r"/deployments/\d+/$"))
    expect(state(page)).to_contain_text("Cancelled", timeout=30_000)
    expect(page.get_by_role("button", name="Retry")).to_be_visible()
    page.goto("/w/default/services/stopped/?tab=settings")
    expect(page.get_by_role("button", name="Delete this service")).to_be_visible()


@pytest.mark.parametrize(
    ("label", "value", "said"),
    [
        ("Name", "No Such Name", "3 to 32 small letters"),
        ("Environment variables", "no equals sign", "Line 1: write NAME=value"),
        ("Requirements", "numpy", "Requirements go with an entry script"),
    ],
)
def test_a_refused_form_says_why_beside_the_field_and_keeps_what_was_typed(page, breast_cancer, label, value, said):
    open_form(page, breast_cancer)
    page.evaluate("for (const fold of document.querySelectorAll('details.fold')) fold.open = true")
    page.get_by_label(label, exact=False).first.fill(value)
    press_deploy(page)
    field = page.get_by_label(label, exact=False).first
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value(value)
    expect(page.locator(f"#{field.get_attribute('id')}-error")).to_contain_text(said)


def test_files_that_were_swept_away_meanwhile_are_asked_for_again(page, studio, breast_cancer):
    open_form(page, breast_cancer)
    add_script(page, ECHO)
    upload = page.locator("[name=source_upload]").input_value()
    with studio.api() as api:
        api.delete(f"uploads/{upload}").raise_for_status()
    press_deploy(page)
    expect(page.locator("#id_entry_script-error")).to_contain_text("start a new one")


def test_a_size_the_target_does_not_have_is_refused_before_anything_is_built(page, breast_cancer):
    open_form(page, breast_cancer)
    page.get_by_label("Custom").check()
    page.get_by_label("CPU", exact=True).fill("200")
    press_deploy(page)
    expect(page.locator("#id_cpu-error")).to_contain_text("CPU in all")


def test_the_summary_and_its_commands_follow_the_form(page, breast_cancer):
    open_form(page, breast_cancer)
    summary = page.locator("#summary")
    expect(summary).to_contain_text("breast-cancer")
    page.get_by_label("Name").fill("tumour-check")
    page.get_by_label("Small").check()
    expect(summary).to_contain_text("/services/default/tumour-check/score")
    expect(summary).to_contain_text("0.5 CPU")
    summary.get_by_text("Copy as").click()
    expect(summary.locator("code").first).to_contain_text("-n tumour-check -m breast-cancer:1")
    expect(summary.locator("code").first).to_contain_text("--cc 0.5 --gb 1")


def test_a_model_that_nothing_can_serve_asks_for_its_script_at_once(page, shelf):
    page.goto("/w/default/models/shelf-scans/1/deploy/")
    expect(page.get_by_label("Choose files")).to_be_visible()
    expect(page.locator("#summary")).to_contain_text("still missing")
    press_deploy(page)
    expect(page.locator("#id_entry_script-error")).to_contain_text("entry script")
