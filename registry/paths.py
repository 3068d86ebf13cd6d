"""Paths that come from outside, checked before anything else looks at them."""

import unicodedata
from collections.abc import Iterable

from registry.errors import PathInvalid

MAX_PATH = 1024
MAX_PART = 255


def checked_path(path: str) -> str:
    """`path` with forward slashes, normalised (NFC), staying inside its folder.

    Raises PathInvalid, in words, for an absolute path, `..`, control characters, back slashes, empty
    parts or one that no file system would take.
    """
    path = unicodedata.normalize("NFC", path)
    shown = path if len(path) <= 80 else f"{path[:77]}…"
    reason = _fault(path)
    if reason:
        raise PathInvalid(f"The path {shown!r} {reason}.", advice="Send a path relative to the model's folder.")
    return path


def _fault(path: str) -> str:
    parts = path.split("/")
    if not path:
        return "is empty"
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in path):
        return "holds control characters"
    if path.startswith("/") or (len(path) > 1 and path[1] == ":"):
        return "is absolute"
    if "\\" in path:
        return "holds a backslash"
    if any(part in {"", ".", ".."} for part in parts):
        return "has an empty part, '.' or '..' in it"
    if len(path.encode()) > MAX_PATH or any(len(part.encode()) > MAX_PART for part in parts):
        return f"is too long (at most {MAX_PATH} bytes, {MAX_PART} between two slashes)"
    return ""


def check_no_clash(path: str, others: set[str]) -> None:
    """Raises PathInvalid when `path` would be a file and a folder at once beside `others`."""
    folders = {above for other in others for above in folders_of(other)}
    if path in folders or others.intersection(folders_of(path)):
        raise PathInvalid(f"{path!r} is a file and a folder at once in this upload.", advice="Rename one of the two.")


def check_together(paths: Iterable[str], others: Iterable[str]) -> None:
    """Raises PathInvalid unless new `paths` and those of `others` can lie in one folder, also where upper and lower
    case are the same."""
    files: dict[str, str] = {other.casefold(): other for other in others}
    folders = {above for other in files for above in folders_of(other)}
    for path in paths:
        folded = path.casefold()
        if folded in files:
            same = files[folded]
            reason = "is there twice" if same == path else f"differs from {same[:80]!r} by upper and lower case alone"
            raise PathInvalid(f"{path[:80]!r} {reason}.", advice="Rename one of the two.")
        files[folded] = path
        folders.update(folders_of(folded))
    for folded in folders & files.keys():
        raise PathInvalid(f"{files[folded][:80]!r} is a file and a folder at once.", advice="Rename one of the two.")


def folders_of(path: str) -> list[str]:
    """`a` and `a/b` for `a/b/c`."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
