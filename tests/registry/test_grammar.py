"""What people type to find models, and how it is written out again."""

import random
import time

import pytest

from registry.finding.grammar import MAX_DEPTH, MAX_TERMS
from registry.finding.query import MAX_LENGTH, parse_query, query_of
from registry.finding.tree import And, Leaf, Not, Or, negated


def tag(key: str, *values: str) -> Leaf:
    return Leaf("tag", key, "=", values)


def text(value: str) -> Leaf:
    return Leaf("text", op=":", values=(value,))


@pytest.mark.parametrize(("typed", "canonical"), [
    ("", ""),
    ("   ", ""),
    ("area=mnist", "area=mnist"),
    ("area=mnist digits", "area=mnist digits"),
    ("area=mnist AND digits", "area=mnist digits"),
    ("area=mnist area=mnist", "area=mnist"),
    ('"two words"', '"two words"'),
    ('note="two words"', 'note="two words"'),
    ('"my key"="a, b"', '"my key"="a, b"'),
    ("a=b=c", "a=b=c"),
    ("a==b", "a=b"),
    ('a=""', 'a=""'),
    ("a!=b", "a!=b"),
    ("-a=b", "a!=b"),
    ("-a!=b", "a=b"),
    ("NOT a=b", "a!=b"),
    ("area=mnist,nlp", "area=mnist,nlp"),
    ("area~mni*,x?", "area~mni*,x?"),
    ("area~~mni*", "area~~mni*"),
    ("-area~mni*", "area!~mni*"),
    ("has:area", "has:area"),
    ("-has:area", "-has:area"),
    ('has:"my key"', 'has:"my key"'),
    ("has:metric.acc", "has:metric.acc"),
    ('has:"metric.acc"', 'has:"metric.acc"'),
    ("alias:champion", "alias:champion"),
    ("stage:Production", "stage:production"),
    ("stage:prod,staging", "stage:production,staging"),
    ("is:deployed -is:archived", "is:deployed -is:archived"),
    ("owner:me", "owner:me"),
    ("framework:scikit-learn", "framework:sklearn"),
    ("framework:ScikitLearn,Torch", "framework:sklearn,pytorch"),
    ("risk:unsafe", "risk:unsafe"),
    ("created:>2026-01-01", "created:>2026-01-01"),
    ("created>2026-01-01", "created:>2026-01-01"),
    ("created:<30d", "created:<30d"),
    ("created:2026-01..2026-03", "created:2026-01..2026-03"),
    ("metric.acc>0.9", "metric.acc>0.9"),
    ("metric.acc<=1e-3 metric.loss!=0", "metric.acc<=1e-3 metric.loss!=0"),
    ("metric.acc:0.8..0.9", "metric.acc:0.8..0.9"),
    ('metric."a b">=1', 'metric."a b">=1'),
    ("param.depth=3", "param.depth=3"),
    ("property.data=2026-10", "property.data=2026-10"),
    ("name:dig name=digits name~d*", "name:dig name=digits name~d*"),
    ('"name"=x', '"name"=x'),
    ('"metric.acc"=high', '"metric.acc"=high'),
    ("run:7f3a dataset:mnist version:>=2", "run:7f3a dataset:mnist version:>=2"),
    ("-digits", "-digits"),
    ('"-digits"', '"-digits"'),
    ("a b OR c d", "a b OR c d"),
    ("(a OR b) c", "(a OR b) c"),
    ("((a)) (b c)", "a b c"),
    ("-(a OR b)", "-(a OR b)"),
    ("NOT (a b)", "-(a b)"),
    ("a OR (b OR c)", "a OR b OR c"),
    ("or and not", "or and not"),
    ('"OR"', '"OR"'),
    ("=mnist", '"=mnist"'),
    ("100%", "100%"),
    ("dig*", "dig"),
    ("http://x.org/y", '"http://x.org/y"'),
    ("größe=groß 数字", "größe=groß 数字"),
    ("a\u3000b", "a b"),
    (r"path=C:\temp", r"path=C:\temp"),
    (r'note="say \"hi\" \\ there"', r'note="say \"hi\" \\ there"'),
    ('note="say ""hi"""', r'note="say \"hi\""'),
])  # fmt: skip
def test_what_is_typed_is_understood_and_written_canonically(typed, canonical):
    query = parse_query(typed)
    assert (str(query), query.faults) == (canonical, [])
    again = parse_query(canonical)
    assert (again.nodes, again.faults, str(again)) == (query.nodes, [], canonical)


