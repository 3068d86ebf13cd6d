"""Uploads, registrations and sweeps at once, on the database this runs on; and processes killed half way."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from registry import blobs, collecting, stores, uploads
from registry.errors import BlobMissing, UploadBrokenOff
from registry.models import Blob, UploadFile, VersionFile
from tests import objects
from tests.conftest import missing
from tests.journeys.servers import postgres_bin, postgresql
from tests.running import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
WAIT_S = 60


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keep(content: bytes = b"weights") -> Blob:
    return blobs.store([content], expected_size=len(content))


def forgotten(sha256: str) -> None:
    Blob.objects.filter(pk=sha256).update(touched_time=timezone.now() - timedelta(days=30))


class Thread(threading.Thread):
    """Closes its database connection, and hands on what went wrong."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work, self.result, self._wrong = work, None, None
        self.start()

    def run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as exc:
            self._wrong = exc
        finally:
            connections.close_all()

    def ended(self) -> object:
        self.join(WAIT_S)
        assert not self.is_alive(), "it did not end"
        if self._wrong:
            raise self._wrong
        return self.result


def test_content_that_comes_again_while_it_is_swept_is_there_afterwards(store, monkeypatch):
    """The sweep has the row's lock: who brings the same content waits for it, and writes both anew."""
    forgotten(keep().pk)
    again: list[Thread] = []
    real = type(store).delete

    def delete(self, sha256):
        again.append(Thread(keep))
        again[0].join(0.5)
        assert again[0].is_alive(), "it did not wait for the sweep"
        real(self, sha256)

    monkeypatch.setattr(type(store), "delete", delete)
    assert collecting.sweep() == 1
    assert again[0].ended() == Blob.objects.get() and store.size_of(digest(b"weights")) == 7


def test_the_sweep_waits_for_content_that_is_just_looked_at_again_and_leaves_it(store, monkeypatch):
    """Old when the sweep chose it, touched when the sweep has its lock."""
    forgotten(keep().pk)
    sweeping: list[Thread] = []
    real = type(store).size_of

    def size_of(self, sha256):
        if not sweeping:
            old = timezone.now() - timedelta(days=1)
            chosen = Blob.objects.filter(sha256=sha256, touched_time__lt=old)
            sweeping.append(Thread(lambda: collecting._forget(chosen)))
            sweeping[0].join(0.5)
        return real(self, sha256)

    monkeypatch.setattr(type(store), "size_of", size_of)
    blob = keep()
    assert sweeping[0].ended() is False
    assert store.size_of(blob.pk) == 7 and Blob.objects.get() == blob


def test_a_registration_that_is_not_committed_yet_keeps_its_content(store, place, contributor):
    """Its new reference cannot be seen yet, and its old one not longer than until it can."""
    version = objects.version(place, contributor, files={"other": b"other"})
    upload = objects.upload(place, contributor, {"model.pkl": b"weights"})
    forgotten(digest(b"weights"))
    with transaction.atomic():
        file = upload.files.get()
        VersionFile.objects.create(version=version, path=file.path, blob=file.blob)
        file.delete()
        sweeping = Thread(collecting.sweep)
        sweeping.join(0.5)  # on SQLite it waits for us, on PostgreSQL it need not
    assert sweeping.ended() == 0
    assert store.size_of(digest(b"weights")) == 7 and Blob.objects.filter(pk=digest(b"weights")).exists()


