"""Opcode to what it does to the machine that follows a pickle; filled by `values` and `opcodes`."""

from collections.abc import Callable

from registry.reading.pickles.symbols import Broken


def broken(m) -> None:
    raise Broken


TABLE: list[Callable] = [broken] * 256


def at(*codes: int | bytes):
    """Decorates what one of these opcodes does."""

    def put(handler: Callable) -> Callable:
        for code in codes:
            TABLE[code if isinstance(code, int) else code[0]] = handler
        return handler

    return put
