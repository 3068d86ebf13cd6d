"""Protocol Buffers read field by field from a stream; what nobody asks for is skipped, not loaded."""

from collections.abc import Iterator
from dataclasses import dataclass

from registry.reading.window import Ended, Window

_MOST_TEXT = 64 * 1024


class NotProtobuf(Exception):
    """The bytes are no message."""


@dataclass(frozen=True, slots=True)
class Field:
    """`value` of a number; of anything with a length, where it ends: read it before asking for the next field."""

    number: int
    value: int
    window: Window | None = None

    @property
    def fields(self) -> Iterator["Field"]:
        """The fields of the message that this one is."""
        if self.window is None:
            raise NotProtobuf
        return fields(self.window, self.value)

    @property
    def text(self) -> str:
        if self.window is None:
            raise NotProtobuf
        size = self.value - self.window.offset
        return self.window.take(min(size, _MOST_TEXT)).decode("utf-8", "replace")


def fields(window: Window, end: int) -> Iterator[Field]:
    """Raises NotProtobuf, and Ended when the stream is shorter than it says."""
    while window.offset < end:
        key = _varint(window)
        number, kind = key >> 3, key & 7
        if kind == 0:
            yield Field(number, _varint(window))
        elif kind == 2:
            stop = _varint(window) + window.offset
            if stop > end:
                raise NotProtobuf
            yield Field(number, stop, window)
            if stop < window.offset:
                raise NotProtobuf
            window.skip(stop - window.offset)
        elif kind in (1, 5):
            yield Field(number, int.from_bytes(window.take(8 if kind == 1 else 4), "little"))
        else:
            raise NotProtobuf


def _varint(window: Window) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = window.take(1)[0]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF
    raise NotProtobuf


__all__ = ["Ended", "Field", "NotProtobuf", "fields"]
