"""The files in a zip or tar, one after the other, read as if whoever packed them meant harm."""

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from registry.errors import ArchiveRefused
from registry.reading.files import Part

MAX_ENTRIES = 10_000
MAX_BYTES = 100 * 1024**3
# Weights hardly shrink, and text to a tenth; zeros to a thousandth. The first megabytes may do as they like.
MAX_RATIO, RATIO_FROM_BYTES = 200, 64 * 1024**2
_MAX_INDEX_BYTES = 4 * 1024**2
_MAX_HEADER_BYTES = 1024**2
_XZ_MEMORY_BYTES = 128 * 1024**2
_PIECE = 256 * 1024
_ZIP_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, struct.error, EOFError,
            NotImplementedError, RuntimeError, UnicodeDecodeError, ValueError)  # fmt: skip


@dataclass
class Entry:
    """A regular file of an archive, by the name it has there. To be read before the next is asked for."""

    name: str
    size: int
    stream: BinaryIO
    archive: str

    def read(self, size: int) -> bytes:
        with _told(self.archive):
            return self.stream.read(size)


def entries(raw: BinaryIO, archive: str, packed_bytes: int) -> Iterator[Entry]:
    """Of the archive whose bytes `raw` has; `archive` is what messages call it. Raises ArchiveRefused."""
    start = raw.read(262)
    raw.seek(0)
    if start.startswith(b"PK"):
        yield from _Zip(Part.whole(raw), archive, packed_bytes, start).entries()
    else:
        yield from _Tar(raw, archive, packed_bytes, start).entries()


@contextmanager
def _told(archive: str) -> Iterator[None]:
    """Whatever a library says of damaged bytes, as a refusal. An OSError without a number is one of them (bz2)."""
    try:
        yield
    except _DAMAGED as exc:
        raise _refused(archive, f"is damaged ({str(exc)[:100] or type(exc).__name__})") from exc
    except OSError as exc:
        if exc.errno is not None:
            raise
        raise _refused(archive, f"is damaged ({exc})") from exc


def _refused(archive: str, fault: str) -> ArchiveRefused:
    return ArchiveRefused(
        f"{archive} {fault}. Nothing of it was unpacked.",
        advice="Pack it again without that, or send the folder itself.",
    )


class _Archive:
    def __init__(self, raw: BinaryIO, name: str, packed_bytes: int, start: bytes) -> None:
        self.raw, self.name, self.packed_bytes, self.start = raw, name, packed_bytes, start
        self.count = self.unpacked_bytes = 0

    def fault(self, text: str) -> ArchiveRefused:
        return _refused(self.name, text)

    def weigh(self, unpacked_bytes: int) -> None:
        if unpacked_bytes > MAX_BYTES:
            raise self.fault(f"holds more than {MAX_BYTES} bytes")
        if unpacked_bytes > max(RATIO_FROM_BYTES, MAX_RATIO * self.packed_bytes):
            raise self.fault(f"unpacks to more than {MAX_RATIO} times its size, as an archive does that is a trap")

    def number(self) -> None:
        self.count += 1
        if self.count > MAX_ENTRIES:
            raise self.fault(f"has more than {MAX_ENTRIES} entries")

    def seen(self, name: str) -> str:
        return repr(name[:80] + "…" if len(name) > 80 else name)


class _Zip(_Archive):
    def entries(self) -> Iterator[Entry]:
        with _told(self.name):
            packed = zipfile.ZipFile(_Capped(self, self.raw, _MAX_INDEX_BYTES))
        with packed:
            infos = packed.infolist()
            for info in infos:
                self.number()
                self._check(info)
            self.weigh(sum(info.file_size for info in infos))
            self._check_apart(infos)
            for info in infos:
                if not info.is_dir():
                    with _told(self.name):
                        stream = packed.open(info)
                    with stream:
                        yield Entry(self._name(info), info.file_size, stream, self.name)

    def _check(self, info: zipfile.ZipInfo) -> None:
        name = self._name(info)
        if info.flag_bits & 0x41:
            raise self.fault("is encrypted")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            what = "link" if kind == stat.S_IFLNK else "device or pipe"
            raise self.fault(f"has a {what}, {self.seen(name)}")
        if info.compress_type not in _ZIP_METHODS:
            raise self.fault(f"is packed by a method that is not read here (number {info.compress_type})")

    def _name(self, info: zipfile.ZipInfo) -> str:
        """As it is in the archive: zipfile cuts names at a NUL, and takes for code page 437 what may be UTF-8."""
        name = info.orig_filename
        if info.flag_bits & 0x800 or name.isascii():
            return name
        try:
            return name.encode("cp437").decode()
        except UnicodeError:
            raise self.fault(f"has a name that is not UTF-8, {self.seen(name)}") from None

    def _check_apart(self, infos: list[zipfile.ZipInfo]) -> None:
        """Entries that share bytes unpack to far more than the archive holds."""
        end = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            if info.header_offset < end:
                raise self.fault("has entries that overlap")
            end = info.header_offset + zipfile.sizeFileHeader + info.compress_size


