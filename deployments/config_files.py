"""Configuration texts (YAML or JSON) as mappings that remember their lines."""

import re
import unicodedata
from dataclasses import dataclass, field
from difflib import get_close_matches

import yaml

from deployments.errors import ConfigInvalid
from workspaces.texts import storable

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


@dataclass(slots=True)
class Section:
    """One mapping of a configuration: its values, and where they stand."""

    title: str
    values: dict[str, object]
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    path: tuple[str, ...] = ()

    def where(self, key: str) -> str:
        line = self.lines.get((*self.path, key))
        return f"{self.title}, line {line}" if line else self.title

    def refuse(self, key: str, reason: str, *, advice: str = "Correct it there.") -> ConfigInvalid:
        dotted = ".".join((*self.path, key))
        return ConfigInvalid(f"{self.where(key)}: {dotted} {reason}.", advice=advice, errors={dotted: [reason]})

    def check_keys(self, known: set[str]) -> None:
        """Raises ConfigInvalid for a key that is not known, with the nearest one that is."""
        for key in self.values:
            if key not in known:
                near = get_close_matches(str(key), known, n=1, cutoff=0.5)
                advice = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(sorted(known))}."
                raise self.refuse(str(key), "is not a known key", advice=advice)

    def section(self, key: str) -> "Section":
        """The mapping under `key`, empty when there is none."""
        value = self.values.get(key)
        if value is None and key not in self.values:
            value = {}
        if not isinstance(value, dict):
            raise self.refuse(key, f"must be an object, not {kind_of(value)}")
        return Section(self.title, value, self.lines, (*self.path, key))

    def text(self, key: str, default: str | None = None) -> str | None:
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.refuse(key, f"must be a text, not {kind_of(value)}")
        if not _is_plain(value):
            raise self.refuse(key, "holds control characters")
        return value

    def variables(self, key: str) -> dict[str, str]:
        """The mapping under `key` as environment variables."""
        section = self.section(key)
        return {str(name): section.variable(name) for name in section.values}

    def variable(self, name: object) -> str:
        value = self.values[name]
        if not _VARIABLE.fullmatch(str(name)):
            raise self.refuse(str(name), "cannot be a variable's name", advice="Use letters, digits and underscores.")
        if isinstance(value, bool) or value is None:
            return {True: "true", False: "false", None: ""}[value]
        if not isinstance(value, str | int | float):
            raise self.refuse(str(name), f"must be a text, not {kind_of(value)}")
        text = str(value)
        if storable(text) != text:
            raise self.refuse(str(name), "holds characters that no variable can hold")
        return text

    def number(self, key: str, default: float | None = None) -> float | None:
        value = self.values.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
            raise self.refuse(key, f"must be a number above 0, not {value!r}")
        return value

    def integer(self, key: str, default: int | None = None) -> int | None:
        value = self.number(key, default)
        if isinstance(value, float):
            raise self.refuse(key, f"must be a whole number, not {value!r}")
        return value

    def switch(self, key: str, default: bool | None = None) -> bool | None:
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.refuse(key, f"must be true or false, not {value!r}")
        return value


def kind_of(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def read_config(source: str | dict | None, *, title: str) -> Section:
    """The configuration in `source`: its text, or what was parsed of it before. None is an empty one.

    Raises ConfigInvalid, with the line, for what is neither YAML nor JSON or is not an object."""
    if source is None:
        return Section(title, {})
    if isinstance(source, dict):
        return Section(title, source)
    loader = _Loader(source) if _is_plain(source, "\t\r\n") else None
    if loader is None:
        raise ConfigInvalid(f"{title}: holds control characters.", advice="It must be JSON or YAML.")
    try:
        node = loader.get_single_node()
        values = loader.construct_document(node) if node else None
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        at = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = getattr(exc, "problem", None) or "cannot be read"
        raise ConfigInvalid(f"{title}{at}: {reason}.", advice="It must be JSON or YAML.") from None
    except (RecursionError, ValueError, OverflowError) as exc:
        raise ConfigInvalid(f"{title}: cannot be read ({exc}).", advice="It must be JSON or YAML.") from None
    finally:
        loader.dispose()
    if not isinstance(values, dict):
        raise ConfigInvalid(f"{title}: must be an object, not {kind_of(values)}.", advice="Start it with {…}.")
    return Section(title, values, _lines(node))


class _Loader(yaml.SafeLoader):
    """Without aliases: a few lines of them can grow to more than memory holds, or never end."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, "aliases (*) cannot be used here; write it out", mark)
        return super().compose_node(parent, index)


def _is_plain(text: str, but: str = "") -> bool:
    return not any(unicodedata.category(character) in {"Cc", "Cs"} and character not in but for character in text)


def _lines(node: yaml.Node, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], int]:
    lines: dict[tuple[str, ...], int] = {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            lines[here] = key.start_mark.line + 1
            lines |= _lines(value, here)
    return lines
