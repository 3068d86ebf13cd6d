"""What tests of archives share."""

import pytest

from registry import archives, blobs, uploads
from registry.errors import ArchiveRefused
from registry.models import Blob


@pytest.fixture
def upload(place, contributor):
    return uploads.start_upload(workspace=place, by=contributor)


@pytest.fixture
def unpack(upload):
    """`unpack(content, "model.zip")`: the paths and contents of the upload after it was unpacked."""

    def unpacked(content: bytes, path: str = "model.zip") -> dict[str, bytes]:
        uploads.receive_file(upload=upload, path=path, chunks=[content], size=len(content))
        archives.unpack(upload=upload, path=path)
        return contents(upload)

    return unpacked


def contents(upload) -> dict[str, bytes]:
    return {file.path: b"".join(blobs.pieces_of(file.blob_id)) for file in upload.files.all()}


@pytest.fixture
def refused(upload, unpack):
    """`refused(content, "the reason")`: it is refused, and all is as it was before."""

    def refuse(content: bytes, reason: str, path: str = "model.zip") -> None:
        with pytest.raises(ArchiveRefused, match=reason) as refusal:
            unpack(content, path)
        assert len(refusal.value.detail) < 400 and refusal.value.advice
        assert list(contents(upload)) == [path]
        assert Blob.objects.count() == 1 and list(blobs.staging_path("").iterdir()) == []

    return refuse
