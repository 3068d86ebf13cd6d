"""A query as a tree, and how a tree is written in canonical words."""

import re
from dataclasses import dataclass
from typing import TypeAlias

# Kinds whose leaves name a key of their own, and how the key is introduced.
PREFIXES = {"metric": "metric.", "param": "param.", "property": "property."}
KEYWORDS = frozenset({"AND", "OR", "NOT"})
# Operators whose opposite has a sign of its own; the others are negated by a minus sign in front.
_OPPOSITE = {"=": "!=", "~": "!~", "~~": "!~~"}
_KEYED = frozenset({"tag", "name", *PREFIXES})
_BARE_KEY = re.compile(r'(?!-)[^\s"(),=!~:<>\\]+')
_BARE_VALUE = re.compile(r'(?![=!~:<>])[^\s"(),]+')
_BARE_TEXT = re.compile(r'(?![-*])[^\s"()=~:<>\\]+(?<!\*)')


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition. `kind` says of what: "text", "tag", "stage", …; several `values` mean any of them.

    `op` is "=" or a comparison (`>`, `>=`, `<`, `<=`, `..` for a range), "~" for a pattern with `*` and `?`,
    "~~" for one that takes letters in either case, "has" for being there at all, ":" for holding a text."""

    kind: str
    key: str = ""
    op: str = "="
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Node", ...]


Node: TypeAlias = Leaf | Not | And | Or


def negated(node: Node) -> Node:
    return node.part if isinstance(node, Not) else Not(node)


def leaves(node: Node) -> list[Leaf]:
    if isinstance(node, Leaf):
        return [node]
    if isinstance(node, Not):
        return leaves(node.part)
    return [leaf for part in node.parts for leaf in leaves(part)]


def written(node: Node) -> str:
    """The node in canonical words; what is read from them is the same node again."""
    if isinstance(node, Leaf):
        return "".join(pieces(node))
    if isinstance(node, Not):
        inner = node.part
        return "".join(pieces(node)) if isinstance(inner, Leaf) else f"-({written(inner)})"
    if isinstance(node, And):
        return " ".join(f"({written(part)})" if isinstance(part, Or) else written(part) for part in node.parts)
    return " OR ".join(written(part) for part in node.parts)


def pieces(node: Node) -> tuple[str, str, str]:
    """Key, operator and value, as they are written; a group or a text has only a value."""
    if isinstance(node, Not) and isinstance(node.part, Leaf):
        key, op, value = pieces(node.part)
        if node.part.op in _OPPOSITE and node.part.kind in _KEYED:
            return key, _OPPOSITE[node.part.op], value
        return (f"-{key}", op, value) if key else ("", "", f"-{value}")
    if not isinstance(node, Leaf):
        return "", "", written(node)
    if node.kind == "text":
        return "", "", quoted_text(node.values[0])
    if node.op == "has":
        return "has", ":", ",".join(has_value(node.kind, key) for key in node.values)
    values = ",".join(map(quoted_value, node.values))
    if node.op == "..":
        values = "..".join(node.values)
    if node.kind in _KEYED:
        return _key(node), ":" if node.op == ".." else node.op, values
    # `created:>2026-01-01`: a comparison is part of what follows the colon.
    return node.kind, ":", f"{node.op if node.op in {'>', '>=', '<', '<='} else ''}{values}"


def _key(leaf: Leaf) -> str:
    if leaf.kind == "name":
        return "name"
    if leaf.kind == "tag":
        reserved = leaf.key == "name" or leaf.key.startswith(tuple(PREFIXES.values()))
        return quoted(leaf.key) if reserved else quoted_key(leaf.key)
    return PREFIXES[leaf.kind] + quoted_key(leaf.key)


def has_value(kind: str, key: str) -> str:
    if kind in PREFIXES:
        return PREFIXES[kind] + quoted_value(key)
    return quoted(key) if key.startswith(tuple(PREFIXES.values())) else quoted_value(key)


def quoted_key(text: str) -> str:
    return text if _BARE_KEY.fullmatch(text) else quoted(text)


def quoted_value(text: str) -> str:
    return text if _BARE_VALUE.fullmatch(text) else quoted(text)


def quoted_text(text: str) -> str:
    return text if _BARE_TEXT.fullmatch(text) and text not in KEYWORDS else quoted(text)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
