"""The members of a zip archive, read from where its directory says, whatever flags and checksums say of them.

Libraries that load models (torch among them) ignore flags that Python's zipfile refuses: a member that one tool
cannot open must still be looked at, since the other opens it.
"""

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from registry.reading.compressed import CannotUnpack, Unpacked
from registry.reading.files import Part

_LOCAL = struct.Struct("<4s5H3L2H")
_MOST_MEMBERS = 50_000
_TAIL = 66 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    size: int
    stream: object
    doubt: str


def is_zip(stream: BinaryIO, head: bytes) -> bool:
    """By its end, too: anything may stand before an archive, and loaders find it all the same."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return True
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _TAIL))
    tail = stream.read(_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    # A directory of at least one entry, or the four letters stand there by chance.
    return at >= 0 and len(tail) - at >= 22 and tail[at + 10 : at + 12] != b"\0\0" and zipfile.is_zipfile(stream)


def members(stream: BinaryIO) -> Iterator[Member]:
    """Raises CannotUnpack for an archive whose directory cannot be read."""
    try:
        entries = zipfile.ZipFile(stream).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error, OverflowError) as exc:
        raise CannotUnpack("the directory of its archive is broken") from exc
    if len(entries) > _MOST_MEMBERS:
        raise CannotUnpack("its archive has too many members to look at them all")
    for entry in entries:
        if not entry.is_dir():
            yield _member(stream, entry)


def _member(stream: BinaryIO, entry: zipfile.ZipInfo) -> Member:
    stream.seek(max(0, entry.header_offset))
    header = stream.read(_LOCAL.size)
    name = entry.orig_filename
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        return Member(name, 0, None, "its archive does not hold what its directory says")
    _, _, _, method, *_, name_size, extra_size = _LOCAL.unpack(header)
    part = Part(stream, entry.header_offset + _LOCAL.size + name_size + extra_size, entry.compress_size)
    doubt = "" if method == entry.compress_type else "its archive says two things of how it is packed"
    if entry.compress_type == zipfile.ZIP_STORED:
        return Member(name, entry.file_size, part, doubt)
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        return Member(name, entry.file_size, Unpacked(part, "deflate"), doubt)
    return Member(name, entry.file_size, None, "it is packed in a way that is not read here")
