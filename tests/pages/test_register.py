"""Registering a model in the browser."""

import pickle
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

FORM = "/w/default/register/"


@pytest.fixture
def model_file(tmp_path) -> Path:
    path = tmp_path / "My flowers (final).pkl"
    path.write_bytes(pickle.dumps(list(range(1000))))
    return path


@pytest.fixture
def form(page: Page) -> Page:
    page.goto(FORM)
    return page


def choose(page: Page, *paths: Path) -> None:
    page.get_by_label("Choose files").set_input_files(paths)


def press_register(page: Page) -> None:
    page.get_by_role("button", name="Register", exact=True).click()


def names_registered(studio) -> set[str]:
    with studio.api() as api:
        return {version["name"] for version in api.get("models?limit=255").json()["value"]}


def test_a_file_becomes_a_version_with_what_the_form_says(form, model_file):
    choose(form, model_file)
    expect(form.get_by_label("Name")).to_have_value("My-flowers-final")
    form.get_by_label("Description").fill("Told apart by petals")
    form.get_by_label("Tags").fill("area=iris")
    form.get_by_label("Tags").press("Enter")
    form.get_by_label("Tags").fill("stage=test")
    press_register(form)
    expect(form).to_have_url(re.compile("/models/My-flowers-final/1/$"))
    expect(form.get_by_role("rowheader", name=model_file.name)).to_be_visible()
    expect(form.locator("#tags .chip")).to_have_text(["area=iris", "stage=test"])
    expect(form.get_by_role("main")).to_contain_text("Told apart by petals")


def test_a_refusal_goes_away_with_the_files_it_was_about(form, model_file, studio):
    reason = "model.pkl imports posix.system, which runs commands."
    refusal = {"status": 422, "json": {"detail": reason, "code": "pickle-refused"}}
    form.route(f"**/api/v1/workspaces/{studio.workspace}/models", lambda route: route.fulfill(**refusal))
    choose(form, model_file)
    press_register(form)
    expect(form.get_by_text(reason)).to_be_visible()
    form.get_by_role("button", name="Start over").click()
    expect(form.get_by_text(reason)).to_be_hidden()


def test_a_name_too_long_is_told_at_once_and_kept_whole(form, model_file):
    form.get_by_label("Name").fill("n" * 10_000)
    told = form.get_by_text("A name has at most 255 characters; this one has 10000.")
    expect(told).to_be_visible()
    expect(form.get_by_label("Name")).to_have_value("n" * 10_000)
    choose(form, model_file)
    expect(form.locator("[data-why]")).to_contain_text("is a pickle")
    expect(told).to_be_visible()
    press_register(form)
    expect(told).to_be_visible()
    expect(form).to_have_url(re.compile(FORM))
    form.get_by_label("Name").fill("n" * 255)
    expect(told).to_be_hidden()


def test_a_pickle_without_a_byte_is_told_before_and_after_it_is_registered(form, tmp_path):
    (tmp_path / "empty.pkl").write_bytes(b"")
    choose(form, tmp_path / "empty.pkl")
    expect(form.locator("[data-files] [data-state]")).to_have_text("empty")
    expect(form.locator("[data-why]")).to_have_text("empty.pkl is empty: it holds no model.")
    press_register(form)
    expect(form).to_have_url(re.compile("/models/empty/1/$"))
    expect(form.locator("#files tbody .badge")).to_have_text("Empty")


def test_a_dropped_file_is_taken_as_well(form):
    form.evaluate("""() => {
        const data = new DataTransfer();
        data.items.add(new File(["not much of a model"], "dropped.bin"));
        document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
    }""")
    # The page is done moving the button that is to be pressed.
    expect(form.locator("[data-why]")).to_contain_text("No known model format")
    press_register(form)
    expect(form).to_have_url(re.compile("/models/dropped/1/$"))


