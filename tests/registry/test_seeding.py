"""The benchmark's rows are rows as the registry makes them."""

import pytest

from benchmarks.seeding import seed
from registry.finding import list_models
from registry.models import Model, ModelVersion, Tag
from tests import objects

# Seeding switches the database's checks off and on, which no transaction allows.
pytestmark = pytest.mark.django_db(transaction=True)


def test_rows_are_found_by_tag_and_text_and_the_next_version_follows_them(place, owner):
    seed(400, workspace=place, user=owner)
    assert (Model.objects.count(), ModelVersion.objects.count(), Tag.objects.count()) == (40, 400, 2000)
    first = ModelVersion.objects.select_related("model").order_by("pk").first()
    tags = first.tag_map
    assert set(tags) == {"approved", "area", "run", "team", "ticket"}

    def found(text: str) -> list[str]:
        return [row.name for row in list_models(user=owner, workspace=place, text=text).page.rows]

    assert found(f"run={tags['run']}") == [first.name]
    assert len(found(f"ticket={tags['ticket']}")) > 1
    assert first.name in found(first.name.split("-")[0])
    assert first.name in found(f'"{first.description}"')
    assert objects.version(place, owner, first.name).version == 11
