"""Resumable uploads by the tus protocol, version 1.0.0 (https://tus.io/protocols/resumable-upload)."""

import base64
import binascii
import re
from urllib.parse import quote

from django.utils.http import http_date
from rest_framework.response import Response

from registry import incoming, uploads
from registry.errors import TusInvalid, TusTypeWrong, TusVersionUnknown
from registry.models import IncomingFile, Upload
from workspaces.api import WorkspaceView

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination,checksum"
ALGORITHMS = {"sha1": 20, "sha256": 32, "md5": 16}
OFFSET_STREAM = "application/offset+octet-stream"
MAX_SIZE = 2**53  # more than any disk, and still exact in JavaScript


class Tus(WorkspaceView):
    """What both addresses share: the protocol's version on every answer, and the upload, which is its maker's."""

    parser_classes = []

    def dispatch(self, request, *args, **kwargs):
        # For senders behind something that lets through GET and POST alone.
        other = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and other in {"PATCH", "DELETE", "HEAD"}:
            request.method = other
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "OPTIONS" or not hasattr(self, request.method.lower()):
            return
        if request.headers.get("Tus-Resumable") != VERSION:
            raise TusVersionUnknown(
                "The header Tus-Resumable is not 1.0.0.", advice="Use a client of tus 1.0.0, or PUT the file at once."
            )
        self.upload = uploads.find_upload(workspace=self.workspace, upload_id=kwargs["upload_id"], by=request.user)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        if request.method == "OPTIONS" or response.status_code == 412:
            response["Tus-Version"] = VERSION
        return response

    def options(self, request, *args, **kwargs):
        headers = {
            "Tus-Extension": EXTENSIONS,
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
            "Tus-Max-Size": str(MAX_SIZE),
        }
        return Response(status=204, headers=headers)

    def appended(self, request, file: IncomingFile, offset: int) -> IncomingFile:
        return incoming.append(
            file=file, offset=offset, source=_Source(request._request), checksum=_checksum(request.headers)
        )

    def told(self, file: IncomingFile) -> dict[str, str]:
        return {
            "Upload-Offset": str(file.offset),
            "Upload-Expires": http_date(incoming.expires(self.upload).timestamp()),
        }


class TusFiles(Tus):
    """A new file, its first bytes along with it or not."""

    def post(self, request, workspace, upload_id):
        metadata = _metadata(request.headers.get("Upload-Metadata", ""))
        path = metadata.get("path") or metadata.get("filename")
        if not path:
            raise TusInvalid("Upload-Metadata has no path.", advice="Send `path`, or `filename`, base64-encoded.")
        size, with_bytes = _length(request.headers), request.content_type == OFFSET_STREAM
        file = incoming.begin(upload=self.upload, path=path, size=size, sha256=_sha256(metadata))
        if with_bytes and size:
            file = self.appended(request, file, 0)
        return Response(status=201, headers={"Location": _address(self.upload, file), **self.told(file)})


class TusFile(Tus):
    """A file on its way: how much of it is here, more of it, or no more of it."""

    def head(self, request, workspace, upload_id, file_id):
        file = incoming.up_to_date(file=incoming.find(upload=self.upload, file_id=file_id))
        metadata = f"path {base64.b64encode(file.path.encode()).decode()}"
        headers = {"Upload-Length": str(file.size), "Upload-Metadata": metadata, **self.told(file)}
        return Response(status=200, headers=headers)

    def patch(self, request, workspace, upload_id, file_id):
        if request.content_type != OFFSET_STREAM:
            raise TusTypeWrong(f"The Content-Type is not {OFFSET_STREAM}.", advice="Send the bytes as that type.")
        offset = request.headers.get("Upload-Offset", "")
        if not _is_number(offset):
            raise TusInvalid("Upload-Offset is no number.", advice="Say at which byte this request's body begins.")
        file = incoming.find(upload=self.upload, file_id=file_id)
        file = self.appended(request, file, int(offset))
        return Response(status=204, headers=self.told(file))

    def delete(self, request, workspace, upload_id, file_id):
        incoming.discard(file=incoming.find(upload=self.upload, file_id=file_id))
        return Response(status=204)


class _Source:
    """The request's body; of the running studio's requests also whether the sender is still there."""

    def __init__(self, request) -> None:
        self.read = request.read
        self._arriving = getattr(request, "arriving", None)

    @property
    def silent_s(self) -> float:
        return self._arriving.silent_s if self._arriving else 0.0

    def give_up(self) -> None:
        if self._arriving:
            self._arriving.give_up()


def _address(upload: Upload, file: IncomingFile) -> str:
    return f"/api/v1/workspaces/{quote(upload.workspace.name)}/uploads/{upload.pk}/tus/{file.pk}"


def _is_number(text: str) -> bool:
    return bool(re.fullmatch("[0-9]{1,16}", text))


def _length(headers) -> int:
    length = headers.get("Upload-Length", "")
    if not _is_number(length) or int(length) > MAX_SIZE:
        said = "Upload-Length is no number of bytes." if length else "Upload-Length is missing."
        raise TusInvalid(said, advice="Announce the file's size; a size that is not yet known cannot be taken.")
    return int(length)


def _metadata(header: str) -> dict[str, str]:
    """Pairs of a key and a value in base64, separated by commas. Raises TusInvalid."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            text = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            raise TusInvalid(
                f"Upload-Metadata has a {key[:40]!r} that is not UTF-8 in base64.", advice="Encode every value."
            ) from None
        if key in found:
            raise TusInvalid(f"Upload-Metadata has {key[:40]!r} twice.", advice="Send each key once.")
        found[key] = text
    return found


def _sha256(metadata: dict[str, str]) -> str:
    sha256 = metadata.get("sha256", "").lower()
    if sha256 and not re.fullmatch("[0-9a-f]{64}", sha256):
        raise TusInvalid(
            "The sha256 in Upload-Metadata is not 64 hexadecimal digits.", advice="Correct it or leave it out."
        )
    return sha256


def _checksum(headers) -> tuple[str, bytes] | None:
    header = headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error:
        digest = b""
    if ALGORITHMS.get(algorithm) != len(digest):
        known = ", ".join(ALGORITHMS)
        raise TusInvalid("Upload-Checksum cannot be read.", advice=f"Send ALGORITHM BASE64; known are {known}.")
    return algorithm, digest
