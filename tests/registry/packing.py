"""Archives of every kind, good and bad."""

import io
import os
import tarfile
import zipfile


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo("x")
            info.filename, info.compress_type = name, method
            archive.writestr(info, content)
    return packed.getvalue()


def special(name: str, mode: int, content: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, mode << 16
        archive.writestr(info, content)
    return packed.getvalue()


def tarred(*entries: tuple[str, bytes], mode: str = "w", **fields) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode, **fields) as archive:
        for name, content in entries:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def member(name: str, kind: bytes, link: str = "") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        archive.addfile(info)
    return packed.getvalue()


FILES = (("model/MLmodel", b"flavors: {}"), ("model/data/weights.bin", os.urandom(300_000)), ("model/empty", b""))
