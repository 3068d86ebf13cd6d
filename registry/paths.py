"""Paths that come from outside, checked before anything else looks at them."""

import unicodedata

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
    folders = {other.rsplit("/", n)[0] for other in others for n in range(1, other.count("/") + 1)}
    above = {path.rsplit("/", n)[0] for n in range(1, path.count("/") + 1)}
    if path in folders or above & others:
        raise PathInvalid(f"{path!r} is a file and a folder at once in this upload.", advice="Rename one of the two.")
