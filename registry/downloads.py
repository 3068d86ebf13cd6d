"""Blobs on their way out, in pieces, so that the server's memory stays flat."""

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse

from registry import blobs
from registry.errors import VersionNotFound
from registry.models import ModelVersion

_PIECE = 1024 * 1024


def file_response(request: HttpRequest, version: ModelVersion, path: str) -> HttpResponse:
    """One file of the version as an attachment; its SHA-256 is the ETag. Raises VersionNotFound."""
    file = version.files.select_related("blob").filter(path=path).first()
    if file is None:
        said = f"{version.reference} has no file {path[:200]!r}."
        raise VersionNotFound(said, advice="See the version's list of files.")
    etag = f'"{file.blob_id}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified()
    response = StreamingHttpResponse(_pieces(blobs.open_blob(file.blob_id)), content_type="application/octet-stream")
    response["Content-Length"] = str(file.blob.size)
    response["ETag"] = etag
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(path.rsplit('/', 1)[-1])}"
    return response


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
    finally:
        file.close()
