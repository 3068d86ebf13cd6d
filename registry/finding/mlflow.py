"""Filters as MLflow's search takes them, read with MLflow's meaning: ``tags.`my key` = 'v 1' AND name LIKE 'g%'``."""

import re

from registry.finding.tree import And, Leaf, Node, Not

_QUOTED = r"""'(?:[^'\\]|\\.|'')*'|"[^"]*\""""
_LEFT = re.compile(
    r"""\s*(?:(?P<tags>tags?)\.(?P<key>`[^`]+`|"[^"]+"|[^\s=!<>`"']+)"""
    r"""|(?:attributes?\.)?(?P<attribute>name|run_id|version_number))\s*""",
    re.IGNORECASE,
)
_OPERATOR = re.compile(r"(?P<op>!=|>=|<=|=|>|<|NOT\s+IN\b|IN\b|ILIKE\b|LIKE\b)\s*", re.IGNORECASE)
_VALUE = re.compile(
    rf"(?:(?P<text>{_QUOTED})|(?P<number>\d+)|\((?P<list>\s*(?:{_QUOTED})\s*(?:,\s*(?:{_QUOTED})\s*)*)\))"
)
_AND = re.compile(r"\s+AND\s+", re.IGNORECASE)
_ITEM = re.compile(_QUOTED)
# MLflow's clients add this to every search; a model without the tag is no prompt.
_PROMPT = "mlflow.prompt.is_prompt"
_TEXT_OPS = {"=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"}


def read(text: str) -> list[tuple[Node, int, int]] | None:
    """The comparisons with the places where they stand; None when this is no filter of MLflow's."""
    if "'" not in text and '"' not in text:
        return None
    found, place = [], 0
    while True:
        left = _LEFT.match(text, place)
        op = left and _OPERATOR.match(text, left.end())
        value = op and _VALUE.match(text, op.end())
        node = _comparison(left, re.sub(r"\s+", " ", op["op"].upper()), value) if value else None
        if node is None:
            return None
        found.append((node, left.start() + len(left[0]) - len(left[0].lstrip()), value.end()))
        if not text[value.end() :].strip():
            return found
        between = _AND.match(text, value.end())
        if not between:
            return None
        place = between.end()


def _comparison(left: re.Match, op: str, value: re.Match) -> Node | None:
    values = tuple(map(_unquoted, _ITEM.findall(value["list"]))) if value["list"] else (_unquoted(value[0]),)
    if bool(value["list"]) != op.endswith("IN"):
        return None
    attribute = (left["attribute"] or "").lower()
    if attribute == "version_number":
        return _number(op, values)
    if op not in _TEXT_OPS or value["number"]:
        return None
    if attribute == "run_id":
        leaf = Leaf("run", values=values)
        return {"=": leaf, "IN": leaf, "!=": Not(leaf), "NOT IN": Not(leaf)}.get(op)
    if attribute:
        return _text(Leaf("name", values=values), op)
    key = left["key"]
    key = key[1:-1] if key[0] in '`"' else key
    if op.endswith("IN"):
        return None
    node = _text(Leaf("tag", key, values=values), op)
    if op == "!=" and key != _PROMPT:
        return And((Leaf("tag", op="has", values=(key,)), node))
    return node


def _number(op: str, values: tuple[str, ...]) -> Node | None:
    if not all(re.fullmatch(r"\d{1,9}", value) for value in values):
        return None
    leaf = Leaf("version", op=op if op in {">", ">=", "<", "<="} else "=", values=values)
    return Not(leaf) if op in {"!=", "NOT IN"} else leaf


def _text(leaf: Leaf, op: str) -> Node:
    if op in {"!=", "NOT IN"}:
        return Not(leaf)
    if op in {"LIKE", "ILIKE"}:
        pattern = re.sub(r"[*?\\]", r"\\\g<0>", leaf.values[0]).replace("%", "*").replace("_", "?")
        return Leaf(leaf.kind, leaf.key, "~" if op == "LIKE" else "~~", (pattern,))
    return leaf


def _unquoted(text: str) -> str:
    if text[:1] not in {"'", '"'}:
        return text
    return re.sub(r"''|\\(.)", lambda found: found[1] or "'", text[1:-1]) if text[0] == "'" else text[1:-1]
