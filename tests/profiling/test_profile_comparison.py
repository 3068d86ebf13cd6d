"""Profiles side by side."""

import pytest

from profiling.models import Profile
from tests import objects
from tests.profiling.measured import ended, size
from tests.profiling.test_profile_pages import numbers, shown, words


@pytest.fixture
def two(place, contributor, start) -> None:
    """`slow` and `fast`, of two versions of a model; both have measured 1 CPU."""
    for name, throughput in (("slow", 100), ("fast", 300)):
        profile = start(name=name, models=[objects.version(place, contributor).reference])
        profile.sizes.all().delete()
        size(profile, 1, (1, throughput / 2, 1000 / throughput), (2, throughput, 2000 / throughput))
        size(profile, 0.5 if name == "slow" else 2, (1, throughput * 2, 1.0))
        ended(profile)


def test_numbers_stand_side_by_side_and_differences_are_told(two, reader):
    page = shown(reader, "profiles/compare/?name=slow&name=fast&cpu=1")
    said = words(page)
    assert "fast answers 3 times the requests of slow, and its p95 at rest is 0.333 times as long" in said
    assert "Best throughput 100 requests/s 300 requests/s" in said
    assert [each["title"] for each in numbers(page)["sizes"]] == ["slow: 1 CPU, 1 GB", "fast: 1 CPU, 1 GB"]
    assert "cannot simply be set against" not in said


def test_without_a_size_the_best_of_each_is_compared(two, reader):
    page = shown(reader, "profiles/compare/?name=slow&name=fast&cpu=7")
    assert [each["cpu"] for each in numbers(page)["sizes"]] == [0.5, 2.0]
    assert '&amp;cpu=1"' in page and "cpu=0.5" not in page and "cpu=2" not in page


def test_what_makes_numbers_hard_to_compare_is_said(two, reader):
    Profile.objects.filter(name="slow").update(target_name="docker", method={"cpu_limited": True}, samples_count=1)
    said = words(shown(reader, "profiles/compare/?name=slow&name=fast"))
    assert "different targets (slow: docker, fast: process)" in said
    assert "different methods" in said and "different requests" in said


def test_names_that_are_not_there_and_too_many_are_told(two, reader):
    names = "&".join(f"name={name}" for name in ("slow", "<b>gone</b>", "c", "d", "e", "slow"))
    page = shown(reader, f"profiles/compare/?{names}")
    assert "There is no profile <b>gone</b> in this workspace." in words(page) and "<b>gone" not in page
    assert "1 more profile is left out: 4 is the most." in words(page)


def test_one_profile_is_too_few_and_others_are_offered(two, reader):
    page = shown(reader, "profiles/compare/?name=slow")
    assert "Choose at least two profiles" in page and "<option>fast</option>" in page
    assert "<option>slow</option>" not in page


def test_a_profile_without_points_stands_beside_one_that_has_some(two, start, reader):
    start(name="new")
    said = words(shown(reader, "profiles/compare/?name=new&name=fast"))
    assert "Not all is measured yet: new." in said and "fast: 2 CPU, 1 GB reaches 600 requests/s" in said
