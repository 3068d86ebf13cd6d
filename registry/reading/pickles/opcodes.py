"""The opcodes of containers, of the memo, of imports and calls; `values` has the others."""

import re
from collections.abc import Callable

from registry.reading.pickles import values
from registry.reading.pickles.symbols import MOST_ITEMS, OPAQUE, Broken, Mapping, Stopped
from registry.reading.pickles.table import TABLE, at

assert values  # imported for what it puts into the table
_INDEX = re.compile(rb"[ \t]*\+?\d{1,19}[ \t\r]*")


@at(0x80)
def _proto(m) -> None:
    m.protocol = m.window.take(1)[0]
    if m.protocol > 5:
        raise Broken


@at(0x95)
def _frame(m) -> None:
    m.frame_end = m.number(8) + m.window.offset


@at(b".")
def _stop(m) -> None:
    raise Stopped


# --- containers

TABLE[ord("(")] = lambda m: m.marks.append(len(m.stack))
TABLE[ord("]")] = TABLE[0x8F] = lambda m: m.stack.append(OPAQUE)
TABLE[ord(")")] = lambda m: m.stack.append(())
TABLE[ord("}")] = lambda m: m.stack.append(Mapping())


@at(b"0")
def _pop(m) -> None:
    if m.marks and m.marks[-1] == len(m.stack):
        m.marks.pop()
    else:
        m.stack.pop()


@at(b"1")
def _pop_mark(m) -> None:
    m.since_mark()


@at(b"2")
def _dup(m) -> None:
    m.stack.append(m.stack[-1])


@at(b"t")
def _tuple(m) -> None:
    items = m.since_mark()
    m.stack.append(tuple(items) if len(items) <= MOST_ITEMS else OPAQUE)


def _tuple_of(count: int) -> Callable:
    def make(m) -> None:
        if len(m.stack) < count:
            raise Broken
        m.stack[-count:] = [tuple(m.stack[-count:])]

    return make


TABLE[0x85], TABLE[0x86], TABLE[0x87] = _tuple_of(1), _tuple_of(2), _tuple_of(3)


@at(b"l", 0x91)
def _list(m) -> None:
    m.since_mark()
    m.stack.append(OPAQUE)


@at(b"d")
def _dict(m) -> None:
    made = Mapping()
    made.add(m.since_mark())
    m.stack.append(made)


@at(b"a")
def _append(m) -> None:
    m.stack.pop()
    m.stack[-1]


@at(b"e", 0x90)
def _appends(m) -> None:
    m.since_mark()
    m.stack[-1]


@at(b"s")
def _set_item(m) -> None:
    value, key = m.stack.pop(), m.stack.pop()
    if isinstance(m.stack[-1], Mapping):
        m.stack[-1].add([key, value])


@at(b"u")
def _set_items(m) -> None:
    items = m.since_mark()
    if isinstance(m.stack[-1], Mapping):
        m.stack[-1].add(items)


# --- the memo

TABLE[0x94] = lambda m: m.memo.append(m.stack[-1])
TABLE[ord("q")] = lambda m: m.memo.put(m.number(1), m.stack[-1])
TABLE[ord("r")] = lambda m: m.memo.put(m.number(4), m.stack[-1])
TABLE[ord("p")] = lambda m: m.memo.put(_index(m), m.stack[-1])
TABLE[ord("h")] = lambda m: m.stack.append(m.memo.get(m.number(1)))
TABLE[ord("j")] = lambda m: m.stack.append(m.memo.get(m.number(4)))
TABLE[ord("g")] = lambda m: m.stack.append(m.memo.get(_index(m)))


def _index(m) -> int:
    line = m.window.line()
    if not _INDEX.fullmatch(line):
        raise Broken
    return int(line)


# --- imports and calls


@at(b"c")
def _global(m) -> None:
    module, name = m.window.line(), m.window.line()
    m.import_(_name(module), _name(name))


@at(b"i")
def _inst(m) -> None:
    module, name = m.window.line(), m.window.line()
    items = m.since_mark()
    m.import_(_name(module), _name(name))
    m.call(m.stack.pop(), tuple(items) if len(items) <= MOST_ITEMS else OPAQUE)


def _name(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise Broken from None


@at(0x93)
def _stack_global(m) -> None:
    name, module = m.stack.pop(), m.stack.pop()
    m.import_(module, name)


@at(b"o")
def _obj(m) -> None:
    items = m.since_mark()
    m.call(items[0], tuple(items[1:]) if len(items) <= MOST_ITEMS else OPAQUE)


@at(b"R", 0x81)
def _reduce(m) -> None:
    args, maker = m.stack.pop(), m.stack.pop()
    m.call(maker, args)


@at(0x92)
def _new_with_keywords(m) -> None:
    keywords, args, maker = m.stack.pop(), m.stack.pop(), m.stack.pop()
    m.call(maker, args if keywords == {} else OPAQUE)


@at(b"b")
def _build(m) -> None:
    m.build()


def _extension(size: int) -> Callable:
    def read(m) -> None:
        m.number(size)
        m.doubts["it imports by a number that only a program at run time knows the meaning of"] = None
        m.stack.append(OPAQUE)

    return read


TABLE[0x82], TABLE[0x83], TABLE[0x84] = _extension(1), _extension(2), _extension(4)


@at(b"P")
def _persistent_line(m) -> None:
    m.window.line()
    m.stack.append(OPAQUE)


@at(b"Q")
def _persistent(m) -> None:
    m.stack[-1] = OPAQUE