def test_whoever_wins_what_is_referred_to_is_there(store, place, contributor, monkeypatch):
    """With no hour of grace at all: a reference may be refused, but never to content that is gone."""
    monkeypatch.setattr(collecting, "KEEP_UNREFERRED", timedelta(0))
    upload = uploads.start_upload(workspace=place, by=contributor)
    contents, over = [b"one", b"two", b"three"], threading.Event()

    def bring(seed: int) -> int:
        chance, kept = random.Random(seed), 0
        for n in range(15):
            content = chance.choice(contents)
            try:
                blob = keep(content)
                file = UploadFile.objects.create(upload=upload, path=f"{seed}/{n}", blob=blob)
            except (UploadBrokenOff, IntegrityError, Blob.DoesNotExist):
                continue
            kept += 1
            # Not looked at here: without the hour of grace the row may be one that another has just written, whose
            # bytes are still on their way. In the end they are there.
            if chance.random() < 0.8:
                file.delete()
        return kept

    def sweep() -> int:
        went = 0
        while not over.is_set():
            went += collecting.sweep()
        return went

    sweepers, bringers = [Thread(sweep) for _ in range(2)], [Thread(lambda seed=seed: bring(seed)) for seed in range(3)]
    try:
        kept = sum(bringer.ended() for bringer in bringers)
    finally:
        over.set()
    went = sum(sweeper.ended() for sweeper in sweepers)
    assert kept > 0 and went > 0, "the two never met"
    for file in UploadFile.objects.select_related("blob"):
        assert store.size_of(file.blob_id) == file.blob.size
    for blob in Blob.objects.all():
        assert store.size_of(blob.pk) == blob.size


@contextmanager
def killed(at: Callable[[Callable], None], work: Callable[[], object]):
    """Another process does `work` and is killed where `at` has it stop."""
    connections.close_all()
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            stores._s3.cache_clear()

            def stop(*_, **__):
                os.write(writes, b"here")
                signal.pause()

            at(stop)
            work()
        finally:
            os._exit(1)
    try:
        os.close(writes)
        assert os.read(reads, 4) == b"here", "it never came there"
    finally:
        os.close(reads)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    yield


def test_a_process_killed_while_a_file_arrives_leaves_nothing_to_be_seen(store, data_dir):
    stops = []

    def arriving():
        yield b"x" * 1_000_000
        stops[0]()

    with killed(stops.append, lambda: blobs.store(arriving(), expected_size=2_000_000)):
        assert not Blob.objects.exists()
        left = list((data_dir / "blobs" / "arriving").iterdir())
        assert len(left) == 1
    assert collecting.drop_leftovers() == 0 and left[0].exists()
    os.utime(left[0], (0, 0))
    assert collecting.drop_leftovers() == 1 and not left[0].exists()


def test_a_process_killed_between_row_and_bytes_can_be_done_again(store):
    def at(stop):
        type(store).put = stop

    with killed(at, keep):
        row = Blob.objects.get()
        assert row.verified_time is None and store.size_of(row.pk) is None
        with pytest.raises(BlobMissing):
            blobs.open_blob(row.pk)
    assert keep() == row and store.size_of(row.pk) == 7


def test_a_process_killed_between_bytes_and_its_last_look_loses_nothing(store):
    def at(stop):
        type(store).size_of = stop

    with killed(at, keep):
        row = Blob.objects.get()
        assert store.size_of(row.pk) == 7
    forgotten(row.pk)
    assert collecting.sweep() == 1 and store.size_of(row.pk) is None


def test_a_process_killed_in_the_middle_of_a_multipart_upload_leaves_no_object(bucket):
    content = os.urandom(20 * 1024 * 1024)

    def at(stop):
        events = stores.current()._patient.meta.events
        events.register("before-call.s3.CompleteMultipartUpload", stop)

    with killed(at, lambda: keep(content)):
        assert bucket.keys() == [] and len(bucket.unfinished()) == 1
        assert stores.current().size_of(digest(content)) is None
    assert collecting.drop_leftovers() == 1 and bucket.unfinished() == []
    assert keep(content).size == len(content)


@pytest.mark.skipif(connection.vendor == "postgresql", reason="this is that run")
def test_all_of_this_holds_on_postgresql_too(tmp_path):
    if not postgres_bin():
        missing("PostgreSQL")
    with postgresql(tmp_path / "postgres") as url:
        command = [sys.executable, "-m", "pytest", "-q", "-x", str(ROOT / "tests/registry/test_blob_races.py")]
        environ = os.environ | {"DATABASE_URL": url, "SLIPWAY_DATA": ""}
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
