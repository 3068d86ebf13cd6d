"""What is suggested while a search is being typed, and in which order."""

import pytest

from registry.finding.suggestions import suggest
from tests import objects

pytestmark = pytest.mark.django_db


def suggested(owner, place, text: str) -> list[str]:
    return [item.insert for item in suggest(user=owner, workspace=place, text=text, caret=len(text)).items]


@pytest.fixture
def shelf(place, owner) -> None:
    objects.version(place, owner, "digits", tags={"area": "mnist", "stage note": "ok", "lunar": "yes"})


@pytest.mark.parametrize(
    ("typed", "found"),
    [("ar", ["area=", "is:archived", "lunar="]), ("st", ['"stage note"=', "stage:"]), ("al", ["alias:"])],
)
@pytest.mark.usefixtures("shelf")
def test_a_tags_key_comes_before_words_that_begin_alike_and_those_before_keys_that_only_hold_it(
    owner, place, typed, found
):
    assert suggested(owner, place, typed) == found


@pytest.mark.usefixtures("shelf")
def test_before_anything_is_typed_tags_come_first(owner, place):
    assert suggested(owner, place, "")[:4] == ["area=", "lunar=", '"stage note"=', "has:"]
