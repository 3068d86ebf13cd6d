"""Requests made from what a version says of itself."""

import base64
import json
from collections.abc import Callable
from math import prod
from random import Random

from profiling.samples.forms import Takes, taken_by, written
from profiling.samples.taken import MOST_BODY_BYTES, Samples, first_of
from profiling.samples.types import Family, family_of
from registry.models import ModelVersion

COUNT = 16
# Of all bodies together: the rows are made while somebody waits.
_MOST_VALUES = 1_000_000
_WORDS = ("north", "south", "blue", "green", "good", "a few words more")
_ARRAY = "array of "
_ARRAY_LENGTH = 3
# Beside the values of a request, what they are called.
_NAMES = {"columns", "index"}


def samples_of(version: ModelVersion) -> Samples | None:
    """Its own sample, or else requests made from its signature, the same each time; None when neither is known.

    A sample of nothing but zeros is one that a runtime made up: rows from the signature say more. Sizes besides the
    first that a signature leaves open are not guessed: what was measured would be the guess."""
    own = own_sample(version)
    zeros = isinstance(version.sample_input, dict | list) and _only_zeros(version.sample_input)
    made = _made(version) if own is None or zeros else None
    return made or own


def own_sample(version: ModelVersion) -> Samples | None:
    """The sample that somebody gave, or the model told of."""
    if version.sample_input is None:
        return None
    return Samples((json.dumps(version.sample_input, ensure_ascii=False),), "version")


def _only_zeros(value: object) -> bool:
    """Whether every number in it is 0, and there are no texts but names."""
    if isinstance(value, dict):
        return all(_only_zeros(item) for key, item in value.items() if key not in _NAMES)
    if isinstance(value, list):
        return all(map(_only_zeros, value))
    return value == 0 and value is not False


def _made(version: ModelVersion) -> Samples | None:
    takes = taken_by(version)
    if not takes.inputs or takes.shapeless:
        return None
    sizes = [_size(each) for each in takes.inputs]
    if None in sizes or not 0 < sum(sizes) <= _MOST_VALUES:
        return None
    random = Random(0)
    bodies = [_body(takes, random) for _ in range(min(COUNT, _MOST_VALUES // sum(sizes)))]
    if any(len(body.encode()) > MOST_BODY_BYTES for body in bodies):
        return None
    return Samples(first_of(enumerate(bodies, 1)), "signature")


def _size(field: dict) -> int | None:
    """How many values one request has of an input; None when it cannot be made up."""
    type_, shape = field["type"], field["shape"] or []
    depth = type_.count(_ARRAY)
    if family_of(type_.removeprefix(_ARRAY * depth)) is None or not all(isinstance(size, int) for size in shape[1:]):
        return None
    return prod(_sizes(shape)) * _ARRAY_LENGTH**depth


def _sizes(shape: list) -> list[int]:
    """One row: the first size is how many, when it is left open."""
    return [size if isinstance(size, int) else 1 for size in shape]


def _body(takes: Takes, random: Random) -> str:
    values = [_tensor(_sizes(each["shape"] or []), _maker(each["type"], random)) for each in takes.inputs]
    names = [each["name"] for each in takes.inputs]
    if not takes.tensors:
        return takes.row(names, values)
    return written({"data": values[0]} if len(values) == 1 else {"inputs": dict(zip(names, values, strict=True))})


def _tensor(sizes: list[int], make: Callable[[], object]) -> object:
    if not sizes:
        return make()
    return [_tensor(sizes[1:], make) for _ in range(sizes[0])]


def _maker(type_: str, random: Random) -> Callable[[], object]:
    depth = type_.count(_ARRAY)
    make = _MAKERS[family_of(type_.removeprefix(_ARRAY * depth))]
    return lambda: _tensor([_ARRAY_LENGTH] * depth, lambda: make(random))


def _number(random: Random) -> float:
    """Never below zero, which logarithms and counts refuse; of several sizes, so that trees take several ways."""
    return round(random.uniform(0, random.choice((1, 10, 100))), 3)


def _datetime(random: Random) -> str:
    return f"20{random.randint(20, 25)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}T12:30:00"


_MAKERS: dict[Family | None, Callable[[Random], object]] = {
    Family.NUMBER: _number,
    # As small as an index may have to be.
    Family.INTEGER: lambda random: random.randrange(10),
    Family.BOOLEAN: lambda random: random.random() < 0.5,
    Family.TEXT: lambda random: random.choice(_WORDS),
    Family.DATETIME: _datetime,
    Family.BINARY: lambda random: base64.b64encode(random.randbytes(12)).decode(),
}
