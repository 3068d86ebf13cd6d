"""A folder as lines of text, for the log: where is my model, and how is it spelt?"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path


def tree(root: Path, limit: int = 200) -> list[str]:
    """Names and sizes below `root`, indented, at most `limit` lines."""
    lines = list(islice(_walk(root, 0), limit + 1))
    return lines if len(lines) <= limit else [*lines[:limit], f"... only the first {limit} lines"]


def _walk(path: Path, depth: int) -> Iterator[str]:
    indent = "    " * depth
    if not path.is_dir():
        yield (f"{indent}{path.name} ({path.stat().st_size} bytes)" if path.exists() else f"{indent}{path.name}")
        return
    yield f"{indent}{path.name}/"
    for child in sorted(path.iterdir()):
        yield from _walk(child, depth + 1)
