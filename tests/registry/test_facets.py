"""What the models found have in common: each count is what choosing the value finds, and all are asked together."""

import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from registry import services
from registry.finding import facets, list_models, parse_query, search
from registry.models import ModelVersion
from tests import objects

pytestmark = pytest.mark.django_db
QUERIES = [
    "", "area=a", "area=a,b", "area=a stage:production", "stage:archived", "area=c team=x framework:onnx",
    "owner:me is:deployed", "-is:deployed alias:champion", "created:<15d risk:unknown", "area=nothing", "model -area=a",
]  # fmt: skip


@pytest.fixture
def shelf(place, owner, contributor) -> None:
    """One version of each model."""
    for n in range(24):
        version = objects.version(
            place, owner if n % 5 else contributor, f"model-{n}", tags={"area": "abc"[n % 3], "team": "xy"[n % 2]}
        )
        if n % 4 == 0:
            services.set_alias(model=version.model, name="champion", version=version, by=owner)
        if n in {1, 2, 4}:
            objects.deployment(place, owner, models=[version.reference], service=f"reader-{n}")
        ModelVersion.objects.filter(pk=version.pk).update(
            stage=["None", "Production", "Archived"][n % 7 % 3],
            framework="Onnx" if n % 3 else "Custom",
            created_time=timezone.now() - timedelta(days=24 - n),
        )


def alone(text: str, facet, value) -> str:
    """The query with this value as the facet's only one."""
    query = parse_query(text)
    chosen = [chip for chip in query.chips if f"{chip.key}{chip.op}".lstrip("-") == facet.key and chip.key != "-area"]
    if facet.key == "is:":
        word = "-is:deployed" if value.value.startswith("not") else "is:deployed"
    else:
        word = f"{facet.key}{value.value}"
    return f"{query.without(*chosen)} {word}"


@pytest.mark.parametrize("few", [2_000, 1])
@pytest.mark.parametrize("text", QUERIES)
def test_each_count_is_what_choosing_the_value_alone_finds(shelf, place, owner, monkeypatch, text, few):
    monkeypatch.setattr(search, "FEW", few)
    found = facets(user=owner, workspace=place, query=parse_query(text))
    assert {"area=", "stage:", "framework:"} <= {facet.key for facet in found} or text == "area=nothing"
    for facet in found:
        for value in facet.values:
            listed = list_models(user=owner, workspace=place, text=alone(text, facet, value))
            assert (value.count, value.capped) == (listed.count.number, False), (facet.key, value.value)


@pytest.mark.parametrize("few", [2_000, 1])
@pytest.mark.parametrize("sort", ["", "name"])
@pytest.mark.parametrize("text", QUERIES)
def test_a_list_with_its_facets_says_what_both_say_alone(shelf, place, owner, monkeypatch, text, sort, few):
    monkeypatch.setattr(search, "FEW", few)
    asked = {"user": owner, "workspace": place, "text": text, "sort": sort, "limit": 3}
    cursor = ""
    while cursor is not None:
        both = list_models(**asked, cursor=cursor, with_facets=True)
        listed = list_models(**asked, cursor=cursor)
        assert both.facets == facets(user=owner, workspace=place, query=parse_query(text))
        assert [row.pk for row in both.page.rows] == [row.pk for row in listed.page.rows]
        assert both.count == listed.count
        cursor = both.page.next


def tag_keys(place, owner, text: str = "") -> list[str]:
    found = facets(user=owner, workspace=place, query=parse_query(text))
    return [facet.title for facet in found if facet.key.endswith("=")]


def test_keys_that_most_carry_come_first_then_those_with_fewest_values_last_those_without_a_common_one(place, owner):
    for n in range(4):
        tags = {f"a-single-{n}": "1", "build": f"of-its-own-{n}", "area": "ab"[n // 2], "team": "x", "zone": "e"}
        objects.version(place, owner, f"model-{n}", tags=tags | ({"kind": "k"} if n else {}))
    assert tag_keys(place, owner) == ["team", "zone", "area", "kind", "build"]
    assert tag_keys(place, owner, "build=of-its-own-1")[0] == "build"


def test_what_a_single_model_carries_is_a_facet_only_where_there_is_nothing_else(place, owner):
    objects.version(place, owner, "model-0", tags={"area": "a0", "single-0": "1"})
    assert tag_keys(place, owner) == ["area", "single-0"]
    objects.version(place, owner, "model-1", tags={"area": "a1", "single-1": "1"})
    assert tag_keys(place, owner) == ["area"]


def test_counts_of_more_than_are_looked_at_say_so(shelf, place, owner, monkeypatch):
    monkeypatch.setattr(search, "FEW", 1)
    monkeypatch.setattr(sys.modules["registry.finding.facets"], "SAMPLE", 10)
    for facet in facets(user=owner, workspace=place, query=parse_query("area=a")):
        assert all(value.capped == (facet.key == "area=") for value in facet.values), facet


@pytest.mark.parametrize(
    "text", [*QUERIES, "area=a team=x stage:none framework:custom owner:me risk:none alias:champion has:n"]
)
def test_a_page_asks_fifteen_questions_at_most_however_much_is_chosen(
    shelf, owner, django_assert_max_num_queries, text
):
    browser = objects.signed_in(owner)
    with django_assert_max_num_queries(15):
        assert browser.get("/w/vision/models/", {"q": text}).status_code == 200


def test_strangers_are_told_nothing(shelf, place, stranger):
    assert facets(user=stranger, workspace=place, query=parse_query("")) == []
