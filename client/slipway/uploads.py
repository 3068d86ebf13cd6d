"""Files on their way to the studio: streamed, hashed on both sides, taken back when something breaks."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote

from slipway.errors import ConnectionBroken, LocalPathError, SlipwayError, UploadBroken
from slipway.files import LocalFile
from slipway.http import Api
from slipway.progress import Progress, size_text

CHUNK_BYTES = 1024 * 1024


@contextmanager
def uploaded(api: Api, files: list[LocalFile]) -> Iterator[str]:
    """The id of a new upload that holds `files`.

    When the block (or the sending) fails or is interrupted, the upload is deleted on the studio;
    when it succeeds, the upload is taken to be used up by what the block did with it.
    """
    upload_id = api.post(f"{api.root}/uploads", {})["id"]
    try:
        _send_all(api, upload_id, files)
        yield upload_id
    except BaseException:
        with suppress(SlipwayError):  # the first error is the one worth telling
            api.delete(f"{api.root}/uploads/{upload_id}")
        raise


def _send_all(api: Api, upload_id: str, files: list[LocalFile]) -> None:
    progress = Progress("Uploading", sum(file.size for file in files))
    try:
        for file in files:
            _Sending(file, progress).to(api, upload_id)
    finally:
        progress.close()


class _Sending:
    """One file: what was sent of it so far, and its hash."""

    def __init__(self, file: LocalFile, progress: Progress) -> None:
        self.file, self.progress = file, progress
        self.sent_bytes, self.sha256 = 0, hashlib.sha256()

    def to(self, api: Api, upload_id: str) -> None:
        path = f"{api.root}/uploads/{upload_id}/files/{quote(self.file.path, safe='/')}"
        headers = {"Content-Length": str(self.file.size), "Content-Type": "application/octet-stream"}
        try:
            stored = api.put(path, self._chunks(), headers)
        except ConnectionBroken as exc:
            raise UploadBroken(
                f"The upload of {self.file.path} broke off",
                f"{size_text(self.sent_bytes)} of {size_text(self.file.size)} were sent; nothing was registered",
                "Try again.",
            ) from exc
        if stored["sha256"] != self.sha256.hexdigest():
            raise UploadBroken(
                f"{self.file.path} arrived damaged", "the studio's checksum differs from the file's", "Try again."
            )

    def _chunks(self) -> Iterator[bytes]:
        try:
            with open(self.file.source, "rb") as source:
                while chunk := source.read(CHUNK_BYTES):
                    self._expect(self.sent_bytes + len(chunk) <= self.file.size)
                    self.sha256.update(chunk)
                    self.sent_bytes += len(chunk)
                    yield chunk
                    self.progress.advance(len(chunk))
        except OSError as exc:
            raise LocalPathError("A file cannot be read", f"{self.file.source}: {exc.strerror}") from None
        self._expect(self.sent_bytes == self.file.size)

    def _expect(self, unchanged: bool) -> None:
        # The announced Content-Length would otherwise not match, which looks like a broken connection.
        if not unchanged:
            raise LocalPathError(
                f"{self.file.source} changed while it was being sent",
                advice="Wait until nothing writes to it, then try again.",
            )
