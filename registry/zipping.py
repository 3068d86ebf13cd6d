"""A folder as a zip archive whose every byte is known beforehand: it can be streamed, measured and resumed.

Files are stored, not compressed, in the order of their paths and all of one date, so that the same folder is the same
archive. Layout after PKWARE's APPNOTE 6.3.9, ZIP64 (4.3.14, 4.5.3) only where a number needs it, since every program
reads the plain form. The checksums stand before the content, where programs that read from the front look for them.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_UTF8 = 0x800
_DATE = 1 << 5 | 1  # 1980-01-01, the first there is
_PLAIN, _ZIP64 = 20, 45  # versions of the format
_MADE_BY_UNIX = 3 << 8 | _ZIP64
_MODE = 0o100644 << 16
_MOST_32, _MOST_16 = 0xFFFFFFFF, 0xFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    path: str
    size: int
    crc32: int
    key: str  # by which the caller knows the content


@dataclass(frozen=True, slots=True)
class Part:
    """`data`, or when there is a `key`, `size` bytes of that content."""

    size: int
    data: bytes = b""
    key: str = ""


def parts_of(entries: Iterable[Entry]) -> Iterator[Part]:
    """The archive from its first byte to its last."""
    directory, offset = [], 0
    for entry in entries:
        header = _local_header(entry)
        directory.append(_directory_entry(entry, offset))
        yield Part(len(header), header)
        if entry.size:
            yield Part(entry.size, key=entry.key)
        offset += len(header) + entry.size
    listed = b"".join(directory)
    yield Part(len(listed), listed)
    end = _end(len(directory), len(listed), offset)
    yield Part(len(end), end)


def _local_header(entry: Entry) -> bytes:
    name, large = entry.path.encode(), entry.size >= _MOST_32
    extra = struct.pack("<2H2Q", 1, 16, entry.size, entry.size) if large else b""
    size = _MOST_32 if large else entry.size
    needed = _ZIP64 if large else _PLAIN
    fields = (needed, _UTF8, 0, 0, _DATE, entry.crc32, size, size, len(name), len(extra))
    return struct.pack("<4s5H3L2H", b"PK\3\4", *fields) + name + extra


def _directory_entry(entry: Entry, offset: int) -> bytes:
    name, large, far = entry.path.encode(), entry.size >= _MOST_32, offset >= _MOST_32
    long = [entry.size, entry.size] * large + [offset] * far
    extra = struct.pack(f"<2H{len(long)}Q", 1, 8 * len(long), *long) if long else b""
    size = _MOST_32 if large else entry.size
    needed = _ZIP64 if long else _PLAIN
    fields = (_MADE_BY_UNIX, needed, _UTF8, 0, 0, _DATE, entry.crc32, size, size, len(name), len(extra))
    fields += (0, 0, 0, _MODE, _MOST_32 if far else offset)
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + name + extra


def _end(count: int, size: int, offset: int) -> bytes:
    plain = (0, 0, min(count, _MOST_16), min(count, _MOST_16), min(size, _MOST_32), min(offset, _MOST_32), 0)
    end = struct.pack("<4s4H2LH", b"PK\5\6", *plain)
    if count < _MOST_16 and size < _MOST_32 and offset < _MOST_32:
        return end
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, _MADE_BY_UNIX, _ZIP64, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1)
    return record + locator + end
