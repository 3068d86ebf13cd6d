"""Versions side by side."""

import pytest

from registry import services
from registry.models import ModelVersion
from registry.services.comparing import Number
from tests import objects
from workspaces.errors import Invalid

pytestmark = pytest.mark.django_db


def rows(comparison, title) -> dict[str, tuple]:
    section = next(section for section in comparison.sections if section.title == title)
    return {row.key: (*(None if cell is None else str(cell) for cell in row.cells), row.same) for row in section.rows}


@pytest.fixture
def two(place, contributor):
    first = objects.version(
        place, contributor, files={"net/a.bin": b"12345", "net/old.txt": b"1"}, tags={"area": "mnist", "old": ""},
        metrics={"acc": 0.93, "loss": 1e-5, "epochs": 7}, parameters={"C": "1"}, cpu=2,
        signature={"inputs": [{"name": "x", "type": "float32", "shape": [None, 4]}], "outputs": []},
    )  # fmt: skip
    second = objects.version(
        place, contributor, files={"net/a.bin": b"12345", "net/new.txt": b"1"}, tags={"area": "mnist"},
        metrics={"acc": 0.94, "loss": 1e-5}, parameters={"C": "1"}, properties={"run": "7"}, parent="digits:1",
        signature={"inputs": [{"name": "x", "type": "float64", "shape": [None, 4]}], "outputs": []},
        datasets=[("training", "iris")], git_branch="main",
    )  # fmt: skip
    ModelVersion.objects.filter(pk=first.pk).update(
        facts={"versions": {"scikit-learn": "1.5.2"}, "requirements": ["numpy==2.0", "scipy", "torch>=2; extra=='x'"]}
    )
    ModelVersion.objects.filter(pk=second.pk).update(
        facts={"versions": {"scikit-learn": "1.6.0"}, "requirements": ["numpy==2.1", "scipy"]}
    )
    return list(ModelVersion.objects.order_by("version"))


def test_what_differs_is_told_from_what_is_the_same(two):
    found = services.compare(two)
    assert rows(found, "Metrics") == {
        "acc": ("0.93", "0.94", False), "epochs": ("7", None, False), "loss": ("1e-05", "1e-05", True),
    }  # fmt: skip
    assert rows(found, "Tags") == {"area": ("mnist", "mnist", True), "old": ("", None, False)}
    assert rows(found, "Parameters") == {"C": ("1", "1", True)}
    assert rows(found, "Properties") == {"run": (None, "7", False)}
    assert rows(found, "Resources") == {"CPU": ("2", None, False)}
    assert rows(found, "Lineage") == {
        "git branch": (None, "main", False), "parent": (None, "digits:1", False),
        "dataset training": (None, "iris", False),
    }  # fmt: skip


def test_signatures_are_compared_column_by_column_with_type_and_shape(two):
    assert rows(services.compare(two), "Signature") == {"input x": ("float32 [any, 4]", "float64 [any, 4]", False)}


def test_environments_are_the_libraries_read_and_the_requirements(two):
    assert rows(services.compare(two), "Environment") == {
        "scikit-learn (read from its files)": ("1.5.2", "1.6.0", False),
        "requirement numpy": ("numpy==2.0", "numpy==2.1", False),
        "requirement scipy": ("scipy", "scipy", True),
        "requirement torch": ("torch>=2; extra=='x'", None, False),
    }


def test_files_are_compared_by_path_with_size_and_digest(two):
    found = rows(services.compare(two), "Files")
    assert list(found) == ["net/a.bin", "net/old.txt", "net/new.txt"]
    assert [row[-1] for row in found.values()] == [True, False, False]
    digest = two[0].files.get(path="net/a.bin").blob_id
    assert found["net/a.bin"][0] == f"5 bytes, sha256 {digest}"


def test_versions_of_different_models_in_the_order_given(two, place, contributor):
    iris = objects.version(place, contributor, "iris")
    assert services.compare([iris, *two]).versions == [iris, *two]


@pytest.mark.parametrize("count", [0, 1, 11])
def test_fewer_than_two_or_more_than_ten_are_refused(place, contributor, count):
    versions = [objects.version(place, contributor) for _ in range(count)]
    with pytest.raises(Invalid, match="cannot be compared"):
        services.compare(versions)


def test_a_version_is_not_compared_with_itself(two):
    with pytest.raises(Invalid, match="1 version cannot be compared"):
        services.compare([two[0], two[0]])


def test_ten_versions_with_many_files_take_few_queries(place, contributor, django_assert_max_num_queries):
    made = [objects.version(place, contributor, files={f"{n}.txt": b"x" for n in range(5)}) for _ in range(10)]
    versions = list(ModelVersion.objects.filter(pk__in=[version.pk for version in made]))
    with django_assert_max_num_queries(11):
        services.compare(versions)


@pytest.mark.parametrize(
    ("value", "text"), [(0.1 + 0.2, "0.30000000000000004"), (1.0, "1"), (1e100, "1e+100"), (-0.5, "-0.5")]
)
def test_numbers_are_as_short_as_they_can_be_without_losing_any(value, text):
    assert str(Number(value)) == text and float(text) == value


def test_the_word_none_is_not_nothing(place, contributor):
    said = objects.version(place, contributor, tags={"area": "None"})
    silent = objects.version(place, contributor)
    assert rows(services.compare([said, silent]), "Tags") == {"area": ("None", None, False)}
