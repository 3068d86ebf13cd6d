"""What a model takes and gives: {"inputs": [{"name", "type", "shape"}], "outputs": [...], "source": who says so}.

`type` is the word of whoever said it (`double`, `float32`, `string`). `shape` is None where nothing was said of it,
else a list whose parts are numbers, names of sizes that differ from call to call, or None for "any size".
"""

from registry.errors import SignatureInvalid
from workspaces.texts import storable

MOST_FIELDS = 2000
MOST_DIMENSIONS = 16
_MOST_NAME = 256
_MOST_TYPE = 512
_SIDES = ("inputs", "outputs")
_ADVICE = 'Write it like {"inputs": [{"name": "height", "type": "double", "shape": null}], "outputs": []}.'


def checked(given: object, *, source: str = "given at registration") -> dict[str, object]:
    """`given` in the form above, with `source` when it names none; {} stays {}. Raises SignatureInvalid."""
    if not isinstance(given, dict):
        raise _invalid("A signature is an object with inputs and outputs.")
    if not given:
        return {}
    if unknown := sorted(map(str, set(given) - {*_SIDES, "source"})):
        raise _invalid(f"A signature has no key {unknown[0][:60]!r}.")
    said = given.get("source") or source
    if not isinstance(said, str):
        raise _invalid("`source` is a text.")
    return {side: _fields([] if given.get(side) is None else given[side], side) for side in _SIDES} | {
        "source": storable(said)[:_MOST_NAME]
    }


def field(name: object, type_: object, shape: list | None = None) -> dict[str, object]:
    """One input or output as somebody's files tell it: cut to size rather than refused."""
    dimensions = None if shape is None else [_told(size) for size in shape[:MOST_DIMENSIONS]]
    return {"name": _text(name, _MOST_NAME), "type": _text(type_, _MOST_TYPE), "shape": dimensions}


def told(inputs: list[dict], outputs: list[dict], source: str) -> dict[str, object]:
    """The signature that files or a workload tell; {} when they tell nothing."""
    if not inputs and not outputs:
        return {}
    return {"inputs": inputs[:MOST_FIELDS], "outputs": outputs[:MOST_FIELDS], "source": source}


def _text(value: object, most: int) -> str:
    return storable(str(value))[:most] if isinstance(value, str | int | float) else ""


def _told(size: object) -> int | str | None:
    if isinstance(size, str):
        return _text(size, _MOST_NAME) or None
    return size if isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**53 else None


def _fields(given: object, side: str) -> list[dict[str, object]]:
    if not isinstance(given, list):
        raise _invalid(f"`{side}` is a list.")
    if len(given) > MOST_FIELDS:
        raise _invalid(f"`{side}` holds {len(given)} entries; at most {MOST_FIELDS} are kept.")
    return [_field(entry, f"{side}[{number}]") for number, entry in enumerate(given)]


def _field(entry: object, place: str) -> dict[str, object]:
    if not isinstance(entry, dict):
        raise _invalid(f"`{place}` is an object with name, type and shape.")
    if unknown := sorted(map(str, set(entry) - {"name", "type", "shape"})):
        raise _invalid(f"`{place}` has no key {unknown[0][:60]!r}.")
    for key, most in (("name", _MOST_NAME), ("type", _MOST_TYPE)):
        if not isinstance(entry.get(key, ""), str) or len(entry.get(key, "")) > most:
            raise _invalid(f"`{place}.{key}` is a text of at most {most} characters.")
    shape = entry.get("shape")
    if shape is not None and not (isinstance(shape, list) and len(shape) <= MOST_DIMENSIONS):
        raise _invalid(f"`{place}.shape` is null or a list of at most {MOST_DIMENSIONS} sizes.")
    if not all(_is_size(size) for size in shape or []):
        raise _invalid(f"`{place}.shape` holds whole numbers, names, and null or -1 for any size.")
    return field(entry.get("name", ""), entry.get("type", ""), shape)


def _is_size(size: object) -> bool:
    if isinstance(size, str):
        return 0 < len(size) <= _MOST_NAME
    return size is None or (isinstance(size, int) and not isinstance(size, bool) and -1 <= size < 2**53)


def _invalid(said: str) -> SignatureInvalid:
    return SignatureInvalid(said, advice=_ADVICE, errors={"signature": [said]})
