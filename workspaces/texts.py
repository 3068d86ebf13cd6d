"""Texts from outside, made fit to keep."""


def storable(text: str) -> str:
    """`text` as every database takes it: PostgreSQL knows no NUL, and UTF-8 no half of a surrogate pair."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
