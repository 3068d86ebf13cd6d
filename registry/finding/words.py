"""The words of the grammar, each read into a leaf of the tree or refused with what to write instead."""

import difflib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from registry.finding import dates
from registry.finding.tokens import EMPTY, QUOTED, Token
from registry.finding.tree import PREFIXES, Leaf, Node, negated, quoted_key, quoted_value, written
from registry.models import Framework, Risk, Stage

# Short words people know the frameworks by; the first of each is how the grammar writes it.
FRAMEWORKS = {
    "sklearn": Framework.SCIKIT_LEARN,
    "onnx": Framework.ONNX,
    "mlflow": Framework.MLFLOW,
    "xgboost": Framework.XGBOOST,
    "lightgbm": Framework.LIGHTGBM,
    "tensorflow": Framework.TENSORFLOW,
    "keras": Framework.TF_KERAS,
    "pytorch": Framework.PYTORCH,
    "multi": Framework.MULTI,
    "custom": Framework.CUSTOM,
}
SHORT_FRAMEWORKS = {name: short for short, name in FRAMEWORKS.items()}
_ALSO = {
    "scikitlearn": "sklearn", "scikit": "sklearn", "tf": "tensorflow", "tfkeras": "keras", "torch": "pytorch",
    "several": "multi", "script": "custom", "onnxruntime": "onnx",
}  # fmt: skip
STAGES = {stage.value.lower(): stage for stage in Stage}
RISKS = {risk.value: risk for risk in Risk}
STATES = ("deployed", "profiled", "archived", "unsafe", "pickle")
COMPARISONS = (">=", "<=", ">", "<")


