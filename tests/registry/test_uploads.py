"""Files on their way in: whole or not at all, inside their folder, each content kept once."""

import errno
import hashlib
import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from registry import archives, blobs, collecting, stores, uploads
from registry.errors import DiskFull, PathInvalid, UploadBrokenOff, UploadNotFound
from registry.housekeeping import sweep
from registry.models import Blob, Upload
from tests import objects

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun(place, contributor):
    return uploads.start_upload(workspace=place, by=contributor)


def send(upload, path="model.pkl", content=b"weights", size=None):
    size = len(content) if size is None else size
    return uploads.receive_file(upload=upload, path=path, chunks=[content], size=size)


def kept(data_dir) -> list[str]:
    """Every file in the store, those still arriving too."""
    return sorted(path.name for path in (data_dir / "blobs").rglob("*") if path.is_file())


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_is_kept_under_its_digest_and_can_be_read_again(begun, data_dir):
    file = send(begun, content=b"weights")
    assert file.blob_id == sha256(b"weights") and file.blob.size == 7
    assert kept(data_dir) == [sha256(b"weights")]
    with blobs.open_blob(file.blob_id) as stream:
        assert stream.read() == b"weights"


@pytest.mark.parametrize("size", [6, 8, 10**6])
def test_a_file_of_another_length_than_announced_is_broken_off_and_nothing_is_kept(begun, data_dir, size):
    with pytest.raises(UploadBrokenOff, match=f"7 of {size} bytes arrived"):
        send(begun, content=b"weights", size=size)
    assert kept(data_dir) == [] and not begun.files.exists() and not Blob.objects.exists()


def test_a_sender_that_goes_away_leaves_nothing(begun, data_dir):
    def torn():
        yield b"weig"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        uploads.receive_file(upload=begun, path="model.pkl", chunks=torn(), size=7)
    assert kept(data_dir) == [] and not begun.files.exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_the_upload_is_as_it_was(begun, data_dir, monkeypatch, number):
    send(begun, "small.txt", b"small")

    def full(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="does not fit"):
        send(begun, content=b"too much")
    assert kept(data_dir) == [sha256(b"small")]
    assert [file.path for file in begun.files.all()] == ["small.txt"]


class FullDisk(type(Path())):
    """A folder whose files all end in /dev/full, the kernel's own full disk."""

    def open(self, mode="r", *args, **kwargs):
        return open("/dev/full", mode.replace("x", "w"), *args, **kwargs)


def test_a_disk_that_is_really_full_is_said(begun, settings, tmp_path):
    settings.DATA_DIR = FullDisk(tmp_path)
    with pytest.raises(DiskFull):
        send(begun, content=os.urandom(1 << 20))


def test_an_empty_file_is_a_file(begun):
    assert send(begun, "__init__.py", b"").blob.size == 0


def test_a_file_larger_than_memory_pieces_is_put_together_in_order(begun):
    pieces = [bytes([number]) * 70_000 for number in range(50)]
    file = uploads.receive_file(upload=begun, path="big.bin", chunks=iter(pieces), size=3_500_000)
    assert file.blob_id == sha256(b"".join(pieces))


def test_the_same_content_is_stored_once_whoever_sends_it(begun, data_dir, place, owner):
    send(begun, "a.pkl")
    send(begun, "b.pkl")
    send(uploads.start_upload(workspace=place, by=owner), "c.pkl")
    assert Blob.objects.count() == 1 and len(kept(data_dir)) == 1


def test_the_same_path_again_replaces_the_file(begun):
    send(begun, content=b"first")
    send(begun, content=b"second")
    assert begun.files.get().blob_id == sha256(b"second")


def test_a_stored_file_cannot_be_written_to(begun):
    assert stores.current().path_of(send(begun).blob_id).stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("path", [
    "model.pkl", "a/b/c.txt", "naïve/модель.pkl", "with space.txt", ".hidden", "...", "a..b", "-rf", "a" * 255,
    "/".join(["d" * 200] * 5), "C", "emoji 🎛.bin",
])  # fmt: skip
def test_paths_inside_the_folder_are_taken_as_they_are(begun, path):
    assert send(begun, path).path == path


@pytest.mark.parametrize(("path", "fault"), [
    ("", "is empty"),
    ("../up", "'..'"), ("a/../../up", "'..'"), ("..", "'..'"), (".", "'..'"), ("a/./b", "'..'"), ("a//b", "empty part"),
    ("a/", "empty part"), ("/etc/passwd", "absolute"), ("C:/windows", "absolute"), ("c:win", "absolute"),
    ("a\\b", "backslash"), ("..\\up", "backslash"),
    ("a\x00b", "control"), ("a\nb", "control"), ("a\x1b[31mb", "control"), ("a\x7f", "control"), ("a\ud800", "control"),
    ("a" * 10_000, "too long"), ("a" * 256, "too long"), ("ä" * 128, "too long"), ("a/" * 512 + "b", "too long"),
])  # fmt: skip
def test_paths_that_play_tricks_are_refused_in_words(begun, data_dir, path, fault):
    with pytest.raises(PathInvalid, match=fault) as refusal:
        send(begun, path)
    assert len(refusal.value.detail) < 250
    assert kept(data_dir) == []


