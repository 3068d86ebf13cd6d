"""Small text files among a model's files, read as far as is sensible."""

import json

import yaml

from registry.reading.files import FactFile
from workspaces.texts import storable

MOST_TEXT = 1024 * 1024
_MOST_LINES = 1000
_MOST_EXAMPLE = 200_000


def text_of(file: FactFile) -> str:
    with file.open() as stream:
        return storable(stream.read(MOST_TEXT).decode("utf-8", "replace"))


def yaml_of(file: FactFile) -> object:
    with file.open() as stream:
        try:
            return yaml.safe_load(stream.read(MOST_TEXT))
        # The last three are how hostile numbers, dates and nesting end.
        except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
            return None


def json_of(text: str) -> object:
    """What the text says; None for what is no JSON, is long, or could not be kept in a database."""
    if len(text) > _MOST_EXAMPLE:
        return None
    try:
        value = json.loads(text, parse_constant=_refuse)
        kept = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    return value if "\\u0000" not in kept and storable(kept) == kept else None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def mapping(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def word(value: object, most: int = 64) -> str:
    """Scalars only: a list of aliases of lists of aliases can be written in a line and fill the memory."""
    return storable(str(value))[:most] if isinstance(value, str | int | float) else ""


def lines_of(file: FactFile) -> list[str]:
    lines = (line.strip() for line in text_of(file).splitlines()[:_MOST_LINES])
    return [line for line in lines if line and not line.startswith("#")]
