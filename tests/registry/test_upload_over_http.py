"""Uploads as they arrive over HTTP, piece by piece, from senders that may go away."""

import errno
import json
import os

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.db import connections

from registry.models import Blob, UploadFile
from registry.uploads import start_upload
from studio.asgi import application
from workspaces.tokens import create_token

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def closed_connections():
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def put(place, contributor):
    """Begins to send `model.pkl`; what comes of it is sent by the test."""
    upload = start_upload(workspace=place, by=contributor)
    token = create_token(user=contributor, name="cli")[1]

    def putting(length: int, token: str = token) -> ApplicationCommunicator:
        headers = [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {token}".encode())]
        headers.append((b"content-length", str(length).encode()))
        path = f"/api/v1/workspaces/vision/uploads/{upload.pk}/files/model.pkl"
        scope = {"type": "http", "method": "PUT", "path": path, "headers": headers, "query_string": b""}
        return ApplicationCommunicator(application, scope)

    return putting


async def send(sender, *pieces: bytes) -> None:
    for piece in pieces:
        await sender.send_input({"type": "http.request", "body": piece, "more_body": True})


async def answer(sender) -> tuple[int, dict]:
    begun = await sender.receive_output(10)
    body = b""
    while True:
        part = await sender.receive_output(10)
        body += part["body"]
        if not part.get("more_body"):
            return begun["status"], json.loads(body)


def nothing_is_kept(data_dir) -> bool:
    files = [path for path in (data_dir / "blobs").rglob("*") if path.is_file()]
    return not (files or Blob.objects.exists() or UploadFile.objects.exists())


async def test_a_file_sent_in_pieces_is_kept_whole(put):
    sender = put(12)
    await send(sender, b"weig", b"hts ", b"here")
    await sender.send_input({"type": "http.request", "body": b"", "more_body": False})
    status, said = await answer(sender)
    assert (status, said["size"]) == (201, 12)


async def test_of_a_sender_that_goes_away_nothing_is_kept(put, data_dir):
    sender = put(1_000_000)
    await send(sender, b"x" * 400_000)
    await sender.send_input({"type": "http.disconnect"})
    await sender.wait(10)
    assert await sync_to_async(nothing_is_kept)(data_dir)


@pytest.mark.parametrize("length", [3, 13])
async def test_of_a_body_of_another_length_than_announced_nothing_is_kept(put, data_dir, length):
    sender = put(length)
    await sender.send_input({"type": "http.request", "body": b"weights here", "more_body": False})
    status, said = await answer(sender)
    assert (status, said["code"]) == (400, "upload-broken-off") and said["advice"]
    assert await sync_to_async(nothing_is_kept)(data_dir)


async def test_a_disk_that_is_full_while_the_body_arrives_is_said(put, data_dir, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    sender = put(400_000)
    await send(sender, b"x" * 400_000)
    await sender.send_input({"type": "http.request", "body": b"", "more_body": False})
    status, said = await answer(sender)
    assert (status, said["code"], said["status"]) == (507, "disk-full", 507) and said["advice"]
    assert await sync_to_async(nothing_is_kept)(data_dir)
