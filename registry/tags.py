"""Tags and properties as people write them: `key=value`."""

import re
import unicodedata

from registry.errors import TagInvalid

MAX_TEXT = 500
MAX_TAGS = 1000
_MARK = re.compile(r"[:=]")


def parse_tag(text: str) -> tuple[str, str]:
    """`key=value` as a pair. Raises TagInvalid, naming the right spelling for `area: mnist`."""
    key, equals, value = text.partition("=")
    if equals and key and key == key.strip() and value == value.strip():
        return checked_tag(key, value)
    meant = _meant(text)
    advice = f"write {meant}" if meant else "write key=value, as in area=mnist"
    shown = text if len(text) <= 80 else f"{text[:77]}…"
    raise TagInvalid(f"{shown!r} is not a tag: {advice}.", advice=f"{advice[0].upper()}{advice[1:]}.")


def _meant(text: str) -> str:
    """`area=mnist` for `area: mnist` and its like; empty when it cannot be told."""
    if len(text) > 2 * MAX_TEXT or not (mark := _MARK.search(text)):
        return ""
    key, value = text[: mark.start()].strip(), text[mark.end() :].strip()
    return f"{key}={value}" if key and value and not re.search(r"\s", key) else ""


def checked_tags(tags: dict[str, str]) -> dict[str, str]:
    """Raises TagInvalid for one that is not valid, and for more than 1,000."""
    if len(tags) > MAX_TAGS:
        raise TagInvalid(f"There are {len(tags)} of them.", advice=f"{MAX_TAGS} is the most; keep those people use.")
    return dict(checked_tag(key, value) for key, value in tags.items())


def checked_tag(key: str, value: str) -> tuple[str, str]:
    """Raises TagInvalid for an empty key, control characters or more than 500 characters."""
    for what, text in (("key", key), ("value", value)):
        if len(text) > MAX_TEXT:
            raise TagInvalid(f"The {what} of tag {key[:40]!r} has {len(text)} characters.", advice="500 is the most.")
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
            raise TagInvalid(f"The {what} of tag {key[:40]!r} holds control characters.", advice="Take them out.")
    if not key.strip():
        said = f"A tag with the value {value[:40]!r} has no key."
        raise TagInvalid(said, advice="Write key=value, as in area=mnist.")
    return key, value
