"""Finding versions: tags that must all hold, text, newest first, page by page."""

import pytest

from registry import search
from registry.listing import list_models
from registry.query import Term, parse_query
from tests import objects
from workspaces.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(place, contributor):
    objects.version(place, contributor, "digits", tags={"area": "mnist", "stage": "test"})
    objects.version(place, contributor, "digits", tags={"area": "mnist", "stage": "prod"}, description="Best so far")
    objects.version(place, contributor, "cancer", tags={"area": "health", "stage": "prod"})
    objects.version(place, contributor, "iris", framework="Custom", properties={"area": "mnist"})
    return place


def found(user, place, text: str, **more) -> list[str]:
    versions = search.matching(user=user, workspace=place, query=parse_query(text), **more)
    return [version.reference for version in search.page(versions).rows]


@pytest.mark.parametrize(("text", "expected"), [
    ("", ["iris:1", "cancer:1", "digits:2", "digits:1"]),
    ("area=mnist", ["digits:2", "digits:1"]),
    ("area=mnist stage=prod", ["digits:2"]),
    ("stage=prod area=mnist", ["digits:2"]),
    ("area=mnist area=health", []),
    ("area=Mnist", []),
    ("area=mnis", []),
    ("dig", ["digits:2", "digits:1"]),
    ("DIG best", ["digits:2"]),
    ("best digits stage=prod", ["digits:2"]),
    ('"best so far"', ["digits:2"]),
    ('"far so"', []),
    ("%", []),
    ("_", []),
    ("area: mnist", ["digits:2", "digits:1"]),
])  # fmt: skip
def test_every_term_must_hold(shelf, contributor, text, expected):
    assert found(contributor, shelf, text) == expected


def test_tags_and_properties_do_not_stand_for_each_other(shelf, contributor):
    assert found(contributor, shelf, "", properties=[Term("area", "mnist")]) == ["iris:1"]
    assert found(contributor, shelf, "area=mnist", properties=[Term("area", "mnist")]) == []


def test_a_key_alone_asks_whether_there_is_one(shelf, contributor):
    assert found(contributor, shelf, "", properties=[Term("area", "")]) == ["iris:1"]


def test_name_and_framework_narrow_it_down(shelf, contributor):
    assert found(contributor, shelf, "", name="digits") == ["digits:2", "digits:1"]
    assert found(contributor, shelf, "", framework="Custom") == ["iris:1"]


def test_strangers_find_nothing(shelf, stranger):
    assert found(stranger, shelf, "") == []


def test_values_that_begin_alike_are_told_apart(place, contributor):
    for end in ("a", "b"):
        objects.version(place, contributor, end, tags={"note": "x" * 499 + end})
    assert found(contributor, place, f"note={'x' * 499}b") == ["b:1"]


def test_the_newest_matching_version_of_each_model(shelf, contributor):
    versions = search.matching(user=contributor, workspace=shelf, query=parse_query("stage=test"))
    assert [v.reference for v in search.newest_per_model(versions)] == ["digits:1"]
    everything = search.matching(user=contributor, workspace=shelf, query=parse_query(""))
    assert [v.reference for v in search.newest_per_model(everything)] == ["iris:1", "cancer:1", "digits:2"]


def test_pages_hold_everything_once_while_versions_are_added(place, contributor):
    for _ in range(7):
        objects.version(place, contributor)
    seen, cursor = [], ""
    while True:
        versions = search.matching(user=contributor, workspace=place, query=parse_query(""))
        page = search.page(versions, cursor=cursor, limit=3)
        seen += [version.version for version in page.rows]
        objects.version(place, contributor)
        if page.next is None:
            break
        cursor = page.next
    assert seen == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 19, "1 ", "²", "1;drop table", "\x00"])
def test_a_cursor_that_was_never_given_out_is_refused(shelf, contributor, cursor):
    with pytest.raises(Invalid, match="not a cursor"):
        search.page(search.matching(user=contributor, workspace=shelf, query=parse_query("")), cursor=cursor)


@pytest.mark.parametrize(("limit", "given"), [(0, 1), (-5, 1), (1, 1), (4, 4), (100, 4), (10**9, 4)])
def test_any_limit_gives_at_least_one_row_and_at_most_255(shelf, contributor, limit, given):
    page = search.page(search.matching(user=contributor, workspace=shelf, query=parse_query("")), limit=limit)
    assert len(page.rows) == given


def test_a_page_costs_the_same_whatever_it_shows(shelf, contributor, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        page = search.page(search.matching(user=contributor, workspace=shelf, query=parse_query("")))
        assert [(v.reference, v.tag_map, v.property_map, str(v.created_by)) for v in page.rows]


def test_more_terms_than_the_database_could_nest_are_searched(shelf, contributor):
    text = " ".join(f"k{n}=v" for n in range(200)) + " " + " ".join(f"w{n}" for n in range(200))
    assert found(contributor, shelf, text) == []


def test_with_nothing_found_the_list_says_which_term_to_leave_out(shelf, contributor):
    listing = list_models(user=contributor, workspace=shelf, text="area=mnist nonsense")
    assert listing.count == 0
    assert [(str(way.term), way.rest, way.count) for way in listing.ways_out] == [("nonsense", "area=mnist", 1)]


def test_the_list_of_models_shows_the_newest_matching_version_and_counts_models(shelf, contributor):
    listing = list_models(user=contributor, workspace=shelf, text="area=mnist")
    assert [version.reference for version in listing.page.rows] == ["digits:2"] and listing.count == 1
    assert [(str(chip.term), chip.rest) for chip in listing.chips] == [("area=mnist", "")]
