"""One contract for all stores, kept on the real thing: a folder, and a bucket of an S3 server."""

import hashlib
import os
from datetime import timedelta

import pytest

from registry import stores
from registry.errors import BlobMissing

ABSENT = "f" * 64
LARGE = 40 * 1024 * 1024  # three parts on S3


def put(store, tmp_path, content: bytes) -> str:
    path = tmp_path / "local"
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    store.put(path, sha256)
    return sha256


@pytest.fixture(scope="module")
def noise() -> bytes:
    return os.urandom(LARGE)


def test_a_store_that_works_passes_its_check_and_nothing_is_left_of_it(store):
    store.check()
    assert [name for shard in ("ar", "00") for name in store.names(shard)] == []


@pytest.mark.parametrize("content", [b"", b"w", b"weights" * 1000], ids=len)
def test_content_comes_back_as_it_was(store, tmp_path, content):
    sha256 = put(store, tmp_path, content)
    assert store.size_of(sha256) == len(content)
    with store.open(sha256) as file:
        assert file.read() == content


def test_content_of_several_parts_comes_back_as_it_was(store, tmp_path, noise):
    with store.open(put(store, tmp_path, noise)) as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == hashlib.sha256(noise).hexdigest()


def test_reading_begins_where_it_is_wanted(store, tmp_path, noise):
    with store.open(put(store, tmp_path, noise), start=LARGE - 10) as file:
        assert file.read() == noise[-10:]


@pytest.mark.parametrize("steps", [
    [(0, 4), (LARGE - 8, 8), (100, 5)], [(10, 5), (20, 5), (500_000, 1000)], [(LARGE, 5)], [(LARGE + 9, 5)],
    [(5_000_000, 300_000), (5_000_010, 10)],
], ids=str)  # fmt: skip
def test_a_reader_may_go_to_and_fro(store, tmp_path, noise, steps):
    with store.open(put(store, tmp_path, noise)) as file:
        for position, length in steps:
            assert file.seek(position) == position
            assert file.read(length) == noise[position : position + length]
        assert file.seek(-3, os.SEEK_END) == LARGE - 3 and file.read() == noise[-3:]


def test_what_is_not_there_is_said_when_it_is_opened(store):
    with pytest.raises(BlobMissing, match=ABSENT):
        store.open(ABSENT)
    assert store.size_of(ABSENT) is None


def test_the_missing_ones_are_told_from_those_that_are_there(store, tmp_path):
    there = put(store, tmp_path, b"weights")
    assert store.missing([there, ABSENT, there]) == {ABSENT}


def test_content_that_comes_again_replaces_what_was_there(store, tmp_path):
    sha256 = put(store, tmp_path, b"weights")
    store.put(_written(tmp_path, b"WEIGHTS, mended"), sha256)
    with store.open(sha256) as file:
        assert file.read() == b"WEIGHTS, mended"


def _written(tmp_path, content: bytes):
    path = tmp_path / "again"
    path.write_bytes(content)
    return path


def test_what_is_being_read_can_be_replaced_and_removed(store, tmp_path, noise):
    sha256 = put(store, tmp_path, noise)
    with store.open(sha256) as file:
        first = file.read(1000)
        store.put(_written(tmp_path, noise), sha256)
        assert first + file.read(1000) == noise[:2000]


def test_deleted_content_is_gone_and_deleting_it_again_is_no_fault(store, tmp_path):
    sha256 = put(store, tmp_path, b"weights")
    store.delete(sha256)
    store.delete(sha256)
    assert store.size_of(sha256) is None


def test_all_content_is_listed_by_its_first_two_characters(store, tmp_path):
    put_there = {put(store, tmp_path, str(n).encode()): len(str(n)) for n in range(40)}
    shards = {sha256[:2] for sha256 in put_there}
    assert {name: size for shard in shards for name, size in store.names(shard)} == put_there
    assert list(store.names("zz")) == []


def test_what_a_killed_upload_left_in_the_bucket_goes_once_it_is_old(bucket):
    """This server dates everything that was begun to 2010."""
    for key in ("studio/aa/begun", "somebody/else"):
        bucket.client.create_multipart_upload(Bucket=bucket.name, Key=key)
    assert stores.current().drop_leftovers(timedelta(days=365 * 100)) == 0
    assert stores.current().drop_leftovers(timedelta(days=1)) == 1
    assert [each["Key"] for each in bucket.unfinished()] == ["somebody/else"]