@pytest.mark.parametrize("typed", ["area=mnist", 'note="a : b = c"', '"the area : mnist one"', "a=b:c", "has:area",
                                   "metric.acc>0.9", "(a OR b)", "-x", 'a=""'])  # fmt: skip
def test_what_is_written_right_gives_no_hint(typed):
    assert parse_query(typed).hints == []


@pytest.mark.parametrize(("typed", "canonical"), [
    ("area: mnist", "area=mnist"), ("area : mnist", "area=mnist"), ("area = mnist", "area=mnist"),
    ("area =mnist", "area=mnist"), ("area= mnist", "area=mnist"), ("area:mnist", "area=mnist"),
    ("TagName : TagValue", "TagName=TagValue"), ('note: "a b"', 'note="a b"'), ('"my key" : v', '"my key"=v'),
    ("-area : mnist", "area!=mnist"), ("owner : me", "owner:me"), ("stage: production", "stage:production"),
    ("metric.acc > 0.9", "metric.acc>0.9"), ("created: >30d", "created:>30d"),
    ("area: mnist team : red", "area=mnist team=red"), ("(area : mnist OR x)", "area=mnist OR x"),
])  # fmt: skip
def test_colons_and_spaces_are_understood_with_a_hint(typed, canonical):
    query = parse_query(typed)
    assert (str(query), query.faults) == (canonical, [])
    assert canonical.replace("!", "").split(" OR ")[0].split(" ")[0] in query.hints[0]


def test_a_tag_that_looks_like_a_misspelt_word_is_a_tag_with_a_question():
    query = parse_query("ownr:me")
    assert query.nodes == [tag("ownr", "me")] and "Did you mean owner:me?" in query.hints[0]


@pytest.mark.parametrize(("typed", "part", "left", "suggestion"), [
    ("is:deploy area=mnist", "is:deploy", "area=mnist", "is:deployed"),
    ("area=mnist stage:prodcution", "stage:prodcution", "area=mnist", "stage:production"),
    ("framework:sklern x", "framework:sklern", "x", "framework:sklearn"),
    ("x area=", "area=", "x", "has:area"),
    ("x metric.acc>high", "metric.acc>high", "x", "metric.acc>0.9"),
    ("x metric.acc>nan", "metric.acc>nan", "x", "metric.acc>0.9"),
    ("x depth>5", "depth>5", "x", "metric.depth>5"),
    ("x created:>yesterday", "created:>yesterday", "x", "created:<30d"),
    ("x created:2026-02-30", "created:2026-02-30", "x", "created:<30d"),
    ("x created:<999999y", "created:<999999y", "x", "created:<30d"),
    ("x version:two", "version:two", "x", "version:>=2"),
    ("x OR", "OR", "x", ""),
    ("OR x", "OR", "x", ""),
    ("AND x", "AND", "x", ""),
    ("x NOT", "NOT", "x", ""),
    ("x ()", "(", "x", ""),
    ("x )", ")", "x", ""),
    ("(x OR is:nothing)", "is:nothing", "x", ""),
    ("-is:nothing x", "is:nothing", "x", ""),
    ("has:area,metric.acc x", "has:area,metric.acc", "x", ""),
])  # fmt: skip
def test_what_means_nothing_is_a_fault_and_the_rest_holds(typed, part, left, suggestion):
    query = parse_query(typed)
    [fault] = query.faults
    assert (fault.text, typed[fault.start : fault.end], str(query)) == (part, part, left)
    assert fault.message and fault.suggestion == suggestion
    assert not suggestion or parse_query(suggestion).faults == []


