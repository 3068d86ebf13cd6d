"""`mni*`: a star stands for any text, a question mark for one character, a backslash takes either as it is."""

import re

_PIECE = re.compile(r"\\([*?\\])|([*?])|(.)", re.DOTALL)


def regex_of(pattern: str, *, atomic: bool) -> str:
    """The pattern as a regular expression over the whole text.

    `atomic` is for Python's engine, which would try every way to share a text among many stars; the
    first place where a piece fits is always good enough. PostgreSQL's engine needs none of it."""
    pieces = [""]
    for escaped, wild, plain in _PIECE.findall(pattern):
        if wild == "*":
            pieces.append("")
        else:
            pieces[-1] += "." if wild else re.escape(escaped or plain)
    first, *rest = pieces
    if not rest:
        return f"^{first}$"
    *middle, last = rest
    between = "".join(f"(?>.*?{piece})" if atomic else f".*{piece}" for piece in middle if piece)
    return f"^{first}{between}.*{last}$"


def compiled(pattern: str, *, any_case: bool) -> re.Pattern:
    return re.compile(regex_of(pattern, atomic=True), re.DOTALL | (re.IGNORECASE if any_case else 0))
