"""Archives as zip programs read them, also where numbers outgrow the plain format."""

import io
import zipfile
import zlib

import pytest

from registry.zipping import Entry, Part, parts_of

GB = 1024**3


class Long(io.RawIOBase):
    """The archive as a file, its content made up when it is read: zeros, or what `contents` says."""

    def __init__(self, parts: list[Part], contents: dict[str, bytes]) -> None:
        self._parts, self._contents, self._at = parts, contents, 0
        self.size = sum(part.size for part in parts)

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence] + offset
        return self._at

    def read(self, length: int = -1) -> bytes:
        stop = self.size if length < 0 else min(self.size, self._at + length)
        found, begin = b"", 0
        for part in self._parts:
            first, last = max(self._at - begin, 0), min(stop - begin, part.size)
            if first < last:
                content = self._contents.get(part.key) if part.key else part.data
                found += content[first:last] if content is not None else bytes(last - first)
            begin += part.size
        self._at = stop
        return found


def archive(files: dict[str, tuple[int, bytes | None]]) -> zipfile.ZipFile:
    """Of files by path: size, and content unless it is zeros."""
    entries = [Entry(path, size, zlib.crc32(content or b""), path) for path, (size, content) in files.items()]
    contents = {path: content for path, (_, content) in files.items() if content is not None}
    return zipfile.ZipFile(Long(list(parts_of(entries)), contents))


def small(content: bytes) -> tuple[int, bytes]:
    return len(content), content


def test_no_files_are_an_archive_too():
    assert archive({}).namelist() == []


def test_small_files_need_nothing_but_the_plain_format():
    packed = archive({"a.txt": small(b"one"), "b/c": small(b"")})
    assert packed.testzip() is None and packed.read("a.txt") == b"one"
    assert {info.extract_version for info in packed.infolist()} == {20}
    assert [info.extra for info in packed.infolist()] == [b"", b""]


@pytest.mark.parametrize("size", [4 * GB - 2, 4 * GB - 1, 4 * GB, 5 * GB, 7000 * GB], ids=str)
def test_files_around_and_beyond_four_gigabytes_keep_their_place(size):
    packed = archive({"large.bin": (size, None), "behind.txt": small(b"behind it")})
    assert [info.file_size for info in packed.infolist()] == [size, 9]
    assert packed.read("behind.txt") == b"behind it"
    with packed.open("large.bin") as file:  # its own header is read and compared
        assert file.read(8) == bytes(8)


def test_many_files_between_them_can_pass_four_gigabytes():
    packed = archive({**{f"{n}": (3 * GB, None) for n in range(3)}, "last": small(b"end")})
    assert packed.read("last") == b"end" and len(packed.infolist()) == 4


def test_more_files_than_the_plain_format_counts():
    packed = archive({f"{n:05}": small(b"") for n in range(65_536)})
    assert len(packed.infolist()) == 65_536


def test_nothing_is_executable_and_everything_has_one_date():
    (info,) = archive({"run.sh": small(b"#!")}).infolist()
    assert info.date_time == (1980, 1, 1, 0, 0, 0) and info.external_attr >> 16 == 0o100644
