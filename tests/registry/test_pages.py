"""Pages of models and versions as the server draws them: what they ask of the database, what they show."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry import services
from registry.models import ModelVersion, Stage
from tests import objects

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15


@pytest.fixture
def browser(contributor):
    return objects.signed_in(contributor)


def page(browser, path: str) -> str:
    answer = browser.get(f"/w/vision/{path}")
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def words(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


@pytest.fixture
def rich(place, contributor):
    """digits:1 to digits:3, of which the last carries all there is, and is deployed."""
    first = objects.version(place, contributor, metrics={"accuracy": 0.91}, parameters={"depth": "3"})
    objects.version(place, contributor, metrics={"accuracy": 0.93, "loss": 0.3}, parameters={"depth": "4"})
    last = objects.version(
        place, contributor, files={f"part-{n}.bin": bytes([n]) for n in range(5)}, description="Reads digits",
        tags={"area": "mnist"}, properties={"data": "2026-10"}, metrics={"accuracy": 0.95, "loss": 0.2},
        parameters={"depth": "5"}, sample_input={"data": [[1, 2]]}, sample_output=[7], parent=first.reference,
        signature={"inputs": [{"name": "pixels", "type": "double", "shape": [None, 64]}], "outputs": []},
        datasets=[("training", "mnist-2026")], experiment_name="nightly", run_id="run-77", script="train.py",
        git_repository="https://git.example/vision/digits.git", git_branch="main", git_commit="0123456789abcdef" * 2,
    )  # fmt: skip
    services.set_alias(model=last.model, name="champion", version=last, by=contributor)
    objects.live(objects.deployment(place, contributor, models=[last.reference]))
    return last


@pytest.mark.parametrize(
    "path",
    [
        "models/digits/3/",
        "models/digits/",
        "models/digits/?metric=accuracy&metric=loss",
        "models/digits/?tab=deployments",
        "models/digits/?tab=lineage",
        "models/digits/?tab=activity",
        "compare/?version=digits:1&version=digits:2&version=digits:3",
        "compare/candidates/?add=dig",
    ],
)
def test_a_page_asks_the_database_few_questions(browser, rich, path):
    page(browser, path)
    with CaptureQueriesContext(connection) as asked:
        page(browser, path)
    assert len(asked) <= MOST_QUERIES, "\n".join(query["sql"][:150] for query in asked)


def test_a_page_of_much_is_folded_with_a_count_and_asks_no_more(browser, place, contributor):
    objects.version(
        place, contributor, files={f"w/{n:04d}.bin": bytes([n % 256]) * (n + 1) for n in range(1001)},
        tags={f"tag-{n:03d}": "<b>x</b>" for n in range(200)}, metrics={f"m/{n:03d}": n / 7 for n in range(300)},
        parameters={"k" * 500: "値" * 500},
    )  # fmt: skip
    objects.version(place, contributor, metrics={f"m/{n:03d}": n / 6 for n in range(300)})
    for path in ("models/digits/1/", "models/digits/", "compare/?version=digits:1&version=digits:2"):
        page(browser, path)
        with CaptureQueriesContext(connection) as asked:
            shown = page(browser, path)
        assert len(asked) <= MOST_QUERIES, path
        assert len(shown) < 400_000, path
        assert "<b>x</b>" not in shown
    text = words(page(browser, "models/digits/1/"))
    assert "Show all 1001 files" in text and "185 more tags" in text and "288 more" in text
    assert "all 500 characters" in text
    assert "w/1000.bin" in page(browser, "models/digits/1/?files=all")
    assert "w/1000.bin" in page(browser, "compare/?version=digits:1&version=digits:2&all=rows")


def test_a_model_of_many_versions_is_paged_by_its_numbers(browser, place, contributor):
    first = objects.version(place, contributor)
    rows = [
        ModelVersion(model=first.model, workspace=place, version=number, created_by=contributor)
        for number in range(2, 1001)
    ]
    ModelVersion.objects.bulk_create(rows)
    seen, cursor = [], ""
    for _ in range(3):
        text = page(browser, f"models/digits/?cursor={cursor}")
        seen += [int(number) for number in re.findall(r'row-link mono"[^>]*>v(\d+)<', text)]
        cursor = re.search(r'rel="next" href="\?cursor=(\d+)"', text)[1]
    assert seen == list(range(1000, 850, -1))
    assert browser.get("/w/vision/models/digits/?cursor=x").status_code == 422


def test_what_was_deployed_before_is_told_with_what_is_now(browser, rich, contributor, place):
    objects.live(objects.deployment(place, contributor, models=["digits:2"], overwrite=True))
    text = words(page(browser, "models/digits/3/"))
    assert "reader kept as a revision" in text and "Deployed before reader revision 1" in text
    assert "reader serving now" in words(page(browser, "models/digits/2/"))
    text = words(page(browser, "models/digits/?tab=deployments"))
    assert "reader v3 kept as a revision v2 serving now" in text


@pytest.mark.parametrize(
    ("repository", "links"),
    [
        ("https://git.example/a/b.git", ["https://git.example/a/b.git", f"https://git.example/a/b/commit/{'ab' * 20}"]),
        ("javascript:alert(1)//https://x", []),
        ("git@github.com:a/b.git", []),
        ("https://[broken", []),
    ],
)
def test_a_repository_is_a_link_only_when_a_browser_can_open_it(browser, place, contributor, repository, links):
    objects.version(place, contributor, git_repository=repository, git_commit="ab" * 20)
    for path in ("models/digits/1/", "models/digits/?tab=lineage"):
        found = set(re.findall(r'href="([^"]*)" rel="noreferrer noopener"', page(browser, path)))
        assert found == set(links), path


def test_a_reader_is_shown_everything_and_can_change_nothing(rich, reader):
    looking = objects.signed_in(reader)
    for path in ("models/digits/3/", "models/digits/", "models/digits/?tab=lineage",
                 "compare/?version=digits:1&version=digits:3"):  # fmt: skip
        shown = page(looking, path)
        main = shown[shown.index('<main class="main"') : shown.index("</main>")]
        assert 'method="post"' not in main and "/deploy/" not in main and "data-primary" not in main, path
    assert "champion" in page(looking, "models/digits/3/")


@pytest.mark.parametrize("stage", [Stage.STAGING, Stage.ARCHIVED])
def test_a_stage_is_set_by_a_form(browser, rich, stage):
    answer = browser.post("/w/vision/models/digits/1/stage/", {"stage": stage}, follow=True)
    assert stage in words(answer.content.decode())
    assert rich.model.versions.get(version=1).stage == stage


def test_an_archived_version_is_not_offered_for_deploying_anywhere(browser, rich, contributor):
    services.update_version(version=rich, by=contributor, stage=Stage.ARCHIVED)
    address = "/w/vision/models/digits/3/deploy/"
    for path in ("models/digits/3/", "models/digits/", "compare/?version=digits:1&version=digits:3"):
        assert address not in page(browser, path), path


def test_versions_are_compared_by_alias_too_and_what_is_not_there_is_told(browser, rich):
    text = words(page(browser, "compare/?version=digits@champion&version=digits:2&version=nobody:1"))
    assert "There is no model version 'nobody:1'" in text and "2 versions differ" in text


def test_more_than_ten_versions_are_cut_and_said(browser, place, contributor):
    for _ in range(12):
        objects.version(place, contributor)
    asked = "&".join(f"version=digits:{n}" for n in range(1, 13))
    assert "2 more versions are left out: 10 is the most." in words(page(browser, f"compare/?{asked}"))


def test_metrics_that_differ_late_in_their_digits_are_shown_whole(browser, place, contributor):
    for accuracy in (0.912345678, 0.912345679, 0.5):
        objects.version(place, contributor, metrics={"accuracy": accuracy})
    text = words(page(browser, "compare/?version=digits:1&version=digits:2&version=digits:3"))
    assert "0.912345678 0.912345679 0.5" in text


def test_nobody_compares_what_is_in_another_workspace(rich, stranger):
    assert objects.signed_in(stranger).get("/w/vision/compare/?version=digits:1").status_code == 404
    elsewhere = words(page_of(objects.signed_in(stranger), "/w/elsewhere/compare/?version=digits:1&version=digits:2"))
    assert "There is no model version" in elsewhere


def page_of(browser, path: str) -> str:
    return browser.get(path).content.decode()
