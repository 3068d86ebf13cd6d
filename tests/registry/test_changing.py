"""Changing a version: what is given and nothing else, all of it or nothing, and told in the activity."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from registry import services
from registry.errors import PropertyImmutable, TagInvalid, VersionInUse, VersionNotFound
from registry.models import Activity, ModelVersion
from registry.services import activity
from tests import objects
from workspaces.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def digits(place, contributor):
    return objects.version(place, contributor, tags={"a": "1", "b": "2"}, properties={"run": "7"})


def told(version) -> list[tuple]:
    """The activity of the version since it was registered, oldest first."""
    rows = activity.of_version(version).exclude(verb="registered").order_by("pk")
    return [(row.verb, row.by.username, row.detail) for row in rows]


def test_single_tags_are_added_changed_and_removed(digits, contributor):
    services.update_version(version=digits, by=contributor, add_tags={"a": "9", "c": "3"}, remove_tags=["b", "none"])
    assert digits.tag_map == {"a": "9", "c": "3"}
    assert told(digits) == [("changed", "carl", {"tags": {"added": {"a": "9", "c": "3"}, "removed": ["b"]}})]


def test_all_tags_are_replaced(digits, contributor):
    services.update_version(version=digits, by=contributor, tags={"c": "3"})
    assert digits.tag_map == {"c": "3"}


def test_properties_are_added_and_never_changed(digits, contributor):
    services.update_version(version=digits, by=contributor, add_properties={"data": "2026"})
    assert digits.property_map == {"data": "2026", "run": "7"}
    with pytest.raises(PropertyImmutable, match="Error, properties are immutable: digits:1 has 'run'") as refusal:
        services.update_version(version=digits, by=contributor, description="new", add_properties={"run": "7"})
    assert refusal.value.extras == {"properties": ["run"]}
    assert digits.property_map == {"data": "2026", "run": "7"}


def test_a_change_that_is_refused_changes_nothing_at_all(digits, contributor):
    before = digits.updated_time
    with pytest.raises(Invalid):
        services.update_version(
            version=digits,
            by=contributor,
            description="new",
            tags={},
            add_properties={"x": "1"},
            cpu=2,
            stage="Nowhere",
        )
    digits.refresh_from_db()
    assert (digits.description, digits.cpu, digits.updated_time) == ("", None, before)
    assert digits.tag_map == {"a": "1", "b": "2"} and digits.property_map == {"run": "7"} and told(digits) == []


def test_metrics_parameters_datasets_samples_and_resources_are_replaced(digits, contributor):
    changed = {
        "metrics": {"acc": 0.5}, "parameters": {"C": "2"}, "datasets": [("test", "iris")],
        "sample_input": [1], "sample_output": None, "cpu": 2.0, "memory_gb": 4.0, "gpu": 1,
    }  # fmt: skip
    services.update_version(version=digits, by=contributor, **changed)
    fresh = ModelVersion.objects.get(pk=digits.pk)
    assert (fresh.metric_map, fresh.parameter_map, fresh.dataset_map) == ({"acc": 0.5}, {"C": "2"}, {"test": ["iris"]})
    assert (fresh.sample_input, fresh.cpu, fresh.memory_gb, fresh.gpu) == ([1], 2.0, 4.0, 1)
    services.update_version(version=digits, by=contributor, metrics={}, cpu=None, sample_input=None)
    fresh = ModelVersion.objects.get(pk=digits.pk)
    assert (fresh.metric_map, fresh.cpu, fresh.sample_input, fresh.gpu) == ({}, None, None, 1)
    assert [set(detail) for _, _, detail in told(digits)] == [
        {"metrics", "parameters", "datasets", "sample_input", "cpu", "memory_gb", "gpu"},
        {"metrics", "cpu", "sample_input"},
    ]


def test_what_is_the_same_already_is_no_change(digits, contributor):
    same = {"tags": {"a": "1", "b": "2"}, "description": "", "metrics": {}, "stage": "None", "cpu": None}
    services.update_version(version=digits, by=contributor, **same)
    assert told(digits) == []


def test_stages_are_moved_through_and_archiving_is_told_apart(digits, contributor):
    for stage in ("staging", "Production", "Archived", "None"):
        services.update_version(version=digits, by=contributor, stage=stage)
    assert [(verb, detail["from"], detail["to"]) for verb, _, detail in told(digits)] == [
        ("staged", "None", "Staging"),
        ("staged", "Staging", "Production"),
        ("archived", "Production", "Archived"),
        ("unarchived", "Archived", "None"),
    ]


@pytest.mark.parametrize("wrong", [
    {"stage": "Live"}, {"stage": ""}, {"metrics": {"a": float("nan")}}, {"sample_input": float("inf")}, {"gpu": 1.5},
    {"add_tags": {"": "x"}}, {"add_tags": {"a": "x" * 501}}, {"add_properties": {"x" * 10_000: ""}},
])  # fmt: skip
def test_changes_that_break_a_rule_are_refused(digits, contributor, wrong):
    with pytest.raises((Invalid, TagInvalid)) as refusal:
        services.update_version(version=digits, by=contributor, **wrong)
    assert refusal.value.advice and told(digits) == []


def test_a_version_that_is_deleted_meanwhile_is_not_changed(digits, contributor):
    services.delete_version(version=ModelVersion.objects.get(pk=digits.pk), by=contributor)
    with pytest.raises(VersionNotFound, match="deleted just now"):
        services.update_version(version=digits, by=contributor, description="late")
    with pytest.raises(VersionNotFound, match="digits:1 was deleted just now"):
        services.delete_version(version=digits, by=contributor)


@pytest.mark.django_db(transaction=True)
def test_eight_people_who_add_a_tag_at_once_lose_none(digits, contributor):
    def add(number):
        try:
            version = ModelVersion.objects.get(pk=digits.pk)
            services.update_version(version=version, by=contributor, add_tags={f"tag-{number}": "x"})
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(8)))
    assert len(digits.tag_map) == 10 and Activity.objects.filter(verb="changed").count() == 8


def test_a_deletion_is_told_with_who_did_it_and_what_it_was(digits, contributor, owner, place):
    services.set_alias(model=digits.model, name="champion", version=digits, by=contributor)
    services.delete_version(version=digits, by=owner)
    row = activity.of_model(workspace=place, name="digits").first()
    assert (row.verb, row.by, row.version, activity.sentence(row)) == ("deleted", owner, 1, "deleted digits:1")
    assert row.detail["tags"] == {"a": "1", "b": "2"} and row.detail["aliases"] == ["champion"]
    assert (row.detail["files"], row.detail["created_by"]) == (1, "carl")


def test_a_refused_deletion_is_not_told(digits, contributor):
    objects.deployment(digits.workspace, contributor, models=["digits:1"])
    with pytest.raises(VersionInUse):
        services.delete_version(version=digits, by=contributor)
    assert told(digits) == []


def test_every_verb_has_a_sentence(digits, contributor):
    details = {"from": "None", "to": "Staging", "alias": "champion", "service": "reader", "revision": 3}
    for verb in activity.Verb:
        row = activity.record_of(digits, verb, contributor, **details)
        assert "digits:1" in activity.sentence(row)
