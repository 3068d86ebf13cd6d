"""The same change to many versions: each alone, each told apart."""

import pytest

from registry import services
from registry.models import ModelVersion
from registry.services import bulk
from tests import objects
from workspaces.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(place, contributor):
    for name in ("a", "b", "c"):
        objects.version(place, contributor, name, tags={"old": "1"})

    def change(*references, **what):
        return services.change_many(user=contributor, workspace=place, references=list(references), **what)

    return change


def test_all_are_tagged_and_archived(many):
    outcomes = many("a:1", "b:1", add_tags={"area": "mnist"}, remove_tags=["old"], stage="Archived")
    assert [(each.reference, each.done) for each in outcomes] == [("a:1", True), ("b:1", True)]
    tagged = {version.name: (version.tag_map, version.archived) for version in ModelVersion.objects.all()}
    assert tagged == {"a": ({"area": "mnist"}, True), "b": ({"area": "mnist"}, True), "c": ({"old": "1"}, False)}


def test_one_that_a_service_uses_stays_and_does_not_stop_the_others(many, place, contributor):
    objects.deployment(place, contributor, "reader", models=["b:1"])
    outcomes = many("a:1", "b:1", "c:1", delete=True)
    assert [each.done for each in outcomes] == [True, False, True]
    assert outcomes[1].problem == "b:1 is used by service reader." and outcomes[1].advice
    assert (outcomes[1].code, outcomes[1].services) == ("version-in-use", ["reader"])
    assert [version.name for version in ModelVersion.objects.all()] == ["b"]


def test_those_that_are_not_there_or_not_yours_are_named(many, place, contributor, stranger):
    objects.version(objects.workspace("elsewhere"), stranger, "theirs")
    outcomes = many("theirs:1", "a:9", "a:x", "a@champion", "a:1", add_tags={"x": "1"})
    codes = ["model-version-not-found", "model-version-not-found", "invalid", "alias-not-found", ""]
    assert [each.code for each in outcomes] == codes
    assert [each.done for each in outcomes] == [False] * 4 + [True]


def test_one_that_is_named_twice_is_changed_once(many):
    assert len(many("a:1", "a:1", stage="Staging")) == 1


def test_a_change_that_breaks_a_rule_is_told_for_each(many):
    assert {each.code for each in many("a:1", "b:1", add_tags={"": "x"})} == {"tag-invalid"}


@pytest.mark.parametrize("what", [{}, {"delete": True, "stage": "Archived"}, {"delete": True, "add_tags": {"a": "1"}}])
def test_it_must_be_said_what_to_do_and_only_one_thing(many, what):
    with pytest.raises(Invalid, match="Say what to do"):
        many("a:1", **what)
    assert ModelVersion.objects.count() == 3


def test_more_than_a_thousand_at_once_are_refused(many):
    with pytest.raises(Invalid, match="too many"):
        many(*(f"a:{n}" for n in range(1, bulk.MOST + 2)), stage="Staging")