def test_what_is_never_closed_is_closed_at_the_end_with_a_hint():
    assert (
        str(query := parse_query('area=mnist "two wor')) == 'area=mnist "two wor"' and "never closed" in query.hints[0]
    )
    assert str(query := parse_query("x (a OR b")) == "x (a OR b)" and "never closed" in query.hints[0]


@pytest.mark.parametrize(("typed", "canonical"), [
    ("tags.`my key` = 'v 1' AND name LIKE 'g%'", '"my key"="v 1" name~g*'),
    ("tags.area != 'mnist'", "has:area area!=mnist"),
    ("tag.\"a b\" = 'x'", '"a b"=x'),
    ("name ILIKE '%Dig_t%'", "name~~*Dig?t*"),
    ("name LIKE '100*'", r"name~100\*"),
    ("name IN ('a', 'b') and run_id = '7'", "name=a,b run:7"),
    ("attributes.name != 'a'", "name!=a"),
    ("version_number >= 3 AND tags.x = ''", 'version:>=3 x=""'),
    ("tags.`mlflow.prompt.is_prompt` != 'true'", "mlflow.prompt.is_prompt!=true"),
])  # fmt: skip
def test_a_filter_of_mlflow_is_read_with_its_meaning(typed, canonical):
    query = parse_query(typed)
    assert (str(query), query.faults) == (canonical, [])
    assert "MLflow" in query.hints[0]
    assert parse_query(canonical).nodes == query.nodes


@pytest.mark.parametrize("typed", ["it's name", "name=digits", 'note="x"', "tags.x = 'a' OR tags.y = 'b'"])
def test_what_is_no_filter_of_mlflow_is_read_as_typed(typed):
    assert not any("MLflow" in hint for hint in parse_query(typed).hints)


def test_chips_are_the_parts_that_must_hold_and_can_be_taken_away():
    query = parse_query('area=mnist  (a OR b) -is:deployed "two words" metric.acc>0.9')
    assert [(chip.key, chip.op, chip.value) for chip in query.chips] == [
        ("area", "=", "mnist"), ("", "", "a OR b"), ("-is", ":", "deployed"), ("", "", '"two words"'),
        ("metric.acc", ">", "0.9"),
    ]  # fmt: skip
    assert [query.text[chip.start : chip.end] for chip in query.chips] == [
        "area=mnist", "(a OR b)", "-is:deployed", '"two words"', "metric.acc>0.9",
    ]  # fmt: skip
    assert query.without(query.chips[0]) == '(a OR b) -is:deployed "two words" metric.acc>0.9'
    only = parse_query("area=mnist (a OR b)")
    assert only.without(only.chips[0]) == "a OR b"
    assert parse_query("x").without(parse_query("x").chips[0]) == ""


ALPHABET = ['"', "\\", "=", ":", ",", " ", "(", ")", "-", "*", "?", "!", "~", "<", ">", ".", "'", "é", "数", "\u3000",
            "OR", "AND", "name", "metric.", "a", "b", "%", "#", "&", "/"]  # fmt: skip


def _any_text(chance: random.Random, *, empty: bool = True) -> str:
    made = "".join(chance.choice(ALPHABET) for _ in range(chance.randint(0 if empty else 1, 8))).strip()
    return made or ("" if empty else "x")


def _any_leaf(chance: random.Random) -> Leaf:
    kind = chance.choice(["tag", "tag", "property", "param", "text", "has", "name", "alias", "owner", "pattern"])
    values = tuple(dict.fromkeys(_any_text(chance) for _ in range(chance.randint(1, 3))))
    key = _any_text(chance, empty=False)
    if kind == "text":
        return text(key)
    if kind == "has":
        return Leaf("tag", op="has", values=tuple(dict.fromkeys([key, _any_text(chance, empty=False)])))
    if kind == "pattern":
        return Leaf("tag", key, chance.choice(["~", "~~"]), values)
    if kind in {"alias", "owner"}:
        return Leaf(kind, values=values)
    return Leaf("name", values=values) if kind == "name" else Leaf(kind, key, "=", values)


