"""The tus protocol, as its clients speak it: https://tus.io/protocols/resumable-upload."""

import hashlib
import os
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from django.utils import timezone

from registry import blobs, uploads
from registry.models import Blob, IncomingFile, Upload, UploadFile
from tests import objects
from tests.registry.sender import STREAM, Sender, sha256, text64

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender(place, contributor):
    return Sender(place, contributor)


def staged() -> list[str]:
    return sorted(path.name for path in blobs.staging_path("").iterdir())


def test_a_file_sent_in_two_pieces_is_one_file(sender):
    address = sender.begun(11, "weights/model.bin")
    assert sender.patch(address, 0, b"hello ")["Upload-Offset"] == "6"
    assert sender.offset(address) == 6 and sender.files() == {}
    answer = sender.patch(address, 6, b"world")
    assert (answer.status_code, answer["Upload-Offset"], answer.content) == (204, "11", b"")
    assert sender.files() == {"weights/model.bin": b"hello world"} and staged() == []


def test_the_first_bytes_may_come_with_the_creation(sender):
    answer = sender.begin(5, body=b"hel")
    assert (answer.status_code, answer["Upload-Offset"]) == (201, "3")
    sender.patch(answer["Location"], 3, b"lo")
    assert sender.files() == {"model.bin": b"hello"}


def test_all_bytes_may_come_with_the_creation(sender):
    answer = sender.begin(5, body=b"hello")
    assert answer["Upload-Offset"] == "5" and sender.files() == {"model.bin": b"hello"}


def test_a_file_of_nothing_is_here_as_soon_as_it_is_announced(sender):
    assert sender.offset(sender.begun(0, "__init__.py")) == 0
    assert sender.files() == {"__init__.py": b""} and staged() == []


def test_nothing_announced_as_something_is_refused(sender):
    answer = sender.begin(0, sha256=sha256(b"secret"))
    assert (answer.status_code, answer.json()["code"]) == (460, "checksum-differs")
    assert not IncomingFile.objects.exists() and not UploadFile.objects.exists()


def test_a_client_that_missed_the_last_answer_learns_that_all_is_here(sender):
    address = sender.begun(5)
    sender.patch(address, 0, b"hello")
    answer = sender.ask("HEAD", address)
    assert (answer["Upload-Offset"], answer["Upload-Length"]) == ("5", "5")
    assert sender.patch(address, 5, b"").status_code == 204


def test_head_says_what_it_is_and_is_never_cached(sender):
    answer = sender.ask("HEAD", sender.begun(5, "größe.bin"))
    assert answer["Upload-Metadata"] == f"path {text64('größe.bin')}"
    assert answer["Cache-Control"] == "no-store" and answer["Tus-Resumable"] == "1.0.0"


def test_filename_will_do_where_a_client_sends_no_path(sender):
    metadata = f"filetype {text64('x/y')},filename {text64('model.pkl')},empty"
    sender.ask("POST", "", b"abc", Upload_Length="3", Upload_Metadata=metadata)
    assert list(sender.files()) == ["model.pkl"]


@pytest.mark.parametrize("offset", [0, 2, 4, 5, 99])
def test_a_wrong_offset_is_refused_and_says_the_right_one(sender, offset):
    address = sender.begun(6)
    sender.patch(address, 0, b"abc")
    answer = sender.patch(address, offset, b"xyz")
    assert (answer.status_code, answer.json()["code"], answer.json()["offset"]) == (409, "offset-differs", 3)
    sender.patch(address, 3, b"def")
    assert sender.files() == {"model.bin": b"abcdef"}


def test_more_than_was_announced_is_refused_and_what_was_good_stays(sender):
    address = sender.begun(4)
    sender.patch(address, 0, b"ab")
    answer = sender.patch(address, 2, b"cde")
    assert (answer.status_code, answer.json()["code"]) == (400, "tus-invalid")
    assert sender.offset(address) == 2 and sender.files() == {}


