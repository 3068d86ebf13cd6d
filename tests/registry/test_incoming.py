"""What came of a file is kept, wherever sender, disk, process or neighbour break."""

import errno
import io
import os
import threading
import uuid

import pytest
from django.db import connections

from registry import blobs, incoming, staging, uploads
from registry.errors import DiskFull, OffsetDiffers, UploadBrokenOff, UploadBusy, UploadNotFound
from registry.models import Blob, IncomingFile, UploadFile

CONTENT = os.urandom(700_000)


@pytest.fixture
def upload(place, contributor):
    return uploads.start_upload(workspace=place, by=contributor)


@pytest.fixture
def file(upload):
    return incoming.begin(upload=upload, path="model.bin", size=len(CONTENT))


class Torn(io.BytesIO):
    """A sender that goes away when all it had is read."""

    def read(self, size=-1):
        piece = super().read(size)
        if not piece:
            raise ConnectionResetError
        return piece


class Killed(BaseException):
    """The process ends here: nothing that comes after it in the code happens."""


def send(file, offset=0, content=None):
    content = CONTENT[offset:] if content is None else content
    return incoming.append(file=file, offset=offset, source=io.BytesIO(content))


def rest(file) -> int:
    """Sends what is missing, as a client does after asking. Returns how much was here."""
    there = incoming.up_to_date(file=IncomingFile.objects.get(pk=file.pk)).offset
    if there < len(CONTENT):
        send(file, there)
    return there