def test_a_folder_keeps_its_own_name_in_every_path(form, tmp_path):
    (tmp_path / "churn" / "data").mkdir(parents=True)
    (tmp_path / "churn" / "MLmodel").write_text(
        "flavors: {python_function: {python_version: 3.11.7}}\nmlflow_version: 3.0.0"
    )
    (tmp_path / "churn" / "data" / "model.bin").write_bytes(b"x")
    form.get_by_label("Choose a folder").set_input_files(tmp_path / "churn")
    expect(form.get_by_label("Framework")).to_have_value("MLflow")
    expect(form.get_by_label("Name")).to_have_value("churn")
    press_register(form)
    expect(form.get_by_role("rowheader")).to_have_text(["churn/MLmodel", "churn/data/model.bin"])


def test_the_framework_is_guessed_and_can_be_corrected(form, model_file, tmp_path):
    choose(form, model_file)
    expect(form.locator("[data-why]")).to_contain_text("not of scikit-learn")
    form.get_by_label("Name").fill("corrected")
    form.get_by_label("Framework").select_option(label="PyTorch")
    press_register(form)
    expect(form.get_by_role("definition").filter(has_text="PyTorch")).to_be_visible()


def test_a_tag_with_a_colon_is_refused_at_once_with_the_right_spelling(form):
    form.get_by_label("Tags").fill("area: mnist")
    form.get_by_label("Tags").press("Enter")
    expect(form.get_by_role("alert").filter(has_text="write area=mnist")).to_be_visible()
    expect(form.get_by_label("Tags")).to_have_attribute("aria-invalid", "true")


def test_the_key_of_a_tag_may_hold_spaces(form):
    form.get_by_label("Tags").fill("trained by=the red team")
    form.get_by_label("Tags").press("Enter")
    expect(form.locator("[data-chips] .chip")).to_have_text(["trained by=the red team"])


def test_a_name_against_the_rule_is_refused_with_one_that_keeps_it(form, model_file):
    choose(form, model_file)
    form.get_by_label("Name").fill("my model!")
    press_register(form)
    expect(form.get_by_role("alert").filter(has_text="my-model")).to_be_visible()
    expect(form.get_by_label("Name")).to_be_focused()


def test_nothing_can_be_registered_without_a_file(form):
    form.get_by_label("Name").fill("empty")
    press_register(form)
    expect(form.get_by_role("alert").filter(has_text="Choose a file")).to_be_visible()


def test_an_upload_broken_off_says_so_registers_nothing_and_can_be_tried_again(form, model_file, studio):
    form.route("**/uploads/*/files/**", lambda route: route.abort("connectionreset"))
    form.get_by_label("Name").fill("broken-off")
    choose(form, model_file)
    expect(form.get_by_text("Nothing is registered yet")).to_be_visible()
    press_register(form)
    assert "broken-off" not in names_registered(studio)
    form.unroute("**/uploads/*/files/**")
    form.get_by_role("button", name="Try again").click()
    expect(form.get_by_text("all here")).to_be_visible()
    press_register(form)
    expect(form).to_have_url(re.compile("/models/broken-off/1/$"))


def test_register_pressed_too_early_waits_for_the_files(form, model_file):
    held = []
    form.route("**/uploads/*/files/**", lambda route: held.append(route))
    form.get_by_label("Name").fill("patient")
    choose(form, model_file)
    press_register(form)
    expect(form.get_by_text("Registers as soon as every file is here")).to_be_visible()
    held[0].continue_()
    expect(form).to_have_url(re.compile("/models/patient/1/$"))


def test_starting_over_forgets_the_files(form, model_file):
    choose(form, model_file)
    expect(form.get_by_text("all here")).to_be_visible()
    form.get_by_role("button", name="Start over").click()
    expect(form.locator("[data-files] li")).to_have_count(0)
    expect(form.get_by_text("Drop files, a folder or an archive here")).to_be_visible()


def test_a_model_can_be_registered_by_keyboard_alone(page, model_file):
    page.on("filechooser", lambda chooser: chooser.set_files(model_file))
    page.goto(FORM)
    page.get_by_label("Choose files").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("all here")).to_be_visible()
    page.get_by_label("Name").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("by-keyboard")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/models/by-keyboard/1/$"))
