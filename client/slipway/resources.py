"""The deployment configuration: a file, command-line values, or both (the values win)."""

from pathlib import Path
from typing import Any

from slipway import documents

REQUIREMENTS = "containerResourceRequirements"


def prepare(file: Path | None = None, *, compute_type: str | None = None, cpu: float | None = None,
            memory_gb: float | None = None) -> str | dict[str, Any] | None:
    """The file's own text when nothing is added to it, so that the studio can name its lines."""
    text = documents.read_text(file) if file else None
    sizes = {key: value for key, value in (("cpu", cpu), ("memoryInGB", memory_gb)) if value is not None}
    if not sizes:
        return text
    config = documents.parse(text, file) if text is not None else {"computeType": compute_type}
    return {**config, REQUIREMENTS: {**(config.get(REQUIREMENTS) or {}), **sizes}}
