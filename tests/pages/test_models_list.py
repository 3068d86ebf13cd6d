"""Finding a model: the search box, chips, facets, and what the page says when nothing matches."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.pages.axe import faults

pytestmark = pytest.mark.usefixtures("shelf")
LIST = "/w/default/models/"
SUGGEST = "**/search/suggestions*"


def found(page: Page) -> Locator:
    return page.locator("#results .row-link")


def rows(page: Page) -> list[str]:
    return found(page).all_inner_texts()


def chips(page: Page) -> list[str]:
    return [text.strip() for text in page.get_by_role("list", name="Filters").locator(".chip").all_text_contents()]


def box(page: Page):
    return page.get_by_role("combobox")


def options(page: Page):
    return page.get_by_role("option")


def test_a_tag_typed_with_spaces_finds_the_same_as_one_typed_without(page):
    page.goto(f"{LIST}?q=topic%3Dmnist")
    plain = (rows(page), chips(page))
    page.goto(f"{LIST}?q=topic+%3A+mnist")
    assert (rows(page), chips(page)) == plain == (["shelf-digits"], ["topic=mnist"])
    expect(page.locator(".filter-hint")).to_contain_text("topic=mnist")


def test_typing_filters_at_once_and_leaves_an_address_to_share(page):
    page.goto(LIST)
    page.get_by_label("Filter models").press_sequentially("topic=mnist")
    expect(found(page)).to_have_text(["shelf-digits"])
    expect(page).to_have_url(re.compile(r"\?q=topic%3Dmnist$"))
    page.reload()
    expect(found(page)).to_have_text(["shelf-digits"])


def test_several_tags_must_all_hold(page):
    page.goto(f"{LIST}?q=stage%3Dproduction+topic%3Diris")
    expect(found(page)).to_have_text(["shelf-irises"])


def test_a_chip_taken_away_widens_the_list(page):
    page.goto(f"{LIST}?q=stage%3Dproduction+topic%3Diris")
    page.get_by_label("Remove the filter topic=iris").click()
    expect(page.locator("#results .row-link")).to_have_count(2)
    assert chips(page) == ["stage=production"]
    expect(box(page)).to_have_value("stage=production")


def test_going_back_shows_the_list_as_it_was(page):
    page.goto(f"{LIST}?q=topic%3Dmnist")
    page.get_by_label("Filter models").fill("topic=iris")
    expect(page).to_have_url(re.compile("topic%3Diris$"))
    page.go_back()
    expect(found(page)).to_have_text(["shelf-digits"])
    expect(page.get_by_label("Filter models")).to_have_value("topic=mnist")


def test_what_is_typed_with_pauses_is_one_step_back(page):
    page.goto(f"{LIST}?q=topic%3Dmnist")
    box(page).fill("shelf")
    expect(page).to_have_url(re.compile("q=shelf$"))
    box(page).press_sequentially("-sc")
    expect(page).to_have_url(re.compile("q=shelf-sc$"))
    page.go_back()
    expect(page).to_have_url(re.compile("topic%3Dmnist$"))


def test_with_nothing_found_it_says_which_filter_to_leave_out(page):
    page.goto(f"{LIST}?q=topic%3Dmnist+stage%3Dproduction")
    expect(found(page)).to_have_text([])
    expect(page.get_by_role("heading", name="No model matches")).to_be_visible()
    page.get_by_role("listitem").filter(has_text="Without stage=production").get_by_role("link").click()
    expect(found(page)).to_have_text(["shelf-digits"])


@pytest.mark.parametrize("text", ['"', "=", "a=b=c", "((", "%", "' OR 1=1", "x" * 2500, "topic!=mnist", "\\"])
def test_whatever_is_typed_the_page_explains_itself(page, text):
    answer = page.goto(LIST)
    page.get_by_label("Filter models").fill(text)
    page.get_by_label("Filter models").press("Enter")
    expect(page.get_by_role("status").filter(has_text=re.compile(r"\d+ models?"))).to_be_visible()
    assert answer.ok


def test_what_is_not_understood_is_marked_and_the_rest_holds(page):
    page.goto(f"{LIST}?q=topic%3Dmnist+created%3Atomorrow")
    expect(found(page)).to_have_text(["shelf-digits"])
    expect(page.locator(".echo mark")).to_have_text("created:tomorrow")
    expect(page.get_by_text("filter not applied")).to_be_visible()
    page.locator(".filter-fault a").click()
    expect(page.locator(".echo")).to_have_count(0)
    expect(page.get_by_role("list", name="Filters")).to_contain_text("created")


def test_a_name_of_markup_stays_text(page):
    page.goto(f"{LIST}?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "alert" in " ".join(chips(page))
    assert page.locator("#results script").count() == 0


def test_how_many_are_left_is_said_to_a_screen_reader(page):
    page.goto(LIST)
    page.route(SUGGEST, lambda route: route.abort())  # how many of these there are is said as well
    box(page).fill("topic=mnist")
    expect(page.locator("#announcer")).to_have_text("1 model")


def test_facets_widen_within_and_narrow_across(page):
    page.goto(f"{LIST}?q=shelf")
    stage = page.locator(".facet").filter(has=page.locator("summary", has_text="stage"))
    stage.get_by_role("link").filter(has_text="production").click()
    expect(page.locator("#results .row-link")).to_have_count(2)
    page.goto(f"{LIST}?q=shelf+topic%3Dmnist")
    topic = page.locator(".facet").filter(has=page.locator("summary", has_text=re.compile("^topic", re.I)))
    expect(found(page)).to_have_text(["shelf-digits"])
    topic.get_by_role("link").filter(has_text="iris").click()
    expect(page.locator("#results .row-link")).to_have_count(2)
    chosen = topic.locator("[aria-current=true]")
    expect(chosen).to_have_count(2)
    chosen.filter(has_text="mnist").click()
    expect(found(page)).to_have_text(["shelf-irises"])
    expect(box(page)).to_have_value(re.compile("topic=iris"))


def test_everything_is_found_without_javascript_too(open_browser):
    page = open_browser(java_script_enabled=False)
    page.goto(LIST)
    page.get_by_label("Filter models").fill("shelf topic=mnist")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(found(page)).to_have_text(["shelf-digits"])
    page.locator(".facet-value").filter(has_text="iris").click()
    page.get_by_label("Remove the filter topic=mnist,iris").click()
    page.locator(".facet-value").filter(has_text="production").click()
    expect(page.get_by_label("Remove the filter stage=production")).to_be_visible()
    assert sorted(rows(page)) == ["shelf-irises", "shelf-scans"]


@pytest.fixture(scope="module")
def odd(register) -> dict[str, str]:
    """A version whose tags are hard to write."""
    tags = {"<b>key</b>": "<img src=x onerror=alert(1)>", 'say "hi"': "a=b=c", "分野": "画像 認識", "long": "x" * 500}
    register("odd-tags", {"model.bin": b"odd"}, **tags)
    return tags


def test_a_tag_of_any_text_is_shown_and_leads_to_those_that_have_it(page, odd):
    for key, value in odd.items():
        page.goto(f"{LIST}?q=odd-tags")
        more = page.locator(".more-tags summary")
        more.click()
        link = page.locator(".tag-links a.chip").filter(has_text=f"{key}={value}")
        expect(link).to_be_visible()
        link.click()
        page.wait_for_load_state()
        expect(found(page)).to_have_text(["odd-tags"])
        assert page.locator(".echo").count() == 0
        page.goto(f"{LIST}?q={'odd-tags'}")
    assert page.locator("#results img, #results b").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_no_fault_that_axe_can_find_with_all_of_it_open(open_browser, studio, theme):
    page = open_browser(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.context.add_cookies([{"name": "slipway_theme", "value": theme, "url": studio.url}])
    page.goto(f"{LIST}?q=shelf+created%3Atomorrow")
    page.locator("[data-select]").first.check()
    assert faults(page) == []
    page.locator(".views-menu summary").click()
    assert faults(page) == []
    page.locator(".columns-menu summary").click()
    assert faults(page) == []
    box(page).press_sequentially(" top")
    expect(options(page)).not_to_have_count(0)
    expect(page).to_have_url(re.compile("top"))
    box(page).press("ArrowDown")
    assert faults(page) == []


@pytest.mark.parametrize("width", [390, 320])
def test_facets_are_a_drawer_on_a_phone(open_browser, width):
    page = open_browser(viewport={"width": width, "height": 760}, reduced_motion="reduce")
    page.goto(f"{LIST}?q=shelf")
    expect(page.locator("#facets")).to_be_hidden()
    page.locator("#facets-open").focus()
    page.keyboard.press("Space")
    expect(page.locator("#facets")).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".facet-value").filter(has_text="test").click()
    page.get_by_text("Show 1 model").click()
    expect(page.locator("#facets")).to_be_hidden()
    expect(found(page)).to_have_text(["shelf-digits"])


def test_the_pages_scripts_weigh_little(page):
    sizes = {}

    def note(request):
        if request.resource_type == "script":
            sizes[request.url] = request.sizes()["responseBodySize"]

    page.on("requestfinished", note)
    page.goto(LIST, wait_until="networkidle")
    assert len(sizes) > 5
    assert sum(sizes.values()) < 120_000, sizes


def test_a_short_chip_has_no_gap_and_a_long_name_takes_three_lines(page, register):
    register("gap-" + "n" * 251, {"model.bin": b"1"}, k="v")
    page.goto("/w/default/models/?q=gap-nnn")
    chip = page.locator(".tag-links .chip").first
    gap = chip.evaluate("""chip => {
        const text = document.createRange();
        text.selectNodeContents(chip.querySelector(".value"));
        const right = chip.getBoundingClientRect().right - parseFloat(getComputedStyle(chip).paddingRight);
        return right - text.getBoundingClientRect().right;
    }""")
    assert gap < 3
    name = page.locator("th .row-link")
    expect(name).to_have_attribute("title", "gap-" + "n" * 251)
    assert name.evaluate("name => name.clientHeight / parseFloat(getComputedStyle(name).lineHeight)") < 3.5


def test_nothing_of_a_text_too_long_is_applied_and_the_list_stays(page, shelf):
    page.goto("/w/default/models/?q=" + "topic%3Dmnist%20" * 200)
    expect(page.get_by_text("A query has at most 2,000 characters.")).to_be_visible()
    expect(page.get_by_text("filter not applied")).to_be_visible()
    expect(page.locator(".echo-fault")).to_have_text(re.compile(r"^topic=mnist .{20,40}…$"))
    expect(page.locator("table.models tbody tr").first).to_be_visible()
