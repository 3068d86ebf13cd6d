"""YAML or JSON files that people write, read just far enough to change or complete them.

The studio parses them again and reports what is wrong inside; here only unreadable ones are refused.
"""

import json
from pathlib import Path
from typing import Any

from slipway.errors import LocalPathError, SlipwayError


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise LocalPathError("A file of YAML or JSON is not text in UTF-8", str(path)) from None
    except OSError as exc:
        raise LocalPathError("A file of YAML or JSON cannot be read", f"{path}: {exc.strerror}") from None


def parse(text: str, path: Path) -> dict[str, Any]:
    """The object in `text`, which came from `path`. YAML first, then JSON, as Azure's command line did."""
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as exc:
        try:
            found = json.loads(text)  # JSON indented with tabs is no YAML
        except ValueError:
            raise _unparsable(path, str(exc)) from None
    if not isinstance(found, dict):
        raise _unparsable(path, "it holds no keys with values")
    return found


def _unparsable(path: Path, why: str) -> SlipwayError:
    return SlipwayError("A configuration file is neither YAML nor JSON", f"{path}: {why}", code="unparsable")
