"""Blobs on their way out, in pieces, so that the server's memory stays flat: a file, or a folder as one archive."""

import asyncio
import hashlib
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response

from registry import blobs
from registry.errors import RangeInvalid, VersionNotFound
from registry.models import ModelVersion
from registry.services.verifying import check_intact
from registry.zipping import Entry, Part, parts_of

_PIECE = 1024 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
# Part of an archive's ETag: another layout is another archive.
_LAYOUT = b"zip 1"


@dataclass(frozen=True, slots=True)
class Download:
    name: str
    kind: str
    etag: str
    parts: list[Part]

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)


def file_response(request: HttpRequest, version: ModelVersion, path: str) -> HttpResponse:
    """One file of the version as an attachment; its SHA-256 is the ETag.

    Raises VersionNotFound, BlobMissing, BlobDamaged, RangeInvalid."""
    file = version.files.select_related("blob").filter(path=path).first()
    if file is None:
        said = f"{version.reference} has no file {path[:200]!r}."
        raise VersionNotFound(said, advice="See the version's list of files.")
    check_intact(version, path)
    name = path.rsplit("/", 1)[-1]
    return _respond(
        request,
        Download(name, "application/octet-stream", f'"{file.blob_id}"', [Part(file.blob.size, key=file.blob_id)]),
    )


def archive_response(request: HttpRequest, version: ModelVersion) -> HttpResponse:
    """All files of the version as one zip archive. Raises BlobMissing, BlobDamaged, RangeInvalid."""
    check_intact(version)
    files = sorted(version.files.select_related("blob"), key=lambda file: file.path)
    entries = [Entry(file.path, file.blob.size, blobs.crc32_of(file.blob), file.blob_id) for file in files]
    listed = "".join(f"{entry.key} {entry.path}\n" for entry in entries)
    etag = f'"{hashlib.sha256(_LAYOUT + listed.encode()).hexdigest()}"'
    name = f"{version.model.name}-{version.version}.zip"
    return _respond(request, Download(name, "application/zip", etag, list(parts_of(entries))))


def _respond(request: HttpRequest, download: Download) -> HttpResponse:
    fixed = {
        "ETag": download.etag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(download.name)}",
    }
    unchanged = get_conditional_response(request, etag=download.etag, response=None)
    if unchanged is not None:
        unchanged["ETag"] = download.etag
        return unchanged
    start, stop = 0, download.size
    wanted = _wanted_range(request, download)
    if wanted:
        start, stop = wanted
        fixed["Content-Range"] = f"bytes {start}-{stop - 1}/{download.size}"
    fixed |= {"Content-Length": str(stop - start), "Content-Type": download.kind}
    status = 206 if wanted else 200
    if request.method == "HEAD":  # Django would read all of it, to send nothing
        return HttpResponse(status=status, headers=fixed)
    return StreamingHttpResponse(_Pieces(download.parts, start, stop), status=status, headers=fixed)


def _wanted_range(request: HttpRequest, download: Download) -> tuple[int, int] | None:
    """Start and stop of a single range; None when the whole is to be sent, as for several ranges (RFC 9110, 14.2).

    Raises RangeInvalid when nothing of it is there."""
    found = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    unchanged = request.headers.get("If-Range", download.etag) == download.etag
    if request.method != "GET" or not found or not any(found.groups()) or not unchanged:
        return None
    first, last, size = *found.groups(), download.size
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    if first and last and int(last) < int(first):
        return None  # no range at all, says the RFC
    if start >= size:
        raise RangeInvalid.of(size)
    return start, stop


class _Pieces:
    """Bytes `start` to `stop` of all parts together. The first is opened at once, while an error can still be told."""

    def __init__(self, parts: list[Part], start: int, stop: int) -> None:
        self._spans = list(_spans(parts, start, stop))
        self._first = _open(*self._spans[0][:2]) if self._spans else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for number, (part, begin, length) in enumerate(self._spans):
            file = self._first if number == 0 else await asyncio.to_thread(_open, part, begin)
            try:
                while length:
                    piece = await asyncio.to_thread(file.read, min(_PIECE, length))
                    if not piece:  # the connection breaks, so that nobody takes the rest for the whole
                        raise EOFError(f"the content {part.key} ends {length} bytes early")
                    length -= len(piece)
                    yield piece
            finally:
                file.close()

    def close(self) -> None:
        """Django calls it at the end, also when nobody read."""
        if self._first is not None:
            self._first.close()


def _spans(parts: list[Part], start: int, stop: int):
    """For each part that is touched: the part, where in it to begin, and how much to send."""
    at = 0
    for part in parts:
        begin, end = max(start - at, 0), min(stop - at, part.size)
        if begin < end:
            yield part, begin, end - begin
        at += part.size


def _open(part: Part, begin: int) -> BinaryIO:
    return blobs.open_blob(part.key, begin) if part.key else io.BytesIO(part.data[begin:])
