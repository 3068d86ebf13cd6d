"""`area=mnist`: how people write tags, and what they type to find models."""

import time

import pytest

from registry.errors import TagInvalid
from registry.query import MAX_TERMS, Term, parse_query
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


def terms(text: str) -> list[Term]:
    return parse_query(text).terms


@pytest.mark.parametrize(("text", "expected"), [
    ("", []),
    ("   ", []),
    ("area=mnist", [Term("area", "mnist")]),
    ("area=mnist stage=prod", [Term("area", "mnist"), Term("stage", "prod")]),
    ("area=mnist digits", [Term("area", "mnist"), Term("", "digits")]),
    ('"two words"', [Term("", "two words")]),
    ('note="two words"', [Term("note", "two words")]),
    ("a=b=c", [Term("a", "b=c")]),
    ("area=mnist area=mnist", [Term("area", "mnist")]),
    ("=mnist", [Term("", "=mnist")]),
    ("100%", [Term("", "100%")]),
])  # fmt: skip
def test_what_is_typed_is_understood(text, expected):
    assert terms(text) == expected
    assert parse_query(text).hints == []


@pytest.mark.parametrize(
    "text", ["area: mnist", "area : mnist", "area = mnist", "area =mnist", "area= mnist", "area:mnist"]
)
def test_a_tag_with_a_colon_or_spaces_is_understood_with_a_hint(text):
    query = parse_query(text)
    assert query.terms == [Term("area", "mnist")]
    assert "area=mnist" in query.hints[0]


def test_several_tags_with_colons_are_each_understood():
    assert terms("area: mnist stage : prod") == [Term("area", "mnist"), Term("stage", "prod")]


def test_a_colon_inside_quotes_is_text():
    assert terms('"the area : mnist one"') == [Term("", "the area : mnist one")]
    assert terms('note="a : b c"') == [Term("note", "a : b c")]
    assert terms('note: "a b"') == [Term("note", "a b")]


@pytest.mark.parametrize("text", ['"never closed', 'area=mnist "two', '"', '"a" "b', 'a="b c'])
def test_a_quotation_mark_that_is_never_closed_is_left_out_with_a_hint(text):
    query = parse_query(text)
    assert any("never closed" in hint for hint in query.hints)
    assert all('"' not in term.value for term in query.terms)


def test_more_terms_than_anybody_types_are_cut_off_with_a_hint():
    query = parse_query(" ".join(f"t{n}" for n in range(500)))
    assert len(query.terms) == MAX_TERMS
    assert any("first" in hint for hint in query.hints)


def test_a_query_written_out_again_means_the_same():
    for text in ("area=mnist digits", 'note="two words" x', '"a b"', "a=b=c"):
        assert terms(str(parse_query(text))) == terms(text)


def test_a_term_can_be_taken_away():
    query = parse_query("area=mnist stage=prod")
    assert str(query.without(Term("area", "mnist"))) == "stage=prod"


@pytest.mark.parametrize("piece", ["a ", ": ", '" ', "=", "a:", " ", "x", '"a : '])
def test_nothing_typed_takes_long(piece):
    began = time.perf_counter()
    str(parse_query(piece * 2000))
    assert time.perf_counter() - began < 0.5
