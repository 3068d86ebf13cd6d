"""A few hundred versions: the same questions answered by looking at every one of them."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from registry.finding import list_models, list_versions, parse_query, search
from registry.finding.tree import And, Leaf, Not
from registry.models import Metric, Model, ModelVersion, Parameter, Property, Tag

pytestmark = pytest.mark.django_db


def listed(user, place, text="", **more):
    return list_models(user=user, workspace=place, text=text, **more)


@pytest.fixture
def crowd(place, contributor, owner):
    chance = random.Random(7)
    models = [Model(workspace=place, name=f"model-{n % 7}-{n}") for n in range(25)]
    models = Model.objects.bulk_create(models)
    numbers = dict.fromkeys(range(len(models)), 0)
    versions = []
    for _ in range(200):
        at = chance.randrange(len(models))
        numbers[at] += 1
        versions.append(ModelVersion(
            workspace=place, model=models[at], version=numbers[at], size_bytes=chance.randrange(8),
            stage=chance.choice(["None", "None", "Production", "Archived"]),
            created_by=chance.choice([contributor, owner]),
            framework=chance.choice(["Onnx", "Custom"]), description=chance.choice(["", "", "trained by night", "old"]),
        ))  # fmt: skip
    versions = ModelVersion.objects.bulk_create(versions)
    for n, version in enumerate(versions):
        ModelVersion.objects.filter(pk=version.pk).update(created_time=timezone.now() - timedelta(days=300 - n))
        for model, key, values in (
            (Tag, "area", "abcd"),
            (Tag, "team", "xy"),
            (Property, "p", "12"),
            (Parameter, "q", "12"),
        ):
            if chance.random() < 0.7:
                model.objects.create(workspace=place, version=version, key=key, value=chance.choice(values))
        if chance.random() < 0.6:
            Metric.objects.create(workspace=place, version=version, key="acc", value=chance.randrange(10) / 10)
    return place


QUERIES = [
    "", "area=a", "area=a,b team=x", "area!=a", "has:area -has:team", "area~*,zz", "night", "model-3", "mo", "-old",
    "stage:production", "is:archived", "framework:onnx", "owner:me", "property.p=1 OR param.q=2", "metric.acc>0.7",
    "created:<40d", "created:>250d area=a", "created:<200d created:>100d", "area=a OR team=y", "-(area=a OR team=y)",
    "name:model-1", "version:>=10", "area=zz", "team=x area=b night OR version:1",
]  # fmt: skip
SORTS = ["", "registered", "name", "-name", "size", "-size", "version", "-version", "metric.acc", "-metric.acc"]


def _holds(node, version, user) -> bool:
    if isinstance(node, Not):
        return not _holds(node.part, version, user)
    if not isinstance(node, Leaf):
        return (all if isinstance(node, And) else any)(_holds(part, version, user) for part in node.parts)
    labels = {"tag": version.tag_map, "property": version.property_map, "param": version.parameter_map}
    age = (timezone.now() - version.created_time).days
    if node.kind in labels and node.op == "has":
        return any(key in labels[node.kind] for key in node.values)
    if node.kind in labels and node.op == "~":
        return node.key in labels[node.kind]
    return {
        **{kind: lambda kind=kind: labels[kind].get(node.key) in node.values for kind in labels},
        "text": lambda: node.values[0] in version.name or node.values[0] in version.description,
        "name": lambda: node.values[0] in version.name,
        "stage": lambda: version.stage.lower() in node.values,
        "is": lambda: version.archived,
        "framework": lambda: version.framework == "Onnx",
        "owner": lambda: version.created_by_id == user.pk,
        "metric": lambda: version.metric_map.get("acc", 0) > float(node.values[0]),
        "version": lambda: version.version >= int(node.values[0]) if node.op == ">=" else version.version == 1,
        "created": lambda: age < int(node.values[0][:-1]) if node.op == "<" else age >= int(node.values[0][:-1]),
    }[node.kind]()


def _everything(place) -> list[ModelVersion]:
    labels = ("tags", "properties", "parameters", "metrics")
    versions = ModelVersion.objects.filter(workspace=place).select_related("model").prefetch_related(*labels)
    return list(versions.order_by("-pk"))


def _expected(rows: list[ModelVersion], user, text: str, sort: str, newest: bool) -> list[str]:
    query = parse_query(text)
    spoken = any(leaf.kind == "stage" or leaf.values == ("archived",) for leaf in query.leaves)
    rows = [row for row in rows if (spoken or not row.archived) and all(_holds(n, row, user) for n in query.nodes)]
    if newest:
        rows = list({row.model_id: row for row in reversed(rows)}.values())
    by = sort.removeprefix("-") or "registered"
    if by == "metric.acc":
        rows = [row for row in rows if "acc" in row.metric_map]
    value = {
        "registered": lambda row: 0, "name": lambda row: row.name, "size": lambda row: row.size_bytes,
        "version": lambda row: row.version, "metric.acc": lambda row: row.metric_map["acc"],
    }[by]  # fmt: skip
    rows.sort(key=lambda row: (value(row), row.pk), reverse=not sort or sort.startswith("-"))
    return [row.reference for row in rows]


@pytest.mark.parametrize("few", [2_000, 20, 8])
@pytest.mark.parametrize("newest", [True, False])
def test_every_query_in_every_order_finds_what_a_look_at_all_versions_finds(
    crowd, contributor, monkeypatch, few, newest
):
    monkeypatch.setattr(search, "FEW", few)
    everything = _everything(crowd)
    for turn, text in enumerate(QUERIES):
        for sort in SORTS[turn % 5 :: 5]:
            seen, cursor, query = [], "", parse_query(text)
            while cursor is not None:
                page = list_versions(
                    user=contributor, workspace=crowd, query=query, newest=newest, sort=sort, cursor=cursor, limit=40
                )
                seen += [row.reference for row in page.rows]
                cursor = page.next
            assert seen == _expected(everything, contributor, text, sort, newest), (text, sort)


def test_counts_are_exact_until_they_are_capped(crowd, contributor, monkeypatch):
    everything = _everything(crowd)
    for text in QUERIES:
        expected = len(_expected(everything, contributor, text, "", True))
        assert listed(contributor, crowd, text).count == search.Count(expected), text
    monkeypatch.setattr(search, "FEW", 1)
    monkeypatch.setattr(search, "COUNT_STEPS", 30)
    assert listed(contributor, crowd, "area=a").count.capped
    monkeypatch.setattr(search, "MAX_COUNT", 10)
    assert listed(contributor, crowd, limit=5).count == search.Count(10, capped=True)


def test_a_walk_that_finds_nothing_for_long_ends_early_and_goes_on_when_asked(crowd, contributor, monkeypatch):
    monkeypatch.setattr(search, "FEW", 1)
    monkeypatch.setattr(search, "PAGE_STEPS", 20)
    oldest = ModelVersion.objects.order_by("pk").first()
    ModelVersion.objects.filter(pk=oldest.pk).update(description="zz", stage="None")
    seen, cursor, pages = [], "", 0
    while cursor is not None:
        listing = listed(contributor, crowd, "zz", cursor=cursor, limit=10)
        seen += [row.pk for row in listing.page.rows]
        cursor, pages = listing.page.next, pages + 1
        assert listing.partial == (cursor is not None) and listing.ways_out == []
    assert seen == [oldest.pk] and pages > 5