def test_the_whole_is_checked_against_the_digest_announced(sender, data_dir):
    good = sender.begun(5, sha256=sha256(b"hello").upper())
    assert sender.patch(good, 0, b"hello").status_code == 204
    bad = sender.begun(5, "other.bin", sha256=sha256(b"hello"))
    answer = sender.patch(bad, 0, b"hellO")
    assert (answer.status_code, answer.json()["code"]) == (460, "checksum-differs")
    assert sender.ask("HEAD", bad).status_code == 404
    assert list(sender.files()) == ["model.bin"] and staged() == [] and Blob.objects.count() == 1


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_each_piece_may_carry_a_checksum(sender, algorithm):
    address = sender.begun(10)
    digest = text64(hashlib.new(algorithm, b"hello").digest())
    assert sender.patch(address, 0, b"hello", Upload_Checksum=f"{algorithm} {digest}").status_code == 204
    answer = sender.patch(address, 5, b"wOrld", Upload_Checksum=f"{algorithm} {digest}")
    assert (answer.status_code, answer.json()["code"]) == (460, "checksum-differs")
    assert sender.offset(address) == 5
    sender.patch(address, 5, b"world")
    assert sender.files() == {"model.bin": b"helloworld"}


@pytest.mark.parametrize("checksum", ["", "sha1", "sha1 !!!", "sha1 aGVsbG8=", "crc32 aGVsbG8=", "sha256 "])
def test_a_checksum_that_cannot_be_read_is_refused(sender, checksum):
    address = sender.begun(5)
    answer = sender.patch(address, 0, b"hello", Upload_Checksum=checksum)
    assert (answer.status_code, answer.json()["code"]) == (400, "tus-invalid")
    assert sender.offset(address) == 0


def test_what_is_taken_back_is_gone_with_its_bytes(sender):
    address = sender.begun(10)
    sender.patch(address, 0, b"hello")
    assert sender.ask("DELETE", address).status_code == 204
    assert sender.ask("HEAD", address).status_code == 404
    assert sender.patch(address, 5, b"world").status_code == 404
    assert staged() == [] and not IncomingFile.objects.exists()


def test_options_tells_what_is_spoken_here(sender):
    answer = sender.client.options(sender.address)
    assert answer.status_code == 204 and answer["Tus-Version"] == "1.0.0"
    assert {"creation", "creation-with-upload", "termination", "expiration", "checksum"} == set(
        answer["Tus-Extension"].split(",")
    )
    assert "sha1" in answer["Tus-Checksum-Algorithm"].split(",")


@pytest.mark.parametrize("version", ["0.2.2", "1.0.1", ""])
def test_another_version_of_the_protocol_is_refused(sender, version):
    address = sender.begun(5)
    for method, where in (("POST", ""), ("HEAD", address), ("PATCH", address), ("DELETE", address)):
        answer = sender.ask(method, where, Tus_Resumable=version)
        assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")
    assert sender.offset(address) == 0


def test_another_type_of_bytes_is_refused(sender):
    address = sender.begun(5)
    answer = sender.ask("PATCH", address, b"hello", "application/json", Upload_Offset="0")
    assert (answer.status_code, answer.json()["code"]) == (415, "tus-type-wrong")


@pytest.mark.parametrize("offset", ["", "-1", "one", "1.5", "١", "9" * 30])
def test_an_offset_that_is_no_number_is_refused(sender, offset):
    assert sender.ask("PATCH", sender.begun(5), b"hello", Upload_Offset=offset).status_code == 400


@pytest.mark.parametrize("length", ["", "-1", "many", "1e3", "9" * 16, "9" * 40])
def test_a_length_that_is_no_number_of_bytes_is_refused(sender, length):
    answer = sender.ask("POST", Upload_Length=length, Upload_Metadata=f"path {text64('a')}")
    assert (answer.status_code, answer.json()["code"]) == (400, "tus-invalid")
    assert answer.json()["advice"]


@pytest.mark.parametrize("metadata", ["", "path", "path !!", "path /w==", "path YQ==,path Yg==", "filetype YQ=="])
def test_metadata_that_names_no_file_is_refused(sender, metadata):
    answer = sender.ask("POST", Upload_Length="5", Upload_Metadata=metadata)
    assert (answer.status_code, answer.json()["code"]) == (400, "tus-invalid")


@pytest.mark.parametrize("path", ["../up", "/etc/passwd", "a\x00b", "a\nb", "C:x", "a\\b", "x" * 10_000, "a//b"])
def test_paths_that_play_tricks_are_refused(sender, path):
    answer = sender.begin(5, path)
    assert (answer.status_code, answer.json()["code"]) == (422, "path-invalid")
    assert not IncomingFile.objects.exists()