def assert_whole(upload) -> None:
    kept = UploadFile.objects.get(upload=upload)
    assert b"".join(blobs.pieces_of(kept.blob_id)) == CONTENT
    assert IncomingFile.objects.get(upload=upload).arrived
    assert list(blobs.staging_path("").iterdir()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("came", [1, 262_144, 300_000, 699_999])
def test_a_sender_that_goes_away_loses_nothing_it_sent(upload, file, came):
    with pytest.raises(UploadBrokenOff, match=f"{came} of 700000 bytes"):
        incoming.append(file=file, offset=0, source=Torn(CONTENT[:came]))
    assert rest(file) == came
    assert_whole(upload)


@pytest.mark.django_db
def test_a_sender_that_goes_away_before_the_answer_has_sent_it_all(upload, file):
    with pytest.raises(UploadBrokenOff):
        incoming.append(file=file, offset=0, source=Torn(CONTENT))
    assert rest(file) == len(CONTENT)
    assert_whole(upload)


@pytest.mark.django_db
@pytest.mark.parametrize("where", [
    "registry.staging.write", "registry.incoming.os.fsync", "registry.incoming._move", "registry.incoming._settle",
    "registry.blobs.adopt", "registry.uploads.keep", "registry.incoming._checked",
])  # fmt: skip
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_that_is_killed_anywhere_leaves_a_file_that_goes_on(upload, file, monkeypatch, where, moment):
    incoming.append(file=file, offset=0, source=io.BytesIO(CONTENT[:300_000]))
    name, _, attribute = where.rpartition(".")
    module = {"registry.staging": staging, "registry.incoming.os": os, "registry.incoming": incoming,
              "registry.blobs": blobs, "registry.uploads": uploads}[name]  # fmt: skip
    real = getattr(module, attribute)

    def killing(*args, **kwargs):
        if moment == "after":
            real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(module, attribute, killing)
        send(file, 300_000)
    assert rest(file) >= 300_000
    assert_whole(upload)


@pytest.mark.django_db
def test_a_process_killed_after_the_store_took_it_needs_no_byte_again(upload, file, monkeypatch):
    def killing(**_):
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(uploads, "keep", killing)
        send(file)
    assert rest(file) == len(CONTENT)
    assert_whole(upload)


@pytest.mark.django_db
def test_content_swept_before_it_was_referred_to_is_asked_for_again(upload, file, monkeypatch):
    def killing(**_):
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(uploads, "keep", killing)
        send(file)
    Blob.objects.all().delete()
    assert rest(file) == 0
    assert_whole(upload)


@pytest.mark.django_db
def test_bytes_the_disk_lost_are_asked_for_again(upload, file):
    incoming.append(file=file, offset=0, source=io.BytesIO(CONTENT[:300_000]))
    os.truncate(blobs.staging_path(file.pk), 1000)
    assert rest(file) == 1000
    assert_whole(upload)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("where", ["write", "fsync"])
def test_a_disk_that_fills_up_is_said_and_its_room_given_back(file, monkeypatch, number, where):
    incoming.append(file=file, offset=0, source=io.BytesIO(CONTENT[:300_000]))

    def full(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(*((staging, "write") if where == "write" else (os, "fsync")), full)
    with pytest.raises(DiskFull, match=r"model\.bin does not fit"):
        send(file, 300_000)
    assert list(blobs.staging_path("").iterdir()) == []
    assert not IncomingFile.objects.exists() and not Blob.objects.exists()


@pytest.mark.django_db
def test_another_trouble_of_the_disk_keeps_what_is_here(upload, file, monkeypatch):
    incoming.append(file=file, offset=0, source=io.BytesIO(CONTENT[:300_000]))

    def broken(*_):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="Input/output"):
        patched.setattr(staging, "write", broken)
        send(file, 300_000)
    assert rest(file) == 300_000
    assert_whole(upload)


@pytest.mark.django_db
def test_an_upload_used_up_in_the_middle_takes_no_more(upload, file):
    class Registering(io.BytesIO):
        def read(self, size=-1):
            uploads.Upload.objects.all().delete()
            return super().read(size)

    with pytest.raises(UploadNotFound):
        incoming.append(file=file, offset=0, source=Registering(CONTENT))
    assert list(blobs.staging_path("").iterdir()) == [] and not UploadFile.objects.exists()


class Slow:
    """A sender in the middle of sending; its test says when it goes on, and whether it is still there."""

    def __init__(self, content: bytes, silent_s: float = 0.0) -> None:
        self.content, self.silent_s = content, silent_s
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.gave_up = False

    def read(self, size: int) -> bytes:
        if self.content:
            piece, self.content = self.content[:size], self.content[size:]
            return piece
        self.begun.set()
        assert self.go_on.wait(20)
        if self.gave_up:
            raise ConnectionResetError
        return b""

    def give_up(self) -> None:
        self.gave_up = True
        self.go_on.set()


@pytest.fixture
def sending(file):
    """`sending(source)`: somebody else's request sends it, in a thread, and is in the middle."""
    threads = []

    def begin(source: Slow) -> threading.Thread:
        def run():
            try:
                incoming.append(file=file, offset=0, source=source)
            except UploadBrokenOff:
                pass
            finally:
                connections.close_all()

        thread = threading.Thread(target=run)
        threads.append((thread, source))
        thread.start()
        assert source.begun.wait(20)
        return thread

    yield begin
    for thread, source in threads:
        source.go_on.set()
        thread.join(20)


@pytest.mark.django_db(transaction=True)
def test_of_two_senders_at_once_the_second_is_refused_and_the_first_goes_on(upload, file, sending, monkeypatch):
    monkeypatch.setattr(staging, "WAIT_S", 0.2)
    first = Slow(CONTENT[:300_000])
    thread = sending(first)
    with pytest.raises(UploadBusy):
        send(file)
    with pytest.raises(UploadBusy):
        incoming.up_to_date(file=file)
    with pytest.raises(UploadBusy):
        incoming.discard(file=file)
    first.go_on.set()
    thread.join(20)
    assert rest(file) == 300_000
    assert_whole(upload)


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_fell_silent_gives_way_to_the_next(upload, file, sending):
    sending(Slow(CONTENT[:300_000], silent_s=staging.ALIVE_S + 1))
    assert rest(file) == 300_000
    assert_whole(upload)


@pytest.mark.django_db(transaction=True)
def test_a_sender_at_an_offset_that_is_past_is_refused_after_waiting(upload, file, sending):
    sending(Slow(CONTENT[:300_000], silent_s=staging.ALIVE_S + 1))
    with pytest.raises(OffsetDiffers):
        send(file, 0)
    assert rest(file) == 300_000
    assert_whole(upload)


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_make_one_good_file(upload, file):
    def sender():
        for _ in range(40):
            try:
                if rest(file) == len(CONTENT):
                    break
            except (OffsetDiffers, UploadBusy):
                continue
        connections.close_all()

    threads = [threading.Thread(target=sender) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert_whole(upload)


@pytest.mark.django_db
def test_a_file_of_another_upload_is_not_found(upload, file, place, contributor):
    other = uploads.start_upload(workspace=place, by=contributor)
    for where, which in ((other, file.pk), (upload, uuid.uuid4())):
        with pytest.raises(UploadNotFound):
            incoming.find(upload=where, file_id=which)