class _Tar(_Archive):
    def entries(self) -> Iterator[Entry]:
        with _told(self.name):
            stream = _Counted(self, self._decompressed())
            packed = tarfile.TarFile(fileobj=stream, encoding="utf-8", errors="surrogateescape")
        while True:
            with _told(self.name):
                member = packed.next()
            if member is None:
                if stream.last.strip(b"\0") or len(stream.last) < tarfile.BLOCKSIZE:
                    raise self.fault("is damaged (it ends in the middle)")
                return
            self.number()
            self._check(member)
            if member.isreg():
                with _told(self.name):
                    data = packed.extractfile(member)
                yield Entry(self._name(member), member.size, data, self.name)

    def _decompressed(self) -> BinaryIO:
        if self.start.startswith(b"\x1f\x8b"):
            return gzip.GzipFile(fileobj=self.raw)
        if self.start.startswith(b"BZh"):
            return bz2.BZ2File(self.raw)
        if self.start.startswith(b"\xfd7zXZ\x00"):
            return io.BufferedReader(_Xz(self.raw))
        if self.start[257:262] == b"ustar":
            return self.raw
        raise self.fault("is no zip or tar archive")

    def _check(self, member: tarfile.TarInfo) -> None:
        name = self._name(member)
        if member.islnk() or member.issym():
            raise self.fault(f"has a link, {self.seen(name)}")
        if member.isdev():
            raise self.fault(f"has a device or pipe, {self.seen(name)}")
        if member.issparse() or not (member.isreg() or member.isdir()):
            raise self.fault(f"has an entry that is neither file nor folder, {self.seen(name)}")

    def _name(self, member: tarfile.TarInfo) -> str:
        name = member.name
        try:
            name.encode()
        except UnicodeEncodeError:
            raise self.fault(f"has a name that is not UTF-8, {self.seen(name)}") from None
        while name.startswith("./"):  # as `tar -C folder .` writes them
            name = name[2:]
        return name


class _Capped:
    """A file of which never more is read at once: an index or a header that claims to be huge is not believed."""

    def __init__(self, archive: _Archive, file: BinaryIO, most_bytes: int) -> None:
        self._archive, self._file, self._most = archive, file, most_bytes
        self.seek, self.tell = file.seek, file.tell

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size is None or size < 0 or size > self._most:
            here = self._file.tell()
            left = self._file.seek(0, io.SEEK_END) - here
            self._file.seek(here)
            if left > self._most:
                raise self._archive.fault(f"has an index or a header of more than {self._most} bytes")
        return self._file.read(size)


class _Counted:
    """What comes out of a compressed tar, forwards only; its amount is watched, and so is a header's size."""

    def __init__(self, archive: _Archive, file: BinaryIO) -> None:
        self._archive, self._file, self._here = archive, file, 0
        self.last = b""

    def tell(self) -> int:
        return self._here

    def seek(self, place: int) -> int:
        if place < self._here:
            raise tarfile.ReadError("the archive leads backwards")
        while self._here < place and self.read(min(_PIECE, place - self._here)):
            pass
        return self._here

    def read(self, size: int) -> bytes:
        if size > _MAX_HEADER_BYTES:
            raise self._archive.fault(f"has a header of more than {_MAX_HEADER_BYTES} bytes")
        piece = self._file.read(size)
        self._here += len(piece)
        self._archive.weigh(self._here)
        self.last = piece
        return piece

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


class _Xz(io.RawIOBase):
    """xz with a limit on the memory that an archive may ask for; lzma's own file has none."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self._one = raw, self._decompressor()

    @staticmethod
    def _decompressor() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, into) -> int:
        while True:
            if self._one.eof:
                rest = self._one.unused_data or self._raw.read(_PIECE)
                if not rest.strip(b"\0"):
                    return 0
                self._one = self._decompressor()
            else:
                rest = self._raw.read(_PIECE) if self._one.needs_input else b""
                if not rest and self._one.needs_input:
                    raise EOFError("it ends in the middle")
            piece = self._one.decompress(rest, len(into))
            if piece:
                into[: len(piece)] = piece
                return len(piece)