class NotUnderstood(Exception):
    """A word that means nothing; `suggestion` is what to write in its place."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Value:
    text: str
    quoted: bool


def read(token: Token, hint: Callable[[str], None]) -> Node:
    """What one word asks for. Raises NotUnderstood."""
    found = token.operator
    if not found or not found.start():
        return _text(token)
    key, op = _unmarked(token.text[: found.start()]), found[0].replace("==", "=")
    tail, tail_shape = token.text[found.end() :], token.shape[found.end() :]
    as_typed = token.text.replace(EMPTY, "")
    if not tail:
        raise NotUnderstood(f"“{as_typed}” has no value.", f"has:{quoted_value(key)}")
    bare = QUOTED not in token.shape[: found.start()]
    if op == ":" and bare and tail_shape.startswith("//"):
        return Leaf("text", op=":", values=(as_typed,))
    word = key.lower() if bare else ""
    if word in _WORDS and op == ":":
        node = _WORDS[word](tail, tail_shape)
    elif word in {"created", "version"} and op in COMPARISONS:
        node = _WORDS[word](op + tail, op + tail_shape)
    else:
        kind, key = _kind_and_key(key, token.shape, found.start())
        node = _keyed(kind, key, op, tail, tail_shape, hint)
        if op == ":" and kind == "tag":
            near = difflib.get_close_matches(word, _WORDS, 1, 0.75)
            also = f" Did you mean {near[0]}:{tail}?" if near else ""
            hint(f"“{_shown(token)}” was read as {written(node)}. A tag is written with an equals sign.{also}")
            return node
    if token.spaced:
        hint(f"“{_shown(token)}” was read as {written(node)}, which is written without spaces.")
    return node


def _shown(token: Token) -> str:
    text = token.spaced or token.text.replace(EMPTY, '""')
    return text if len(text) <= 80 else f"{text[:77]}…"


def _text(token: Token) -> Leaf:
    text = _unmarked(token.text)
    # Texts are found anywhere in a name, so that a star at an end adds nothing.
    if QUOTED not in token.shape:
        text = text.strip("*")
    text = text.strip()
    if not text:
        raise NotUnderstood("There is nothing to look for here.")
    return Leaf("text", op=":", values=(text,))


def _unmarked(text: str) -> str:
    return text.replace(EMPTY, "")


def _kind_and_key(key: str, shape: str, end: int) -> tuple[str, str]:
    lowered = key.lower()
    for kind, prefix in PREFIXES.items():
        if lowered.startswith(prefix) and shape[: len(prefix)].lower() == prefix and len(key) > len(prefix):
            return kind, key[len(prefix) :]
    if lowered == "name" and shape[:end].lower() == "name":
        return "name", ""
    return "tag", key


def split(tail: str, shape: str) -> list[Value]:
    """The values between the commas that are not quoted; empty ones only where quotes say so."""
    values, start = [], 0
    for end in [place for place, mark in enumerate(shape) if mark == ","] + [len(shape)]:
        text, quoted = tail[start:end], QUOTED in shape[start:end] or EMPTY in shape[start:end]
        if quoted or text:
            values.append(Value(_unmarked(text), quoted))
        start = end + 1
    return list(dict.fromkeys(values))


def _texts(tail: str, shape: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.text for value in split(tail, shape)))


def _keyed(kind: str, key: str, op: str, tail: str, shape: str, hint: Callable[[str], None]) -> Node:
    if kind == "metric":
        return _metric(key, op, tail)
    if kind == "name" and op == ":":
        return Leaf("name", op=":", values=_some(tail, shape))
    if op in COMPARISONS:
        name = PREFIXES.get(kind, "") + quoted_key(key)
        raise NotUnderstood(
            f"{op} compares metrics, dates and version numbers; {name} holds text.",
            f"metric.{quoted_key(key)}{op}{tail}" if kind == "tag" and _number(tail) is not None else "",
        )
    plain = op.replace("!", "").replace(":", "=")
    values = _some(tail, shape)
    if plain != "=" and not any(mark in value for value in values for mark in "*?"):
        hint(f"{key}{op}{tail} has no * in it, so it finds this very text.")
    leaf = Leaf(kind, key, plain, values)
    return negated(leaf) if "!" in op else leaf


def _some(tail: str, shape: str) -> tuple[str, ...]:
    values = _texts(tail, shape)
    if not values:
        raise NotUnderstood("A comma stands between values; here are none.")
    return values


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _metric(key: str, op: str, tail: str) -> Node:
    tail, op = tail.strip(), "=" if op == ":" else op
    if op == "=" and (bound := re.match(r"(>=|<=|>|<)", tail)):
        op, tail = bound[0], tail[bound.end() :]
    low, dots, high = tail.partition("..")
    numbers = (low, high) if dots else (tail,)
    if op not in {"=", "!=", *COMPARISONS} or (dots and op != "="):
        raise NotUnderstood(f"A metric is compared with =, !=, >, >=, < or <=, not with {op}.")
    if any(_number(number) is None for number in numbers):
        raise NotUnderstood(f"“{tail[:40]}” is not a number.", f"metric.{quoted_key(key)}>0.9")
    if dots:
        return Leaf("metric", key, "..", numbers)
    leaf = Leaf("metric", key, op.replace("!", ""), numbers)
    return negated(leaf) if op == "!=" else leaf


def _choice(kind: str, known: Sequence[str], also: dict[str, str], advice: str = "") -> Callable[[str, str], Node]:
    def read_choice(tail: str, shape: str) -> Node:
        values = []
        for text in _some(tail, shape):
            plain = re.sub(r"[^a-z0-9]", "", text.lower())
            if (value := also.get(plain, plain)) not in known:
                near = difflib.get_close_matches(value, [*known, *also], 1, 0.5)
                better = f"{kind}:{also.get(near[0], near[0])}" if near else ""
                raise NotUnderstood(f"{kind}: knows {', '.join(known)}; not “{text[:40]}”.{advice}", better)
            values.append(value)
        return Leaf(kind, values=tuple(dict.fromkeys(values)))

    return read_choice


def _any_text(kind: str) -> Callable[[str, str], Node]:
    return lambda tail, shape: Leaf(kind, values=_some(tail, shape))


def _name(tail: str, shape: str) -> Node:
    return Leaf("name", op=":", values=_some(tail, shape))


def _has(tail: str, shape: str) -> Node:
    kinds: dict[str, list[str]] = {}
    for value in split(tail, shape):
        kind = next((k for k, p in PREFIXES.items() if not value.quoted and value.text.lower().startswith(p)), "tag")
        key = value.text[len(PREFIXES.get(kind, "")) :]
        if not key:
            raise NotUnderstood("has: wants a key.", "has:area")
        kinds.setdefault(kind, []).append(key)
    if len(kinds) != 1:
        raise NotUnderstood("has: takes keys of one kind, tags or metrics, not both.")
    [(kind, keys)] = kinds.items()
    return Leaf(kind, op="has", values=tuple(keys))


def _created(tail: str, shape: str) -> Node:
    try:
        return Leaf("created", "", *dates.read(tail.strip()))
    except ValueError as exc:
        raise NotUnderstood(str(exc), "created:<30d") from None


def _version(tail: str, shape: str) -> Node:
    bound = re.match(r"(>=|<=|>|<)", tail)
    op, rest = (bound[0], tail[bound.end() :]) if bound else ("=", tail)
    low, dots, high = rest.partition("..")
    numbers = (low, high) if dots and not bound else tuple(rest.split(","))
    if not all(re.fullmatch(r"[0-9]{1,9}", number) for number in numbers) or (bound and len(numbers) > 1):
        raise NotUnderstood(f"“{rest[:40]}” is not a version's number.", "version:>=2")
    return Leaf("version", "", ".." if dots and not bound else op, numbers)


_WORDS: dict[str, Callable[[str, str], Node]] = {
    "has": _has,
    "alias": _any_text("alias"),
    "stage": _choice("stage", list(STAGES), {"prod": "production", "stg": "staging", "archive": "archived"},
                     " A tag of that name is written stage=…."),
    "is": _choice("is", STATES, {"live": "deployed", "used": "deployed"}),
    "owner": _any_text("owner"),
    "framework": _choice("framework", list(FRAMEWORKS), _ALSO),
    "risk": _choice("risk", list(RISKS), {}),
    "created": _created,
    "version": _version,
    "name": _name,
    "run": _any_text("run"),
    "dataset": _any_text("dataset"),
}  # fmt: skip
QUALIFIERS = tuple(_WORDS)
