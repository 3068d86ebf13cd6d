"""The models page as the server draws it: how much it asks the database, what it keeps, what it refuses."""

from base64 import urlsafe_b64encode

import pytest
from django.test import Client

from registry.finding import parse_query
from registry.models import Alias, Metric, ModelVersion
from registry.views.models import echo
from registry.views.table import COOKIE, Table
from tests import objects

LIST = "/w/vision/models/"


@pytest.fixture
def shelf(place, owner) -> list[ModelVersion]:
    """A page and more, each version with tags, metrics and an alias."""
    versions = [
        objects.version(place, owner, f"model-{n}", tags={"area": "mnist", "n": str(n), "team": "blue"})
        for n in range(60)
    ]
    for version in versions:
        Metric.objects.create(workspace=place, version=version, key="acc", value=0.123456)
        Alias.objects.create(workspace=place, model=version.model, version=version, name="champion")
    return versions


@pytest.fixture
def page(owner) -> Client:
    return objects.signed_in(owner)


def test_a_page_of_fifty_asks_the_database_fifteen_times_at_most(page, shelf, django_assert_max_num_queries):
    page.get(LIST)  # the session learns the workspace
    with django_assert_max_num_queries(15):
        answer = page.get(f"{LIST}?q=area%3Dmnist&sort=name")
    assert answer.content.count(b"data-select ") == 50
    assert "50 of 60 models" in answer.content.decode()


def test_the_next_page_goes_on_where_the_first_ended(page, shelf):
    first = page.get(f"{LIST}?q=area%3Dmnist&sort=name")
    cursor = first.context["listing"].page.next
    rest = page.get(LIST, {"q": "area=mnist", "sort": "name", "cursor": cursor})
    names = [version.name for answer in (first, rest) for version in answer.context["listing"].page.rows]
    assert names == sorted(f"model-{n}" for n in range(60))


def test_a_metric_is_a_column_when_it_is_chosen(page, shelf):
    chosen = page.post("/w/vision/table/", {"column": ["tags"], "metric": ["acc"], "back": "q=area%3Dmnist"})
    assert chosen["Location"] == f"{LIST}?q=area%3Dmnist"
    drawn = page.get(chosen["Location"]).content.decode()
    assert "0.12346" in drawn
    assert "Deployed in</th>" not in drawn


@pytest.mark.parametrize("kept", ["", "x", "[]", "bnVsbA==", urlsafe_b64encode(b'{"columns": 3}').decode(), "é" * 9])
def test_a_cookie_that_makes_no_sense_gives_the_usual_table(page, shelf, kept):
    page.cookies[COOKIE] = kept
    answer = page.get(LIST)
    assert answer.context["table"] == Table()


def test_a_cookie_is_small_enough_to_be_kept(place, owner):
    longest = Table(metrics=tuple(f"{n}" + "語" * 99 for n in range(5)))
    assert len(longest.cookie()) < 3500


def test_readers_choose_columns_and_compare_but_change_nothing(shelf, reader):
    page = objects.signed_in(reader)
    assert page.post("/w/vision/table/", {"column": "tags"}).status_code == 302
    compared = page.post("/w/vision/bulk/", {"do": "compare", "version": ["model-1:1", "model-2:1"]})
    assert compared["Location"] == "/w/vision/compare/?version=model-1%3A1&version=model-2%3A1"
    for asked in ({"do": "delete"}, {"stage": "Archived"}, {"do": "tags", "add": "a=b"}):
        assert page.post("/w/vision/bulk/", {**asked, "version": "model-1:1"}).status_code == 403
    drawn = page.get(LIST).content.decode()
    assert "Add tag" not in drawn
    assert "data-compare" in drawn


def test_each_version_says_how_it_went_with_it(page, shelf):
    page.post("/w/vision/bulk/", {"stage": "Staging", "version": ["model-1:1", "nothing:7"], "back": "q=model-1"})
    outcome = page.get(LIST).context["outcome"]
    assert outcome["done"] == ["model-1:1"]
    assert [failed["reference"] for failed in outcome["failed"]] == ["nothing:7"]
    assert page.get(LIST).context["outcome"] is None


def test_nothing_is_deleted_before_it_is_confirmed(page, shelf):
    asked = page.post("/w/vision/bulk/", {"do": "delete", "version": ["model-1:1"]})
    assert b"Delete 1 version" in asked.content
    assert ModelVersion.objects.filter(model__name="model-1").exists()
    page.post("/w/vision/bulk/", {"do": "delete", "confirmed": "yes", "version": ["model-1:1"]})
    assert not ModelVersion.objects.filter(model__name="model-1").exists()


def test_a_change_of_nothing_is_refused_in_words(page, shelf):
    for sent in (
        {"do": "tags", "version": "model-1:1"},
        {"do": "tags", "add": "a=b"},
        {"do": "compare", "version": "a:1"},
    ):
        answer = page.post("/w/vision/bulk/", sent, follow=True)
        assert len(list(answer.context["messages"])) == 1


def test_back_leads_nowhere_else(page, shelf):
    answer = page.post("/w/vision/table/", {"back": "https://example.com/"})
    assert answer["Location"].startswith(LIST)


def test_the_list_alone_is_answered_to_htmx(page, shelf):
    whole = page.get(LIST)
    part = page.get(LIST, headers={"HX-Target": "results"})
    assert b"<html" in whole.content
    assert b"<html" not in part.content
    assert "HX-Target" in part["Vary"]


def test_what_was_not_understood_is_cut_out_of_the_text():
    pieces = echo(parse_query("area=mnist created:>foo digits"))
    assert "".join(piece for piece, _ in pieces) == "area=mnist created:>foo digits"
    assert [piece for piece, fault in pieces if fault] == ["created:>foo"]
    assert echo(parse_query("area=mnist")) == []
