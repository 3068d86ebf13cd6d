"""Pages of models and versions as the server draws them: what they ask of the database, what they show."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry import services
from registry.models import Stage
from registry.services.using import periods_of
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
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


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
