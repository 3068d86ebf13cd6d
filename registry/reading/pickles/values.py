"""The opcodes of numbers, texts and bytes."""

import re
from collections.abc import Callable

from registry.reading.pickles.symbols import MOST_ITEMS, OPAQUE, Broken
from registry.reading.pickles.table import TABLE, at
from registry.reading.window import Ended

_RUNS = {
    b"G": (re.compile(rb"(?:G.{8})+", re.DOTALL), 9),
    b"K": (re.compile(rb"(?:K.)+", re.DOTALL), 2),
    b"M": (re.compile(rb"(?:M..)+", re.DOTALL), 3),
    b"J": (re.compile(rb"(?:J.{4})+", re.DOTALL), 5),
    b"N": (re.compile(rb"N+"), 1),
}
# With a zero in front, unpicklers do not agree on what it is.
_DECIMAL = re.compile(rb"[ \t]*[+-]?(?:0|[1-9]\d{0,400})L?[ \t\r]*")


def _run_of(opcode: bytes) -> Callable:
    """Long lists of numbers are stepped over in one go."""
    pattern, size = _RUNS[opcode]
    code, signed = opcode[0], opcode == b"J"

    def single(argument: bytes) -> object:
        if opcode == b"N":
            return None
        return OPAQUE if opcode == b"G" else int.from_bytes(argument, "little", signed=signed)

    def many(m) -> None:
        window = m.window
        begin = window.pos - 1
        data, end = window.data, begin + size
        if end < len(data) and data[end] != code:  # mostly it is only one
            window.pos = end
            m.stack.append(single(data[begin + 1 : end]))
            return
        found = pattern.match(data, begin)
        if found is None:
            raise Ended
        window.pos = end = found.end()
        count = (end - begin) // size
        if opcode == b"N":
            m.stack.extend([None] * count)
        elif opcode == b"G" or count > MOST_ITEMS:  # no shape and no size is among so many
            m.stack.extend([OPAQUE] * count)
        else:
            m.stack.extend(single(data[place + 1 : place + size]) for place in range(begin, end, size))

    return many


for _opcode in _RUNS:
    TABLE[_opcode[0]] = _run_of(_opcode)


@at(b"I", b"L")
def _decimal(m) -> None:
    line = m.window.line()
    if line in (b"00", b"01"):
        m.stack.append(line == b"01")
    else:
        m.stack.append(int(line.strip().rstrip(b"L")) if _DECIMAL.fullmatch(line) else OPAQUE)


def _long(size_bytes: int) -> Callable:
    def read(m) -> None:
        size = m.number(size_bytes, signed=size_bytes == 4)
        if size < 0:
            raise Broken
        if size > 8:
            m.opaque(size)
        else:
            m.stack.append(m.number(size, signed=True))

    return read


TABLE[0x8A], TABLE[0x8B] = _long(1), _long(4)
TABLE[0x88] = lambda m: m.stack.append(True)
TABLE[0x89] = lambda m: m.stack.append(False)


@at(b"F")
def _float_line(m) -> None:
    m.window.line()
    m.stack.append(OPAQUE)


@at(b"S")
def _quoted(m) -> None:
    line = m.window.line().strip()
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise Broken
    escaped = b"\\" in line  # a name has no need of it
    m.stack.append(OPAQUE if escaped or len(line) > 512 else line[1:-1].decode("latin-1"))


@at(b"V")
def _unicode_line(m) -> None:
    line = m.window.line()
    m.stack.append(OPAQUE if len(line) > 512 else _unescaped(line))


def _unescaped(line: bytes) -> str:
    try:
        return line.decode("raw-unicode-escape")
    except UnicodeDecodeError:
        raise Broken from None


@at(0x8C)
def _short_text(m) -> None:
    """By far the most frequent one."""
    window = m.window
    begin = window.pos + 1
    end = begin + window.data[begin - 1]
    if end > len(window.data):
        m.text(m.number(1))
        return
    window.pos = end
    try:
        m.stack.append(window.data[begin:end].decode())
    except UnicodeDecodeError:
        window.pos = begin - 1
        m.text(m.number(1))


TABLE[ord("X")] = lambda m: m.text(m.number(4))
TABLE[0x8D] = lambda m: m.text(m.number(8))
TABLE[ord("U")] = lambda m: m.text(m.number(1), "latin-1")
TABLE[ord("T")] = lambda m: m.text(m.number(4), "latin-1")
TABLE[ord("C")] = lambda m: m.opaque(m.number(1))
TABLE[ord("B")] = lambda m: m.opaque(m.number(4))
TABLE[0x8E] = TABLE[0x96] = lambda m: m.opaque(m.number(8))
TABLE[0x97] = lambda m: m.stack.append(OPAQUE)  # the next buffer from outside
TABLE[0x98] = lambda m: None  # the buffer on top, read-only