def _any_node(chance: random.Random, depth: int, within: type | None = None):
    make = chance.choice(["leaf", "leaf", "not", "and", "or"]) if depth else "leaf"
    if make == "not":
        return negated(_any_node(chance, depth - 1))
    if make in {"and", "or"} and within is not (kind := And if make == "and" else Or):
        parts = tuple(dict.fromkeys(_any_node(chance, depth - 1, kind) for _ in range(chance.randint(2, 3))))
        return kind(parts) if len(parts) > 1 else parts[0]
    return _any_leaf(chance)


@pytest.mark.parametrize("seed", range(300))
def test_any_query_written_out_is_read_as_the_same_query(seed):
    chance = random.Random(seed)
    nodes = [_any_node(chance, 3, And) for _ in range(chance.randint(1, 3))]
    nodes = [node for node in dict.fromkeys(nodes) if not isinstance(node, And)]
    query = query_of(*nodes)
    again = parse_query(str(query))
    assert (again.nodes, again.faults) == (nodes, []), str(query)


@pytest.mark.parametrize(("key", "value"), [
    ("k" * 500, "v" * 500), ("a=b", 'say "hi"'), ("two words", "a, b"), ("エリア", "手書き 数字"), ("a:b", "(x)"),
    ("-x", "-y"), ('"', "\\"), ("NOT", "OR"), ("a", "<script>"), ("metric.acc", ">1"), ("'", "' OR 1=1 --"),
])  # fmt: skip
def test_every_tag_can_be_written(key, value):
    for node in (tag(key, value), Not(tag(key, value)), Leaf("tag", op="has", values=(key,))):
        assert parse_query(str(query_of(node))).nodes == [node]


def test_more_terms_and_brackets_than_anybody_types_are_cut_off():
    query = parse_query(" ".join(f"t{n}" for n in range(300)))
    assert len(query.chips) == MAX_TERMS and f"first {MAX_TERMS}" in query.faults[0].message
    query = parse_query("(" * 100 + "a" + ")" * 100)
    assert any(str(MAX_DEPTH) in fault.message for fault in query.faults)
    query = parse_query("-(" * 100 + "a")
    assert any(str(MAX_DEPTH) in fault.message for fault in query.faults)


@pytest.mark.parametrize("text", ["x" * (MAX_LENGTH + 1), "area=mnist " * 500, "tags.a = 'b' AND " * 200])
def test_nothing_of_a_text_too_long_is_looked_for(text):
    query = parse_query(text)
    [fault] = query.faults
    assert (query.nodes, str(query)) == ([], "")
    assert (fault.start, fault.end) == (0, len(text)) and text.startswith(fault.text[:-1]) and len(fault.text) < 50
    assert f"{MAX_LENGTH:,}" in fault.message


def test_a_text_of_the_greatest_length_is_looked_for():
    assert len(str(parse_query("x" * MAX_LENGTH))) == MAX_LENGTH


@pytest.mark.parametrize("typed", ["area: wine", "area :wine", "area : wine", "area  =  wine", '"my area" : wine'])
def test_a_hint_quotes_what_was_typed(typed):
    [hint] = parse_query(f"-other {typed} more").hints
    assert hint.startswith(f"“{typed}” was read as ")


@pytest.mark.parametrize("piece", ["a ", ": ", '" ', "=", "a:", " ", "x", '"a : ', "(", ")", "-", "-(", "a OR ", "\\",
                                   '""', "a~*", "\x00", "\ud800", "tags.a = 'b' AND "])  # fmt: skip
def test_nothing_typed_takes_long_or_fails(piece):
    began = time.perf_counter()
    query = parse_query(piece * 20_000)
    parse_query(str(query))
    assert time.perf_counter() - began < 2