def test_a_digest_that_is_none_is_refused(sender):
    assert sender.begin(5, sha256="abc").json()["code"] == "tus-invalid"


def test_a_file_on_its_way_and_a_folder_do_not_clash(sender):
    sender.begun(5, "a/b")
    assert sender.begin(5, "a").json()["code"] == "path-invalid"


def test_what_cannot_fit_is_refused_before_it_is_sent(sender):
    answer = sender.begin(2**52)
    assert (answer.status_code, answer.json()["code"]) == (507, "disk-full")
    assert not IncomingFile.objects.exists()


def test_the_same_path_begun_again_replaces_what_was_on_its_way(sender):
    first = sender.begun(5)
    sender.patch(first, 0, b"old")
    second = sender.begun(3)
    assert sender.ask("HEAD", first).status_code == 404
    sender.patch(second, 0, b"new")
    assert sender.files() == {"model.bin": b"new"} and staged() == []


def test_a_file_sent_at_once_replaces_the_same_on_its_way(sender):
    sender.patch(sender.begun(5), 0, b"old")
    uploads.receive_file(upload=sender.upload, path="model.bin", chunks=[b"new"], size=3)
    assert sender.files() == {"model.bin": b"new"} and staged() == []
    uploads.check_whole(sender.upload)


def test_another_sender_sees_nothing_of_it(sender, place, owner, reader):
    address = sender.begun(5)
    for user in (owner, reader):
        other = objects.with_token(user)
        for method in ("HEAD", "PATCH", "DELETE"):
            answer = other.generic(
                method, address, b"x", STREAM, headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
            )
            assert answer.status_code == (403 if user == reader and method != "HEAD" else 404)
    assert sender.offset(address) == 0


def test_the_method_may_be_overridden(sender):
    address = sender.begun(5)
    answer = sender.ask("POST", address, b"hello", Upload_Offset="0", X_HTTP_Method_Override="PATCH")
    assert answer.status_code == 204 and sender.files() == {"model.bin": b"hello"}


def test_when_it_expires_is_told_and_moves_with_every_piece(sender):
    address = sender.begun(5)
    Upload.objects.update(touched_time=timezone.now() - timedelta(hours=20))
    before = parsedate_to_datetime(sender.ask("HEAD", address)["Upload-Expires"])
    after = parsedate_to_datetime(sender.patch(address, 0, b"he")["Upload-Expires"])
    assert timedelta(hours=19) < after - before < timedelta(hours=21)


def test_what_was_left_alone_for_a_day_is_swept_with_its_bytes(sender):
    sender.patch(sender.begun(5), 0, b"he")
    assert uploads.sweep() == 0 and len(staged()) == 1
    Upload.objects.update(touched_time=timezone.now() - timedelta(hours=25))
    assert uploads.sweep() > 0
    assert staged() == [] and not IncomingFile.objects.exists()


def test_staged_bytes_without_a_row_are_swept_unless_they_are_young(sender):
    stray = blobs.staging_path("stray")
    stray.write_bytes(b"x")
    assert uploads.sweep() == 0 and stray.exists()
    os.utime(stray, (0, 0))
    sender.patch(sender.begun(5), 0, b"he")
    os.utime(blobs.staging_path(IncomingFile.objects.get().pk), (0, 0))
    assert uploads.sweep() == 1 and not stray.exists() and len(staged()) == 1


def test_discarding_the_upload_gives_the_space_back_at_once(sender):
    sender.patch(sender.begun(5), 0, b"he")
    uploads.discard_upload(upload=sender.upload)
    assert staged() == []


def test_nothing_is_registered_while_a_file_is_on_its_way(sender):
    address = sender.begun(5)
    sender.patch(address, 0, b"he")
    asked = {"name": "m", "upload": str(sender.upload.pk)}
    models = sender.address.partition("uploads")[0] + "models"
    answer = sender.client.post(models, asked, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "upload-unfinished")
    assert "2 of 5 bytes" in answer.json()["detail"]
    sender.patch(address, 2, b"llo")
    assert sender.client.post(models, asked, content_type="application/json").status_code == 201
