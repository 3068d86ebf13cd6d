"""The page of a model: versions with their metrics, where they are deployed, where they came from, what was done."""

import re

import pytest
from playwright.sync_api import Page, expect

FOREST = "/w/default/models/forest/"


@pytest.fixture(scope="session")
def forest(register_with) -> str:
    """Four versions with metrics, each made from the one before; the last is `champion`, the first deleted."""
    for n in range(1, 5):
        register_with(
            "forest", {"model.bin": bytes([n])}, metrics={"accuracy": 0.9 + n / 100, "loss": 1 / n},
            parameters={"trees": str(10 * n)}, tags={"area": "mnist"}, run_id=f"run-{n}", experiment_name="nightly",
            git_repository="https://git.example/lab/forest.git", git_commit=f"{n}" * 40,
            parent=f"forest:{n - 1}" if n > 1 else "",
        )  # fmt: skip
    with register_with.api() as api:
        api.put("models/forest/aliases/champion", json={"version": 4}).raise_for_status()
        api.delete("models/forest/versions/1").raise_for_status()
    return FOREST


def drawn(page: Page, metric: str):
    return page.locator(f"[data-chart='{metric}'][data-drawn]")


def test_versions_are_listed_newest_first_with_aliases_and_metrics(page, forest):
    page.goto(forest)
    expect(page.locator("table .row-link")).to_have_text(["v4", "v3", "v2"])
    expect(page.locator("tbody tr").first).to_contain_text("champion")
    expect(page.locator("thead .metric")).to_have_text(["accuracy", "loss"])
    expect(page.locator("tbody tr").first.locator("td[data-value]")).to_have_text(["0.94", "0.25"])


def test_metric_columns_are_chosen_kept_in_the_address_and_remembered(page, forest):
    page.goto(forest)
    page.get_by_text("Choose metrics").click()
    page.get_by_label("accuracy", exact=True).uncheck()
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"\?metric=&metric=loss$"))
    expect(page.locator("thead .metric")).to_have_text(["loss"])
    page.goto(forest)
    expect(page.locator("thead .metric")).to_have_text(["loss"])
    page.goto(f"{forest}?metric=accuracy&metric=loss")


def test_metrics_are_drawn_from_the_table_and_told_in_a_sentence(page, forest):
    page.goto(f"{forest}?metric=accuracy")
    expect(drawn(page, "accuracy").locator(".scatterlayer .points path")).to_have_count(3)
    expect(page.get_by_role("img", name="accuracy. Highest 0.94 in forest:4, lowest 0.92 in forest:2.")).to_be_visible()


def test_arrow_keys_go_through_the_values_of_a_drawing(page, forest):
    page.goto(f"{forest}?metric=accuracy")
    drawn(page, "accuracy").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#announcer")).to_have_text("forest:2: 0.92")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#announcer")).to_have_text("forest:3: 0.93")
    expect(page.locator(".hoverlayer")).to_contain_text("forest:3: 0.93")


def test_a_drawing_follows_the_theme(page, forest):
    page.emulate_media(color_scheme="light")
    page.goto(f"{forest}?metric=accuracy")
    line = drawn(page, "accuracy").locator(".js-line")
    light = line.evaluate("path => getComputedStyle(path).stroke")
    page.emulate_media(color_scheme="dark")
    expect(line).not_to_have_css("stroke", light)


def test_pages_without_a_drawing_do_not_fetch_the_library(page, forest, register):
    register("no-metrics", {"model.bin": b"1"})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/w/default/models/no-metrics/", f"{forest}?tab=lineage", f"{forest}4/"):
        page.goto(path, wait_until="networkidle")
    assert [url for url in asked if "plotly" in url] == []


def test_two_versions_are_ticked_and_compared(page, forest):
    page.goto(forest)
    button = page.get_by_role("button", name="Compare")
    expect(button).to_be_disabled()
    page.get_by_label("Compare forest:4").check()
    expect(page.get_by_text("1 chosen, tick one more")).to_be_visible()
    page.get_by_label("Compare forest:2").check()
    button.click()
    expect(page).to_have_url(re.compile(r"/compare/\?version=forest%3A4&version=forest%3A2$"))
    expect(page.locator("thead th[data-version]")).to_have_count(2)


def test_lineage_tells_parents_children_runs_and_commits(page, forest):
    page.goto(forest)
    page.get_by_role("link", name="Lineage").click()
    expect(page).to_have_url(re.compile(r"\?tab=lineage$"))
    third = page.locator(".lineage > li").nth(1)
    expect(third).to_contain_text("nightly / run-3")
    expect(third.get_by_role("link", name="forest:2")).to_be_visible()
    expect(third.get_by_role("link", name="forest:4")).to_be_visible()
    expect(third.get_by_role("link", name="333333333333")).to_have_attribute(
        "href", f"https://git.example/lab/forest/commit/{'3' * 40}"
    )


def test_activity_tells_of_deleted_versions_too(page, forest):
    page.goto(f"{forest}?tab=activity")
    expect(page.get_by_role("listitem").filter(has_text="admin deleted forest:1")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="admin registered forest:1")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="gave forest:4 the alias champion")).to_be_visible()


def test_deployments_link_to_the_services(page, live_sample):
    page.goto("/w/default/models/iris-sample/?tab=deployments")
    row = page.get_by_role("listitem").filter(has_text="serving now")
    expect(row.get_by_role("link", name=live_sample)).to_be_visible()
    expect(row.get_by_role("link", name="v1")).to_be_visible()


def test_a_model_whose_versions_are_all_deleted_still_tells_what_happened(page, register_with):
    register_with("gone", {"model.bin": b"1"})
    with register_with.api() as api:
        api.delete("models/gone/versions/1").raise_for_status()
    page.goto("/w/default/models/gone/")
    expect(page.get_by_role("heading", name="No versions")).to_be_visible()
    page.get_by_role("link", name="Activity").click()
    expect(page.get_by_text("deleted gone:1")).to_be_visible()


def test_without_javascript_the_table_and_the_tabs_are_there(open_browser, forest):
    page = open_browser(java_script_enabled=False)
    page.goto(forest)
    expect(page.locator("table .row-link")).to_have_count(3)
    page.get_by_label("Compare forest:4").check()
    page.get_by_label("Compare forest:3").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare versions")).to_be_visible()
