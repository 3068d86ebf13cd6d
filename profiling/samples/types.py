"""The words that signatures use for types, by the kind of value they mean."""

import re
from enum import Enum
from functools import lru_cache


class Family(Enum):
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT = "text"
    DATETIME = "datetime"
    BINARY = "binary"


# scikit-learn says no type: its models take numbers unless they say otherwise by failing.
_WORDS = (
    (Family.NUMBER, r"|float|double|number|bfloat16|float(16|32|64)"),
    (Family.INTEGER, r"int|integer|long|short|u?int(8|16|32|64)"),
    (Family.BOOLEAN, r"bool|boolean|bool_"),
    (Family.TEXT, r"str|string|object|text"),
    (Family.DATETIME, r"datetime(64)?(\[\w+\])?"),
    (Family.BINARY, r"binary|bytes"),
)


@lru_cache(maxsize=256)
def family_of(type_: str) -> Family | None:
    """None for a type that no value is known of."""
    word = type_.strip().lower().removeprefix("tensor(").removesuffix(")")
    return next((family for family, words in _WORDS if re.fullmatch(words, word)), None)
