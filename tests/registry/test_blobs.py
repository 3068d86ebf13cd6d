"""What is said to be stored is there, in every store: also beside the sweep, and after bytes have rotted."""

import hashlib
import zlib
from datetime import timedelta

import pytest
from django.utils import timezone

from registry import blobs, collecting, stores
from registry.errors import BlobDamaged, BlobMissing, ChecksumDiffers, StoreUnavailable, UploadBrokenOff
from registry.models import Blob, UploadFile
from registry.services.verifying import check_intact, verify_blob, verify_version
from tests import objects
from tests.journeys.servers import s3
from tests.stored import spoil

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=30)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keep(content: bytes = b"weights", **more) -> Blob:
    return blobs.store([content], expected_size=len(content), **more)


def staged(content: bytes):
    path = blobs.staging_path("one")
    path.write_bytes(content)
    return path


def forgotten(blob: Blob) -> None:
    """As if it had been there for a month."""
    Blob.objects.filter(pk=blob.pk).update(touched_time=timezone.now() - LONG_AGO)


def local_files(data_dir, *folders: str) -> list[str]:
    return [path.name for name in folders for path in (data_dir / "blobs" / name).glob("*")]


def test_content_is_kept_once_and_nothing_stays_beside_it(store, data_dir):
    first, second = keep(), keep()
    assert first == second and store.size_of(first.pk) == 7 and Blob.objects.get() == first
    assert first.verified_time and first.damage == "" and first.crc32 == zlib.crc32(b"weights")
    assert local_files(data_dir, "arriving", "staging") == []


def test_a_staged_file_is_taken_in_and_gone_from_where_it_was(store, data_dir):
    path = staged(b"weights")
    blob = blobs.adopt(path, sha256=digest(b"weights"), size=7)
    assert not path.exists() and store.size_of(blob.pk) == 7
    assert b"".join(blobs.pieces_of(blob.pk)) == b"weights"


def test_what_arrived_is_not_what_was_announced(store, data_dir):
    with pytest.raises(ChecksumDiffers, match=digest(b"weights")):
        keep(expected_sha256="0" * 64)
    assert store.size_of(digest(b"weights")) is None and not Blob.objects.exists()
    assert local_files(data_dir, "arriving") == []
    assert keep(expected_sha256=digest(b"weights")).size == 7


def test_known_content_is_young_again_and_lost_content_is_not_known(store):
    blob = keep()
    forgotten(blob)
    assert blobs.keep_known(blob.pk, 7) == blob and collecting.sweep() == 0
    assert blobs.keep_known(blob.pk, 8) is None and blobs.keep_known("f" * 64, 7) is None
    store.delete(blob.pk)
    assert blobs.keep_known(blob.pk, 7) is None


def test_bytes_that_rot_are_found_refused_and_mended_by_the_same_file(store, place, contributor):
    version = objects.version(place, contributor, files={"net/model.pkl": b"weights", "b": b"fine"})
    spoil(store, digest(b"weights"), b"weighty")
    found = {check.path: check.outcome for check in verify_version(version=version)}
    assert found == {"net/model.pkl": "changed", "b": "ok"}
    with pytest.raises(BlobDamaged, match=r"net/model.pkl of digits:1 .* not those registered"):
        check_intact(version)
    keep(b"weights")
    check_intact(version)
    assert {check.outcome for check in verify_version(version=version)} == {"ok"}


def test_bytes_that_are_gone_are_found_refused_and_put_back_by_the_same_file(store, place, contributor):
    version = objects.version(place, contributor, files={"model.pkl": b"weights"})
    store.delete(digest(b"weights"))
    assert [check.outcome for check in verify_version(version=version)] == ["missing"]
    assert Blob.objects.get(pk=digest(b"weights")).damage == Blob.Damage.MISSING
    with pytest.raises(BlobMissing, match=r"model.pkl of digits:1"):
        check_intact(version)
    keep(b"weights")
    check_intact(version)
    assert Blob.objects.get(pk=digest(b"weights")).damage == ""


def test_a_restored_backup_is_believed_after_verifying(store, place, contributor):
    version = objects.version(place, contributor, files={"model.pkl": b"weights"})
    spoil(store, digest(b"weights"), b"other")
    verify_version(version=version)
    spoil(store, digest(b"weights"), b"weights")
    verify_version(version=version)
    check_intact(version)


