"""Files on their way to the studio: streamed, gone on with where they broke off, hashed on both sides, taken back when
something breaks for good."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote

from slipway.again import Patience, passes
from slipway.errors import ApiError, LocalPathError, SlipwayError, UploadBroken
from slipway.files import LocalFile
from slipway.http import STORE_TIMEOUT_S, Api
from slipway.progress import Progress, size_text

CHUNK_BYTES = 1024 * 1024
# Larger files go by tus, which goes on where it broke off; smaller ones are sent again as a whole.
IN_ONE_REQUEST_BYTES = 16 * 1024 * 1024
TUS = {"Tus-Resumable": "1.0.0"}


@contextmanager
def uploaded(api: Api, files: list[LocalFile], *, unpack: bool = False) -> Iterator[str]:
    """The id of a new upload that holds `files`; with `unpack`, what the one archive among them holds.

    When the block (or the sending) fails or is interrupted, the upload is deleted on the studio;
    when it succeeds, the upload is taken to be used up by what the block did with it.
    """
    if unpack and len(files) != 1:
        raise LocalPathError("Only an archive can be unpacked", "a folder was given", "Give a zip or tar file.")
    upload_id = api.post(f"{api.root}/uploads", {})["id"]
    address = f"{api.root}/uploads/{upload_id}"
    try:
        _send_all(api, address, files)
        if unpack:
            _unpack(api, address, files[0])
        yield upload_id
    except BaseException:
        with suppress(SlipwayError):  # the first error is the one worth telling
            api.delete(address)
        raise


def _unpack(api: Api, address: str, file: LocalFile) -> None:
    content = json.dumps({"path": file.path}).encode()
    headers = {"Content-Type": "application/json"}
    api.exchange("POST", f"{address}/unpack", content=content, headers=headers, read_timeout_s=STORE_TIMEOUT_S)


def _send_all(api: Api, address: str, files: list[LocalFile]) -> None:
    progress = Progress("Uploading", sum(file.size for file in files))
    in_pieces: list[_InPieces] = []
    try:
        for file in files:
            if file.size <= IN_ONE_REQUEST_BYTES:
                _AtOnce(api, address, file, progress).send()
            else:
                in_pieces.append(_InPieces(api, address, file, progress))
                in_pieces[-1].send()
    finally:
        progress.close()
    if in_pieces:
        stored = {file["path"]: file["sha256"] for file in api.get(address)["files"]}
        for sending in in_pieces:
            sending.check(stored.get(sending.file.path, ""))


class _Sending:
    """One file: how much of it has been sent, and the hash of all that was read of it."""

    def __init__(self, api: Api, address: str, file: LocalFile, progress: Progress) -> None:
        self.api, self.address, self.file, self.progress = api, address, file, progress
        self.sent_bytes = self.hashed_bytes = 0
        self.sha256 = hashlib.sha256()

    def send(self) -> None:
        patience = Patience(self.progress.say)
        try:
            while not self.sent_once(patience):
                pass
        except SlipwayError as exc:
            if not passes(exc):
                raise
            raise UploadBroken(
                f"The upload of {self.file.path} broke off",
                f"{size_text(self.sent_bytes)} of {size_text(self.file.size)} were sent; nothing was registered. {exc}",
                exc.advice or "Try again.",
            ) from exc

    def sent_once(self, patience: Patience) -> bool:
        raise NotImplementedError

    def check(self, stored_sha256: str) -> None:
        if stored_sha256 != self.sha256.hexdigest():
            raise UploadBroken(
                f"{self.file.path} arrived damaged", "the studio's checksum differs from the file's", "Try again."
            )

    def go_back(self, offset: int) -> None:
        self.progress.advance(offset - self.sent_bytes)
        self.sent_bytes = offset

    def chunks(self) -> Iterator[bytes]:
        """From `sent_bytes` on. What is sent a second time is not hashed a second time."""
        try:
            with open(self.file.source, "rb") as source:
                source.seek(self.sent_bytes)
                while chunk := source.read(CHUNK_BYTES):
                    self._expect(self.sent_bytes + len(chunk) <= self.file.size)
                    self.sha256.update(chunk[max(0, self.hashed_bytes - self.sent_bytes) :])
                    self.sent_bytes += len(chunk)
                    self.hashed_bytes = max(self.hashed_bytes, self.sent_bytes)
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


class _AtOnce(_Sending):
    def sent_once(self, patience: Patience) -> bool:
        path = f"{self.address}/files/{quote(self.file.path, safe='/')}"
        headers = {"Content-Length": str(self.file.size), "Content-Type": "application/octet-stream"}
        try:
            stored = self.api.put(path, self.chunks(), headers)
        except SlipwayError as exc:
            patience.wait(exc, 0)
            self.go_back(0)
            return False
        self.check(stored["sha256"])
        return True


class _InPieces(_Sending):
    """By tus: asks how much is there, and sends the rest."""

    place = ""
    reached_bytes = 0

    def sent_once(self, patience: Patience) -> bool:
        try:
            if not self.place:
                self.place = self._begun()
            elif self.sent_bytes:
                self.reached_bytes = self._offset()
                self.go_back(self.reached_bytes)
            if self.sent_bytes < self.file.size:
                self._send_rest()
        except SlipwayError as exc:
            if not (isinstance(exc, ApiError) and exc.code == "offset-differs"):
                patience.wait(exc, self.reached_bytes)
            else:
                self.go_back(int(exc.extras["offset"]))
            return False
        return True

    def _begun(self) -> str:
        path = base64.b64encode(self.file.path.encode()).decode()
        headers = {**TUS, "Upload-Length": str(self.file.size), "Upload-Metadata": f"path {path}"}
        return self.api.exchange("POST", f"{self.address}/tus", headers=headers)["Location"]

    def _offset(self) -> int:
        # The studio may have to hash a large file before it can say that all of it is there.
        try:
            headers = self.api.exchange("HEAD", self.place, headers=TUS, read_timeout_s=STORE_TIMEOUT_S)
        except ApiError as exc:
            if exc.status != 404:
                raise
            raise UploadBroken(
                f"The studio has {self.file.path} no more", "it was taken back, or did not fit", "Try again."
            ) from None
        return int(headers["Upload-Offset"])

    def _send_rest(self) -> None:
        headers = {
            **TUS,
            "Upload-Offset": str(self.sent_bytes),
            "Content-Length": str(self.file.size - self.sent_bytes),
            "Content-Type": "application/offset+octet-stream",
        }
        self.api.exchange("PATCH", self.place, content=self.chunks(), headers=headers, read_timeout_s=STORE_TIMEOUT_S)
