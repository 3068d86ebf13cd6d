"""Streams as gzip, zlib, bz2, xz, lzma or lz4 pack them, unpacked as far as they are read."""

import bz2
import lzma
import zlib
from typing import BinaryIO

PIECE = 256 * 1024
_BY_ZLIB = {"gzip", "zlib", "deflate"}
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


class CannotUnpack(Exception):
    """In words, why."""


def kind_of(head: bytes) -> str:
    """By the first bytes, as joblib tells them apart; nothing for what is not packed."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(_ZLIB):
        return "zlib"
    if head.startswith(b"BZh"):
        return "bz2"
    if head.startswith((b"\xfd7zXZ\x00", b"]\x00")):
        return "lzma"
    if head.startswith(b"\x04\x22\x4d\x18"):
        return "lz4"
    return "zstd" if head.startswith(b"\x28\xb5\x2f\xfd") else ""


class Unpacked:
    """What `stream` unpacks to, to be read once from the beginning. Several members in a row are one."""

    def __init__(self, stream: BinaryIO, kind: str) -> None:
        self._stream, self._kind = stream, kind
        self._unpacker = _unpacker(kind)
        self._waiting = b""
        self._ended = False

    def seekable(self) -> bool:
        return False

    def read(self, size: int) -> bytes:
        """At least one byte as long as there are any. Raises CannotUnpack for what is broken."""
        try:
            while not self._ended:
                if piece := self._next(size):
                    return piece
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, RuntimeError) as exc:
            raise CannotUnpack(f"its {self._kind} data is broken") from exc
        return b""

    def _next(self, size: int) -> bytes:
        unpacker = self._unpacker
        if unpacker.eof:
            self._next_member()
            return b""
        given = b""
        if self._needs_input():
            given = self._waiting or self._stream.read(PIECE)
            self._waiting = b""
            if not given:
                self._ended = True
                return unpacker.flush() if self._kind in _BY_ZLIB else b""
        piece = unpacker.decompress(given, size)
        if self._kind in _BY_ZLIB:
            self._waiting = unpacker.unconsumed_tail
        return piece

    def _needs_input(self) -> bool:
        return True if self._kind in _BY_ZLIB else self._unpacker.needs_input

    def _next_member(self) -> None:
        """Behind the end another member may begin; anything else is left alone, as gzip and bz2 do."""
        rest = self._unpacker.unused_data + self._waiting
        while len(rest) < 8 and (more := self._stream.read(8)):
            rest += more
        if kind_of(rest.lstrip(b"\x00")[:8]) == self._kind and self._kind not in {"zlib", "deflate"}:
            self._unpacker, self._waiting = _unpacker(self._kind), rest.lstrip(b"\x00")
        else:
            self._ended = True


def _unpacker(kind: str):
    if kind == "gzip":
        return zlib.decompressobj(wbits=31)
    if kind == "zlib":
        return zlib.decompressobj()
    if kind == "deflate":
        return zlib.decompressobj(wbits=-15)
    if kind == "bz2":
        return bz2.BZ2Decompressor()
    if kind == "lzma":
        return lzma.LZMADecompressor(memlimit=512 * 1024 * 1024)
    raise CannotUnpack(f"it is packed with {kind}, which cannot be unpacked here")
