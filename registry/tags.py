"""Tags and properties as people write them: `key=value`."""

import re
import unicodedata

from registry.errors import TagInvalid

MAX_TEXT = 500
_ALMOST = re.compile(r"^\s*([^:=\s]+)\s*[:=]\s*(.+?)\s*$")


def parse_tag(text: str) -> tuple[str, str]:
    """`key=value` as a pair. Raises TagInvalid, naming the right spelling for `area: mnist`."""
    key, equals, value = text.partition("=")
    if equals and key and key == key.strip() and value == value.strip():
        return checked_tag(key, value)
    almost = _ALMOST.match(text)
    advice = f"write {almost[1]}={almost[2]}" if almost else "write key=value, as in area=mnist"
    raise TagInvalid(f"{text!r} is not a tag: {advice}.", advice=f"{advice[0].upper()}{advice[1:]}.")


def checked_tags(tags: dict[str, str]) -> dict[str, str]:
    return dict(checked_tag(key, value) for key, value in tags.items())


def checked_tag(key: str, value: str) -> tuple[str, str]:
    """Raises TagInvalid for an empty key, control characters or more than 500 characters."""
    for what, text in (("key", key), ("value", value)):
        if len(text) > MAX_TEXT:
            raise TagInvalid(f"The {what} of tag {key[:40]!r} has {len(text)} characters.", advice="500 is the most.")
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
            raise TagInvalid(f"The {what} of tag {key[:40]!r} holds control characters.", advice="Take them out.")
    if not key.strip():
        raise TagInvalid(f"A tag with the value {value[:40]!r} has no key.", advice="Write key=value, as in area=mnist.")
    return key, value
