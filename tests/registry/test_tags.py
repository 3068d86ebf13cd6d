"""`area=mnist`: how people write tags."""

import time

import pytest

from registry.errors import TagInvalid
from registry.tags import checked_tags, parse_tag


@pytest.mark.parametrize(("text", "pair"), [
    ("area=mnist", ("area", "mnist")),
    ("a=b=c", ("a", "b=c")),
    ("note=two words", ("note", "two words")),
    ("empty=", ("empty", "")),
    ("url=http://x:1/", ("url", "http://x:1/")),
    ("größe=groß", ("größe", "groß")),
    ("k" * 500 + "=" + "v" * 500, ("k" * 500, "v" * 500)),
])  # fmt: skip
def test_a_tag_is_key_equals_value(text, pair):
    assert parse_tag(text) == pair


@pytest.mark.parametrize("text", [
    "area: mnist", "area:mnist", "area : mnist", " area: mnist ", "area =mnist", "area= mnist", "area = mnist",
])  # fmt: skip
def test_a_tag_written_almost_right_is_refused_with_the_right_spelling(text):
    with pytest.raises(TagInvalid, match="write area=mnist") as refusal:
        parse_tag(text)
    assert refusal.value.advice == "Write area=mnist."


@pytest.mark.parametrize("text", ["area", "", " ", "=", "=mnist", "two words", ": mnist", "area:"])
def test_what_is_no_tag_is_refused_with_an_example(text):
    with pytest.raises(TagInvalid, match="write key=value, as in area=mnist"):
        parse_tag(text)


@pytest.mark.parametrize("tags", [
    {"a\x00": "b"}, {"a": "b\x00"}, {"a": "line\nbreak"}, {"a\ud800": "b"}, {"": "b"}, {"  ": "b"}, {"k" * 501: ""},
    {"a": "v" * 501},
])  # fmt: skip
def test_tags_that_could_not_be_kept_or_shown_are_refused(tags):
    with pytest.raises(TagInvalid) as refusal:
        checked_tags(tags)
    assert refusal.value.advice and len(refusal.value.detail) < 200


@pytest.mark.parametrize("text", ["a:" + " " * 200_000 + "b\nc", "a" * 200_000, "a :" * 50_000, ":" * 200_000])
def test_a_hostile_tag_is_refused_at_once_and_not_repeated_at_length(text):
    began = time.perf_counter()
    with pytest.raises(TagInvalid) as refusal:
        parse_tag(text)
    assert time.perf_counter() - began < 0.5
    assert len(refusal.value.detail) < 1500
