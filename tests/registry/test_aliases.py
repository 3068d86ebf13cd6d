"""Aliases: names that point to one version of a model and can be moved."""

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from django.db import connection

from registry import services
from registry.errors import AliasInvalid, AliasNotFound, VersionNotFound
from registry.models import Activity, Alias
from registry.services import activity
from tests import objects
from workspaces.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def digits(place, contributor):
    return [objects.version(place, contributor) for _ in range(3)]


def point(version, by, name="champion"):
    return services.set_alias(model=version.model, name=name, version=version, by=by)


def told(place) -> list[str]:
    rows = activity.of_model(workspace=place, name="digits").exclude(verb="registered").order_by("pk")
    return [f"{row.by} {activity.sentence(row)}" for row in rows]


def test_an_alias_is_set_moved_and_removed_and_each_is_told(digits, place, contributor):
    point(digits[0], contributor)
    point(digits[1], contributor)
    assert digits[0].alias_names == [] and digits[1].alias_names == ["champion"]
    services.remove_alias(model=digits[0].model, name="champion", by=contributor)
    assert not Alias.objects.exists()
    assert told(place) == [
        "carl gave digits:1 the alias champion",
        "carl moved alias champion from version 1 to digits:2",
        "carl removed alias champion from digits:2",
    ]


def test_an_alias_that_points_there_already_is_no_news(digits, place, contributor):
    for _ in range(2):
        point(digits[0], contributor)
    assert told(place) == ["carl gave digits:1 the alias champion"]


def test_a_version_is_found_by_its_alias_by_members_only(digits, place, contributor, stranger):
    point(digits[1], contributor)
    assert services.find_reference(user=contributor, workspace=place, reference="digits@champion") == digits[1]
    with pytest.raises(VersionNotFound):
        services.find_reference(user=stranger, workspace=place, reference="digits@champion")
    with pytest.raises(AliasNotFound, match="digits has no alias 'challenger'"):
        services.find_reference(user=contributor, workspace=place, reference="digits@challenger")
    with pytest.raises(VersionNotFound, match="'nobody'"):
        services.find_reference(user=contributor, workspace=place, reference="nobody@champion")


def test_the_same_alias_of_another_model_is_another_one(digits, place, contributor):
    iris = objects.version(place, contributor, "iris")
    point(digits[0], contributor)
    point(iris, contributor)
    assert services.find_reference(user=contributor, workspace=place, reference="digits@champion") == digits[0]


GOOD = ["a", "champion", "Prod-2026.11_b", "x" * 255, "v1.2", "v", "1a", "チャンピオン", "latest-1", "-", "_"]
BAD = [
    "",
    "x" * 256,
    "a b",
    "a:1",
    "a@b",
    "a/b",
    "..",
    ".",
    "1",
    "007",
    "٣",
    "latest",
    "LATEST",
    "v1",
    "V12",
    "a\n",
    "a\x00",
]


@pytest.mark.parametrize("name", GOOD)
def test_these_may_be_aliases_and_read_back_from_a_reference(digits, place, contributor, name):
    point(digits[0], contributor, name)
    assert services.find_reference(user=contributor, workspace=place, reference=f"digits@{name}") == digits[0]


@pytest.mark.parametrize("name", BAD)
def test_these_may_not(digits, contributor, name):
    with pytest.raises(AliasInvalid, match="1 to 255 letters") as refusal:
        point(digits[0], contributor, name)
    assert refusal.value.advice and len(refusal.value.detail) < 300


def test_every_alias_of_mlflow_fits_but_bare_numbers(digits, contributor):
    mlflow = re.compile(r"[\w\-]+")
    for name in ("champion", "a_b-c", "Ünïcode", "x" * 255, "-a"):
        assert mlflow.fullmatch(name) and point(digits[0], contributor, name)


def test_an_alias_does_not_point_to_a_version_of_another_model(digits, place, contributor):
    iris = objects.version(place, contributor, "iris")
    with pytest.raises(Invalid, match="iris:1 is not a version of digits"):
        services.set_alias(model=digits[0].model, name="champion", version=iris, by=contributor)


def test_an_alias_to_a_version_that_was_deleted_is_refused(digits, contributor):
    gone = digits[2]
    services.delete_version(version=services.find_version(
        user=contributor, workspace=gone.workspace, name="digits", version=3), by=contributor)  # fmt: skip
    with pytest.raises(VersionNotFound, match="digits:3 was deleted just now"):
        point(gone, contributor)


def test_an_alias_goes_with_its_version(digits, contributor):
    point(digits[0], contributor)
    services.delete_version(version=digits[0], by=contributor)
    assert not Alias.objects.exists()
    with pytest.raises(AliasNotFound):
        services.remove_alias(model=digits[1].model, name="champion", by=contributor)


@pytest.mark.django_db(transaction=True)
def test_moved_by_many_at_once_it_points_where_the_last_one_said_and_the_story_has_no_break(digits, contributor):
    def move(version):
        try:
            return point(version, contributor)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(move, digits * 4))
    story = list(Activity.objects.filter(verb__startswith="alias").order_by("pk"))
    assert [row.verb for row in story].count("alias-set") == 1
    for before, after in pairwise(story):
        assert after.detail["from"] == before.version
    assert Alias.objects.get().version.version == story[-1].version
