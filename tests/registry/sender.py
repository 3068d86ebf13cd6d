"""Somebody who sends files by tus."""

import base64
import hashlib

from registry import blobs, uploads
from tests import objects

STREAM = "application/offset+octet-stream"


def text64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Sender:
    """Speaks tus for one person and one upload."""

    def __init__(self, place, user) -> None:
        self.upload = uploads.start_upload(workspace=place, by=user)
        self.client = objects.with_token(user)
        self.address = f"/api/v1/workspaces/{place.name}/uploads/{self.upload.pk}/tus"

    def ask(self, method: str, address: str = "", body: bytes = b"", type_: str = STREAM, **headers: str):
        headers = {"Tus-Resumable": "1.0.0"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(method, address or self.address, body, type_, headers=headers, CONTENT_TYPE=type_)

    def begin(self, size: int, path: str = "model.bin", body: bytes = b"", **more: str):
        metadata = ",".join(f"{key} {text64(value)}" for key, value in {"path": path, **more}.items())
        type_ = STREAM if body else "text/plain"
        return self.ask("POST", "", body, type_, Upload_Length=str(size), Upload_Metadata=metadata)

    def begun(self, size: int, path: str = "model.bin", **more: str) -> str:
        answer = self.begin(size, path, **more)
        assert answer.status_code == 201, answer.content
        return answer["Location"]

    def patch(self, address: str, offset: int, body: bytes, **headers: str):
        return self.ask("PATCH", address, body, Upload_Offset=str(offset), **headers)

    def offset(self, address: str) -> int:
        return int(self.ask("HEAD", address)["Upload-Offset"])

    def files(self) -> dict[str, bytes]:
        found = self.upload.files.all()
        return {file.path: b"".join(blobs.pieces_of(file.blob_id)) for file in found}
