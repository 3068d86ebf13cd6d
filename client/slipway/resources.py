"""The deployment configuration: a file, command-line values, or both (the values win)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slipway import documents

Config = dict[str, Any]


def prepare(file: Path | None, values: Mapping[tuple[str, ...], Any]) -> str | Config | None:
    """`values` are by their place in the file: `("containerResourceRequirements", "cpu"): 0.5`.

    The file's own text when nothing is added to it, so that the studio can name its lines.
    """
    text = documents.read_text(file) if file else None
    if not values:
        return text
    config = documents.parse(text, file) if text is not None else {}
    for path, value in values.items():
        _set(config, path, value)
    return config


def _set(config: Config, path: tuple[str, ...], value: Any) -> None:
    *parents, key = path
    for parent in parents:
        if not isinstance(config.get(parent), dict):
            config[parent] = {}
        config = config[parent]
    config[key] = value