def test_damage_read_while_the_file_came_again_is_not_written_down(store):
    spoil(store, keep().pk, b"rotten!")
    again = [b"weights"]

    def seen(size: int) -> None:
        if again:
            keep(again.pop())

    assert verify_blob(Blob.objects.get(), seen=seen) == "ok" and Blob.objects.get().damage == ""


def test_the_sweep_takes_row_and_bytes_of_what_nothing_refers_to(store):
    blob, young = keep(), keep(b"young")
    forgotten(blob)
    assert collecting.sweep() == 1
    assert store.size_of(blob.pk) is None and Blob.objects.get() == young and store.size_of(young.pk) == 5


def test_bytes_without_a_row_get_one_and_go_a_day_later(store):
    blob, other = keep(), keep(b"other")
    Blob.objects.filter(pk=blob.pk).delete()
    assert collecting.find_strays(blob.pk[:2]) == 1
    assert collecting.sweep() == 0 and store.size_of(blob.pk) == 7
    forgotten(blob)
    assert collecting.sweep() == 1 and store.size_of(blob.pk) is None
    assert store.size_of(other.pk) == 5 and collecting.find_strays(other.pk[:2]) == 0


def test_with_an_empty_database_nothing_in_the_store_is_a_stray(store):
    """The database is more likely the wrong one."""
    blob = keep()
    Blob.objects.all().delete()
    assert collecting.find_strays(blob.pk[:2]) == 0


def test_every_shard_has_its_turn():
    now = timezone.now()
    assert len({collecting.shard_of_the_hour(now + n * timedelta(minutes=10)) for n in range(256)}) == 256


def test_a_row_whose_bytes_never_came_goes_and_the_file_can_be_sent_again(store):
    """A process ended between the two."""
    blob = Blob.objects.create(sha256=digest(b"weights"), size=7)
    assert keep() == blob and store.size_of(blob.pk) == 7
    store.delete(blob.pk)
    forgotten(blob)
    assert collecting.sweep() == 1 and not Blob.objects.exists()


def test_content_swept_while_it_arrived_is_refused_and_never_promised(store, monkeypatch):
    """The process slept for longer than content is left alone, between putting the bytes and looking at them."""
    real = type(store).put

    def put_then_sleep(self, path, sha256):
        real(self, path, sha256)
        forgotten(Blob.objects.get())
        assert collecting.sweep() == 1

    monkeypatch.setattr(type(store), "put", put_then_sleep)
    with pytest.raises(UploadBrokenOff, match="removed from the store"):
        keep()
    assert not Blob.objects.exists()
    monkeypatch.setattr(type(store), "put", real)
    assert store.size_of(keep().pk) == 7


@pytest.mark.parametrize(("wrong", "said"), [
    ({"S3_BUCKET": "nowhere-to-be-found"}, "There is no bucket 'nowhere-to-be-found'"),
    ({"S3_ENDPOINT_URL": "http://127.0.0.1:9"}, "cannot be reached"),
])  # fmt: skip
def test_a_bucket_that_cannot_be_used_is_said(bucket, settings, wrong, said):
    for name, value in wrong.items():
        setattr(settings, name, value)
    for ask in (stores.current().check, lambda: blobs.open_blob("f" * 64), keep):
        with pytest.raises(StoreUnavailable, match=said) as refusal:
            ask()
        assert refusal.value.advice and "a-secret-of-the-tests" not in str(refusal.value)
    assert not UploadFile.objects.exists() and local_files(settings.DATA_DIR, "arriving") == []


def test_keys_that_s3_does_not_know_are_said_and_not_repeated(bucket, settings, tmp_path):
    with s3(tmp_path / "log", INITIAL_NO_AUTH_ACTION_COUNT="0") as guarded:
        settings.S3_ENDPOINT_URL = guarded
        with pytest.raises(StoreUnavailable, match=r"does not know the studio's keys") as refusal:
            stores.current().check()
    said = refusal.value.detail + refusal.value.advice
    assert "tester" not in said and "a-secret-of-the-tests" not in said


def test_without_any_keys_it_is_said_which_settings_they_have(bucket, settings, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    settings.S3_ACCESS_KEY_ID = settings.S3_SECRET_ACCESS_KEY = ""
    with pytest.raises(StoreUnavailable, match="no keys") as refusal:
        stores.current().check()
    assert "S3_ACCESS_KEY_ID" in refusal.value.advice


def test_a_folder_that_cannot_be_made_is_said(data_dir):
    (data_dir / "blobs").write_text("a file")
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        stores.current().check()
