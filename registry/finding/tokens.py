"""The search box's text, cut into words and brackets."""

import re
import unicodedata
from dataclasses import dataclass

from workspaces.texts import storable

# In a word's `shape`: a character that was quoted, and quotes with nothing between them.
QUOTED, EMPTY = "\x00", "\x01"
OPERATOR = re.compile(r"!~~|!=|>=|<=|==|!~|~~|[=~:<>]")


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is "word", "(", ")" or "-". `shape` is as long as `text`, with quoted characters blotted out,
    so that operators are looked for in `shape` and read from `text`."""

    kind: str
    start: int
    end: int
    text: str = ""
    shape: str = ""
    # Of parts with spaces between them, as in `area : mnist`: what was typed.
    spaced: str = ""

    @property
    def operator(self) -> re.Match | None:
        return OPERATOR.search(self.shape)

    @property
    def keyword(self) -> str:
        return self.text if self.text == self.shape and self.text in {"AND", "OR", "NOT"} else ""


def cleaned(text: str) -> str:
    """The text without characters nobody can see; every place stays where it was."""
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in storable(text))


def tokens_of(text: str) -> tuple[list[Token], bool]:
    """The tokens of a cleaned text, and whether its last quotation mark is never closed."""
    found, unclosed = words_of(text)
    return _joined(found, text), unclosed


def words_of(text: str) -> tuple[list[Token], bool]:
    """The same before `area : mnist` becomes one word."""
    found: list[Token] = []
    place, depth, unclosed = 0, 0, False
    while place < len(text):
        char = text[place]
        if char.isspace():
            place += 1
        elif char == "(":
            found.append(Token(char, place, place + 1))
            place, depth = place + 1, depth + 1
        elif char == ")":
            found.append(Token(char, place, place + 1))
            place, depth = place + 1, max(0, depth - 1)
        elif char == "-" and place + 1 < len(text) and not text[place + 1].isspace() and text[place + 1] != "-":
            found.append(Token(char, place, place + 1))
            place += 1
        else:
            word, unclosed = _word(text, place, depth)
            found.append(word)
            place = word.end
    return found, unclosed


def _word(text: str, start: int, depth: int) -> tuple[Token, bool]:
    """The word that starts here: it ends at a space or at the bracket that closes a group around it."""
    chars, shape, inner = [], [], 0
    place = start
    while place < len(text):
        char = text[place]
        if char == '"':
            quoted, place, closed = _quotation(text, place)
            chars.append(quoted or EMPTY)
            shape.append(QUOTED * len(quoted) or EMPTY)
            if not closed:
                return Token("word", start, place, "".join(chars), "".join(shape)), True
            continue
        if char.isspace() or (char == ")" and depth and not inner):
            break
        inner += (char == "(") - (char == ")" and inner > 0)
        chars.append(char)
        shape.append(char)
        place += 1
    return Token("word", start, place, "".join(chars), "".join(shape)), False


def _quotation(text: str, start: int) -> tuple[str, int, bool]:
    r"""What stands between quotation marks; `\"` and `""` are one of them, `\\` is a backslash."""
    chars = []
    place = start + 1
    while place < len(text):
        pair = text[place : place + 2]
        if pair in {'\\"', "\\\\", '""'}:
            chars.append(pair[1])
            place += 2
        elif text[place] == '"':
            return "".join(chars), place + 1, True
        else:
            chars.append(text[place])
            place += 1
    return "".join(chars), place, False


def _joined(tokens: list[Token], typed: str) -> list[Token]:
    """`area : mnist`, `area: mnist` and `area =mnist` as one word each."""
    found: list[Token] = []
    waiting = list(reversed(tokens))
    while waiting:
        token = waiting.pop()
        if token.kind == "word":
            if found and _starts_with_operator(token) and _plain(found[-1]):
                token = _join(found.pop(), token, typed)
            if _ends_with_operator(token) and waiting and _can_follow(token, waiting[-1]):
                token = _join(token, waiting.pop(), typed)
        found.append(token)
    return found


def _join(left: Token, right: Token, typed: str) -> Token:
    spaced = typed[left.start : right.end]
    return Token("word", left.start, right.end, left.text + right.text, left.shape + right.shape, spaced)


def _plain(token: Token) -> bool:
    return token.kind == "word" and not token.operator and not token.keyword


def _starts_with_operator(token: Token) -> bool:
    return bool(OPERATOR.match(token.shape))


def _ends_with_operator(token: Token) -> bool:
    found = token.operator
    return bool(found and found.start() and found.end() == len(token.shape))


def _can_follow(left: Token, right: Token) -> bool:
    if _plain(right):
        return True
    # `created: >30d`
    bound = re.match(r"[<>]=?", right.shape) if right.kind == "word" else None
    return bool(bound and left.shape.endswith(":") and not OPERATOR.search(right.shape, bound.end()))