def test_the_two_ways_to_write_an_umlaut_are_one_path(begun):
    send(begun, "mu\u0308ll.txt", b"one")
    send(begun, "m\u00fcll.txt", b"two")
    assert [file.path for file in begun.files.all()] == ["m\u00fcll.txt"]


@pytest.mark.parametrize(("first", "second"), [("a", "a/b"), ("a/b", "a"), ("a/b/c", "a/b"), ("a", "a/b/c/d")])
def test_nothing_is_a_file_and_a_folder_at_once(begun, first, second):
    send(begun, first)
    with pytest.raises(PathInvalid, match="a file and a folder at once"):
        send(begun, second)


@pytest.mark.parametrize(("first", "second"), [("a", "ab"), ("a/b", "a/bc"), ("ab/c", "a"), ("a.txt", "a/b")])
def test_names_that_only_begin_alike_do_not_clash(begun, first, second):
    send(begun, first)
    send(begun, second)
    assert begun.files.count() == 2


@pytest.mark.parametrize("upload_id", ["nonsense", "", "0" * 32, "\x00", None, 7])
def test_an_upload_that_was_never_started_is_not_found(place, contributor, upload_id):
    with pytest.raises(UploadNotFound):
        uploads.find_upload(workspace=place, upload_id=upload_id, by=contributor)


def test_an_upload_is_found_by_its_maker_in_its_workspace_only(begun, place, owner, contributor):
    assert uploads.find_upload(workspace=place, upload_id=begun.pk, by=contributor) == begun
    for where, who in ((place, owner), (objects.workspace("speech"), contributor)):
        with pytest.raises(UploadNotFound):
            uploads.find_upload(workspace=where, upload_id=begun.pk, by=who)


def long_ago(blob=None, upload=None):
    past = timezone.now() - timedelta(days=2)
    Blob.objects.filter(pk=getattr(blob, "pk", None)).update(touched_time=past)
    Upload.objects.filter(pk=getattr(upload, "pk", None)).update(touched_time=past)


def test_sweeping_forgets_content_that_nothing_refers_to(begun, data_dir):
    file = send(begun)
    begun.delete()
    long_ago(file.blob)
    assert collecting.sweep() == 1
    assert kept(data_dir) == [] and not Blob.objects.exists()


def test_sweeping_keeps_what_arrived_lately(begun, data_dir):
    send(begun)
    begun.delete()
    assert collecting.sweep() == 0
    assert len(kept(data_dir)) == 1


@pytest.mark.parametrize("referrer", ["upload", "version", "revision"])
def test_sweeping_keeps_what_something_refers_to(place, contributor, data_dir, referrer):
    if referrer == "upload":
        objects.upload(place, contributor, {"score.py": b"run"})
    elif referrer == "version":
        objects.version(place, contributor, files={"score.py": b"run"})
    else:
        source = objects.upload(place, contributor, {"score.py": b"run"})
        objects.deployment(place, contributor, source=source, inference_config={"entryScript": "score.py"})
    past = timezone.now() - timedelta(days=2)
    Blob.objects.update(touched_time=past)
    assert collecting.sweep() == 0
    assert sha256(b"run") in kept(data_dir)


def test_content_that_comes_again_while_it_waits_for_the_sweep_is_young_again(begun, place, contributor):
    file = send(begun)
    begun.delete()
    long_ago(file.blob)
    again = send(uploads.start_upload(workspace=place, by=contributor))
    again.delete()
    assert collecting.sweep() == 0
    with blobs.open_blob(file.blob_id) as stream:
        assert stream.read() == b"weights"


def test_an_upload_left_alone_for_a_day_goes_and_one_in_use_stays(begun, place, contributor):
    send(begun)
    long_ago(upload=begun)
    fresh = uploads.start_upload(workspace=place, by=contributor)
    assert uploads.sweep() > 0
    assert list(Upload.objects.all()) == [fresh]


def test_each_file_keeps_its_upload_from_being_left_alone(begun):
    long_ago(upload=begun)
    send(begun)
    assert uploads.sweep() == 0


def test_the_worker_sweeps_both(begun, data_dir):
    file = send(begun)
    long_ago(file.blob, begun)
    sweep()
    assert not Upload.objects.exists() and kept(data_dir) == []


def test_a_discarded_upload_gives_back_at_once_what_only_it_brought(begun, place, contributor, store):
    objects.version(place, contributor, files={"shared": b"shared"})
    for path, content in (("a", b"alone"), ("b", b"alone"), ("c", b"shared")):
        send(begun, path, content)
    uploads.discard_upload(upload=begun)
    assert list(Blob.objects.values_list("pk", flat=True)) == [sha256(b"shared")]
    assert store.size_of(sha256(b"alone")) is None and store.size_of(sha256(b"shared")) == 6


def test_what_an_unpacked_archive_brought_goes_with_the_upload_too(begun, store):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inside", b"inside")
    send(begun, "packed.zip", packed.getvalue())
    archives.unpack(upload=begun, path="packed.zip")
    uploads.discard_upload(upload=begun)
    assert store.size_of(sha256(b"inside")) is None


def test_content_that_somebody_else_came_for_outlives_a_discarded_upload(begun, store):
    send(begun)
    came_for = blobs.store([b"weights"], expected_size=7)  # nothing refers to it yet
    uploads.discard_upload(upload=begun)
    assert Blob.objects.get() == came_for and store.size_of(came_for.pk) == 7
