"""Finding versions: every condition, of each model the newest that matches, in any order, page by page."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from registry.finding import list_models, list_versions, parse_query, query_of, text_index
from registry.finding.tree import Leaf
from registry.models import Alias, Model, ModelVersion
from registry.services import delete_version, update_version
from tests import objects
from workspaces.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(place, contributor, owner):
    objects.version(place, contributor, "digits", tags={"area": "mnist", "stage": "test"}, metrics={"acc": 0.8})
    objects.version(
        place, contributor, "digits", tags={"area": "mnist", "stage": "prod"}, description="Best so far",
        metrics={"acc": 0.95}, parameters={"depth": "3"}, run_id="r1",
    )  # fmt: skip
    objects.version(place, owner, "cancer", tags={"area": "health", "stage": "prod"}, datasets=[("training", "wdbc")])
    objects.version(
        place, contributor, "iris", framework="Onnx", properties={"area": "mnist"}, description="ÄPFEL 数字"
    )
    return place


def found(user, place, text: str, **more) -> list[str]:
    """Every version that matches, newest first."""
    query = parse_query(text)
    assert query.faults == []
    page = list_versions(user=user, workspace=place, query=query, newest=False, **more)
    return [version.reference for version in page.rows]


@pytest.mark.parametrize(("text", "expected"), [
    ("", ["iris:1", "cancer:1", "digits:2", "digits:1"]),
    ("area=mnist", ["digits:2", "digits:1"]),
    ("area=mnist stage=prod", ["digits:2"]),
    ("area=mnist area=health", []),
    ("area=mnist,health", ["cancer:1", "digits:2", "digits:1"]),
    ("area!=mnist", ["iris:1", "cancer:1"]),
    ("has:area area!=mnist", ["cancer:1"]),
    ("tags.area != 'mnist'", ["cancer:1"]),
    ("area=Mnist", []),
    ("area=mnis", []),
    ("area~mni*", ["digits:2", "digits:1"]),
    ("area~MNI*", []),
    ("area~~MNI*", ["digits:2", "digits:1"]),
    ("area~*e*,mni?", ["cancer:1"]),
    ("area~m?ist", ["digits:2", "digits:1"]),
    ("area!~mni*", ["iris:1", "cancer:1"]),
    ("has:area", ["cancer:1", "digits:2", "digits:1"]),
    ("-has:area", ["iris:1"]),
    ("has:metric.acc", ["digits:2", "digits:1"]),
    ("property.area=mnist", ["iris:1"]),
    ("has:property.area", ["iris:1"]),
    ("param.depth=3", ["digits:2"]),
    ("metric.acc>0.9", ["digits:2"]),
    ("metric.acc>=0.8 metric.acc<0.95", ["digits:1"]),
    ("metric.acc!=0.8", ["iris:1", "cancer:1", "digits:2"]),
    ("metric.acc:0.7..0.9", ["digits:1"]),
    ("dig", ["digits:2", "digits:1"]),
    ("DIG best", ["digits:2"]),
    ("best digits stage=prod", ["digits:2"]),
    ('"best so far"', ["digits:2"]),
    ('"far so"', []),
    ("-dig", ["iris:1", "cancer:1"]),
    ("äpfel", ["iris:1"]),
    ("数字", ["iris:1"]),
    ("ir", ["iris:1"]),
    ("%", []),
    ("_", []),
    ("%%%", []),
    ('""""""', []),
    ("name=digits,iris", ["iris:1", "digits:2", "digits:1"]),
    ("name:IGI", ["digits:2", "digits:1"]),
    ("name~*s", ["iris:1", "digits:2", "digits:1"]),
    ("name~~I*", ["iris:1"]),
    ("name LIKE '%r%s'", ["iris:1"]),
    ("version:2", ["digits:2"]),
    ("version:>=2", ["digits:2"]),
    ("version:1..1", ["iris:1", "cancer:1", "digits:1"]),
    ("run:r1", ["digits:2"]),
    ("dataset:wdbc", ["cancer:1"]),
    ("framework:onnx", ["iris:1"]),
    ("framework:onnx,sklearn -name=digits", ["iris:1", "cancer:1"]),
    ("owner:olga", ["cancer:1"]),
    ("owner:me", ["iris:1", "digits:2", "digits:1"]),
    ("-owner:me", ["cancer:1"]),
    ("owner:nobody", []),
    ("created:<1h", ["iris:1", "cancer:1", "digits:2", "digits:1"]),
    ("created:>1d", []),
    ("iris OR area=health", ["iris:1", "cancer:1"]),
    ("(iris OR area=mnist) -stage=test", ["iris:1", "digits:2"]),
    ("-(iris OR area=mnist)", ["cancer:1"]),
    ("area: mnist", ["digits:2", "digits:1"]),
])  # fmt: skip
def test_every_part_must_hold(shelf, contributor, text, expected):
    assert found(contributor, shelf, text) == expected


def test_what_people_made_of_a_version_is_found(shelf, contributor):
    digits = Model.objects.get(name="digits").versions.get(version=2)
    Alias.objects.create(workspace=shelf, model=digits.model, version=digits, name="champion")
    ModelVersion.objects.filter(pk=digits.pk).update(risk="unsafe")
    objects.live(objects.deployment(shelf, contributor, models=["cancer:1"]))
    assert found(contributor, shelf, "alias:champion") == ["digits:2"]
    assert found(contributor, shelf, "alias:*") == ["digits:2"]
    assert found(contributor, shelf, "is:unsafe") == found(contributor, shelf, "risk:unsafe") == ["digits:2"]
    assert "digits:2" in found(contributor, shelf, "is:pickle")
    assert found(contributor, shelf, "is:deployed") == ["cancer:1"]
    assert found(contributor, shelf, "-is:deployed") == ["iris:1", "digits:2", "digits:1"]


def test_archived_versions_are_left_out_unless_the_query_speaks_of_them(shelf, contributor):
    update_version(version=ModelVersion.objects.get(model__name="digits", version=2), by=contributor, stage="Archived")
    assert found(contributor, shelf, "area=mnist") == ["digits:1"]
    assert [row.reference for row in listed(contributor, shelf, "dig").page.rows] == ["digits:1"]
    assert found(contributor, shelf, "is:archived") == found(contributor, shelf, "stage:archived") == ["digits:2"]
    assert found(contributor, shelf, "stage:archived,none area=mnist") == ["digits:2", "digits:1"]


def test_days_are_whole_days_in_utc(place, contributor):
    for day, hour in ((9, 23), (10, 0), (10, 23), (11, 0)):
        made = objects.version(place, contributor, f"d{day}-{hour}")
        ModelVersion.objects.filter(pk=made.pk).update(created_time=datetime(2026, 1, day, hour, 30, tzinfo=UTC))
    for text, expected in {
        "created:2026-01-10": ["d10-23", "d10-0"],
        "created:>2026-01-10": ["d11-0"],
        "created:>=2026-01-10": ["d11-0", "d10-23", "d10-0"],
        "created:<2026-01-10": ["d9-23"],
        "created:<=2026-01-10": ["d10-23", "d10-0", "d9-23"],
        "created:2026-01-09..2026-01-10": ["d10-23", "d10-0", "d9-23"],
        "created:2026-01": ["d11-0", "d10-23", "d10-0", "d9-23"],
        "created:..2026-01-09": ["d9-23"],
        "created:2025": [],
    }.items():
        assert [name.split(":")[0] for name in found(contributor, place, text)] == expected, text


@pytest.mark.parametrize(("key", "value"), [
    ("a=b", 'say "hi"'), ("two words", "a, b"), ("エリア", "手書き"), ("k" * 500, "v" * 500), ("<b>", "' OR 1=1 --"),
])  # fmt: skip
def test_every_tag_is_found_by_what_its_link_asks(place, contributor, key, value):
    objects.version(place, contributor, "other", tags={key: value + "x" if len(value) < 500 else "v" * 499 + "w"})
    objects.version(place, contributor, "this", tags={key: value})
    assert found(contributor, place, str(query_of(Leaf("tag", key, values=(value,))))) == ["this:1"]
    assert found(contributor, place, str(query_of(Leaf("tag", op="has", values=(key,))))) == ["this:1", "other:1"]


def test_strangers_find_nothing(shelf, stranger):
    assert found(stranger, shelf, "") == []
    listing = listed(stranger, shelf, "")
    assert (listing.page.rows, listing.count.number, listing.ways_out) == ([], 0, [])


def listed(user, place, text="", **more):
    return list_models(user=user, workspace=place, text=text, **more)


def test_the_list_shows_the_newest_version_that_matches_of_each_model(shelf, contributor):
    assert [row.reference for row in listed(contributor, shelf).page.rows] == ["iris:1", "cancer:1", "digits:2"]
    listing = listed(contributor, shelf, "stage=test")
    assert [row.reference for row in listing.page.rows] == ["digits:1"]
    assert (listing.count.number, listing.count.capped, listing.ways_out) == (1, False, [])


def test_with_nothing_found_the_list_says_which_chip_to_leave_out(shelf, contributor):
    listing = listed(contributor, shelf, "area=mnist stage=prod nonsense")
    assert [(way.chip.text, way.rest, way.count.number) for way in listing.ways_out] == [
        ("nonsense", "area=mnist stage=prod", 1)
    ]
    assert listing.count.number == 0


def test_a_part_that_is_not_understood_leaves_the_rest_in_force(shelf, contributor):
    listing = listed(contributor, shelf, "area=health is:deploy")
    assert [row.reference for row in listing.page.rows] == ["cancer:1"]
    assert [fault.text for fault in listing.query.faults] == ["is:deploy"]


@pytest.mark.parametrize(("sort", "expected"), [
    ("", ["iris:1", "cancer:1", "digits:2"]),
    ("registered", ["digits:2", "cancer:1", "iris:1"]),
    ("name", ["cancer:1", "digits:2", "iris:1"]),
    ("-name", ["iris:1", "digits:2", "cancer:1"]),
    ("-version", ["digits:2", "iris:1", "cancer:1"]),
    ("-metric.acc", ["digits:2"]),
])  # fmt: skip
def test_orders(shelf, contributor, sort, expected):
    listing = listed(contributor, shelf, sort=sort)
    assert [row.reference for row in listing.page.rows] == expected
    assert listing.sort == (sort or "-registered")


@pytest.mark.parametrize("sort", ["age", "--name", "metric.", "metric." + "x" * 251, "name desc"])
def test_an_order_there_is_not_is_refused(shelf, contributor, sort):
    with pytest.raises(Invalid, match="There is no order"):
        listed(contributor, shelf, sort=sort)


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 19, "²", "1;drop table", "\x00", "WyJuYW1lIl0:x"])
def test_a_cursor_that_was_never_given_out_is_refused(shelf, contributor, cursor):
    with pytest.raises(Invalid, match="not a cursor"):
        listed(contributor, shelf, cursor=cursor)


def test_a_cursor_of_another_order_is_refused(shelf, contributor):
    cursor = listed(contributor, shelf, limit=1).page.next
    with pytest.raises(Invalid, match="not a cursor"):
        listed(contributor, shelf, sort="name", cursor=cursor)


@pytest.mark.parametrize(("limit", "given"), [(0, 1), (-5, 1), (1, 1), (3, 3), (10**9, 3)])
def test_any_limit_gives_at_least_one_row_and_at_most_255(shelf, contributor, limit, given):
    assert len(listed(contributor, shelf, limit=limit).page.rows) == given


def test_a_list_costs_the_same_whatever_it_shows(shelf, contributor, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        listing = listed(contributor, shelf, "area=mnist -stage=test")
        assert [(v.reference, v.tag_map, v.alias_names, v.used_by) for v in listing.page.rows]


def test_pages_hold_everything_once_while_versions_are_added(place, contributor):
    for number in range(7):
        objects.version(place, contributor, f"m{number}")
    seen, cursor = [], ""
    while cursor is not None:
        page = listed(contributor, place, cursor=cursor, limit=3).page
        seen += [version.name for version in page.rows]
        objects.version(place, contributor, "new")
        cursor = page.next
    assert seen == ["m6", "m5", "m4", "m3", "m2", "m1", "m0"]


def test_the_text_index_follows_what_changes(place, contributor):
    kept = objects.version(place, contributor, "kept", description="first words")
    gone = objects.version(place, contributor, "gone", description="other words")
    update_version(version=kept, by=contributor, description="second thoughts")
    delete_version(version=gone, by=contributor)
    assert found(contributor, place, "first") == found(contributor, place, "words") == []
    assert found(contributor, place, "thoughts") == ["kept:1"]
    assert [row.pk for row in text_index.versions_described(place, "thoughts")] == [kept.pk]
    assert list(text_index.versions_described(place, "words")) == []
    assert [model.name for model in text_index.models_named(place, "KEPT")] == ["kept"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="other databases keep an index with its table")
def test_an_index_that_lost_its_triggers_is_made_again(place, contributor):
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER registry_modelversion_text_added")
    made = objects.version(place, contributor, description="unseen words")
    assert list(text_index.versions_described(place, "unseen")) == []
    text_index.build(connection)
    assert [row.pk for row in text_index.versions_described(place, "unseen")] == [made.pk]
    objects.version(place, contributor, description="seen again")
    assert text_index.versions_described(place, "seen again").count() == 1
