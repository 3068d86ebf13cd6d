"""A disk that is really full: a small file system of its own under the data folder."""

import os
import shutil
import subprocess

import pytest
from django.test import Client

from registry.models import Blob
from registry.uploads import start_upload
from workspaces.tokens import create_token

pytestmark = pytest.mark.django_db
MB = 1024 * 1024


@pytest.fixture
def small_disk(place, data_dir):
    """Eight megabytes for everything that is kept of uploads."""
    blobs = data_dir / "blobs"
    shutil.rmtree(blobs, ignore_errors=True)
    blobs.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", blobs], capture_output=True)
    if mounted.returncode:
        pytest.skip("this account may not mount a file system")
    yield blobs
    subprocess.run(["umount", "-l", blobs], check=True)


def free(folder) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


@pytest.fixture
def send(place, contributor):
    client = Client(headers={"Authorization": f"Bearer {create_token(user=contributor, name='ci')[1]}"})
    upload = start_upload(workspace=place, by=contributor)

    def sending(path: str, content: bytes):
        address = f"/api/v1/workspaces/vision/uploads/{upload.pk}/files/{path}"
        return client.put(address, content, content_type="application/octet-stream")

    sending.upload = upload
    return sending


def test_what_does_not_fit_is_said_and_its_space_given_back(small_disk, send):
    before = free(small_disk)
    refused = send("model.pkl", os.urandom(12 * MB))
    assert (refused.status_code, refused.json()["code"]) == (507, "disk-full") and refused.json()["advice"]
    assert not Blob.objects.exists() and not send.upload.files.exists()
    assert free(small_disk) == before
    assert send("model.pkl", os.urandom(4 * MB)).status_code == 201


def test_what_is_stored_already_stays_as_it_was(small_disk, send):
    kept = os.urandom(5 * MB)
    assert send("model.pkl", kept).status_code == 201
    assert send("model.pkl", os.urandom(5 * MB)).status_code == 507
    assert send.upload.files.get().blob.size == len(kept)
    assert [path.stat().st_size for path in small_disk.rglob("*") if path.is_file()] == [len(kept)]
