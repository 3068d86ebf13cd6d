"""Of what somebody made to do harm, nothing is unpacked, and nothing stays behind."""

import io
import os
import stat
import struct
import tarfile
import zipfile

import pytest

from registry import archive_entries, blobs, staging, uploads
from registry.errors import ArchiveRefused, DiskFull
from tests import objects
from tests.registry.conftest import contents
from tests.registry.packing import FILES, member, special, tarred, zipped

pytestmark = pytest.mark.django_db


TRICKS = [
    ("../up", "'..'"), ("m/../../up", "'..'"), ("/etc/passwd", "absolute"), ("C:/windows", "absolute"),
    ("C:\\windows", "absolute"), ("a\\..\\up", "backslash"), ("m//a", "empty part"), ("a\nb", "control"),
    ("a\x1b[31mb", "control"), ("a\x7fb", "control"), ("x" * 10_000, "too long"), ("d/" * 600 + "a", "too long"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reason"), TRICKS)
def test_names_in_a_zip_that_play_tricks_are_refused(refused, name, reason):
    refused(zipped(("m/good", b"x"), (name, b"x")), reason)


@pytest.mark.parametrize(("name", "reason"), TRICKS)
@pytest.mark.parametrize("layout", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_names_in_a_tar_that_play_tricks_are_refused(refused, name, reason, layout):
    refused(tarred(("m/good", b"x"), (name, b"x"), format=layout), reason, "m.tar")


def test_a_nul_in_a_zips_name_is_refused_and_not_cut_at(refused):
    refused(zipped(("m/goodX.sh", b"x")).replace(b"goodX", b"good\0"), "control")


def test_names_that_are_not_utf8_are_refused(refused):
    refused(zipped(("m/gr_e", b"x")).replace(b"gr_e", b"gr\xf6e"), "not UTF-8")


def test_names_in_a_tar_that_are_not_utf8_are_refused(refused):
    refused(tarred(("m/gr\u00f6e", b"x"), encoding="latin-1", format=tarfile.GNU_FORMAT), "not UTF-8", "m.tar")


def test_a_zip_that_claims_utf8_wrongly_is_refused(refused):
    packed = zipped(("m/gr\u00f6\u00f6e", b"x")).replace("gr\u00f6\u00f6e".encode(), b"gr\xff\xff\xff\xffe")
    refused(packed, "damaged")


@pytest.mark.parametrize(("kind", "what"), [
    (stat.S_IFLNK, "link"), (stat.S_IFCHR, "device"), (stat.S_IFBLK, "device"), (stat.S_IFIFO, "pipe"),
    (stat.S_IFSOCK, "device or pipe"),
])  # fmt: skip
def test_what_is_no_file_in_a_zip_is_refused(refused, kind, what):
    refused(special("m/evil", kind | 0o777, b"/etc/passwd"), f"has a .*{what}")


@pytest.mark.parametrize(("kind", "what"), [
    (tarfile.SYMTYPE, "link"), (tarfile.LNKTYPE, "link"), (tarfile.CHRTYPE, "device"), (tarfile.BLKTYPE, "device"),
    (tarfile.FIFOTYPE, "pipe"), (b"Z", "neither file nor folder"),
])  # fmt: skip
def test_what_is_no_file_in_a_tar_is_refused(refused, kind, what):
    refused(member("m/evil", kind, "/etc/passwd"), f"has an? .*{what}", "m.tar")


def test_a_sparse_file_in_a_tar_is_refused(refused):
    header = tarfile.TarInfo("m/sparse")
    packed = bytearray(header.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    packed[156:157] = tarfile.GNUTYPE_SPARSE
    packed[483:495] = b"777777777777"  # what it would be once its holes are filled
    packed[148:156] = b" " * 8
    packed[148:156] = f"{sum(packed[:512]):06o}\0 ".encode()
    refused(bytes(packed), "neither file nor folder", "m.tar")


def test_an_encrypted_zip_is_refused(refused):
    packed = bytearray(zipped(("m/secret", b"x" * 100)))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(signature) + at] |= 1
    refused(bytes(packed), "encrypted")


def test_a_method_that_is_not_read_here_is_refused(refused):
    refused(zipped(("m/a", b"x" * 1000), method=zipfile.ZIP_LZMA), "method")


@pytest.mark.parametrize(("names", "reason"), [
    (["m/a", "m/a"], "twice"), (["m/A", "m/a"], "upper and lower case alone"),
    (["m/gr\u00f6e", "m/gro\u0308e"], "twice"), (["m/a", "m/a/b"], "file and a folder"),
    (["m/a/b", "m/a"], "file and a folder"), (["m/x/b", "m/X"], "file and a folder"),
])  # fmt: skip
def test_names_that_cannot_lie_together_are_refused(refused, names, reason):
    refused(zipped(*((name, b"x") for name in names)), reason)


def test_a_name_that_is_in_the_upload_already_is_refused(upload, unpack):
    uploads.receive_file(upload=upload, path="m/a", chunks=[b"mine"], size=4)
    with pytest.raises(ArchiveRefused, match="twice"):
        unpack(zipped(("m/a", b"x")))
    assert contents(upload)["m/a"] == b"mine"


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(archive_entries, "RATIO_FROM_BYTES", 100_000)
    monkeypatch.setattr(archive_entries, "MAX_BYTES", 5_000_000)
    monkeypatch.setattr(archive_entries, "MAX_ENTRIES", 20)


def test_a_zip_that_unpacks_to_a_thousand_times_its_size_is_refused(refused, small_limits):
    refused(zipped(("m/zeros", bytes(2_000_000))), "200 times its size")


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_a_tar_that_unpacks_to_a_thousand_times_its_size_is_refused(refused, small_limits, mode):
    refused(tarred(("m/zeros", bytes(4_000_000)), mode=mode), "200 times its size", "m.tgz")


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_that_holds_more_than_any_model_is_refused(refused, small_limits, pack):
    refused(pack(("m/a", os.urandom(3_000_000)), ("m/b", os.urandom(3_000_000))), "more than 5000000 bytes")


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_of_too_many_entries_is_refused(refused, small_limits, pack):
    refused(pack(*((f"m/{number}", b"x") for number in range(21))), "more than 20 entries")


def test_a_zip_that_lies_about_its_sizes_unpacks_to_no_more_than_it_says(refused):
    packed = zipped(("m/a", b"x" * 5000))
    refused(packed.replace(struct.pack("<L", 5000), struct.pack("<L", 10)), "damaged")


def test_entries_of_a_zip_that_share_bytes_are_refused(refused):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("m/a", b"x" * 1000)
        archive.writestr("m/b", b"x" * 1000)
        archive.filelist[1].header_offset = archive.filelist[0].header_offset
        archive._didModify = True
    refused(packed.getvalue(), "overlap|damaged")


def test_a_zip_whose_index_claims_to_be_huge_is_refused(refused, monkeypatch):
    monkeypatch.setattr(archive_entries, "_MAX_INDEX_BYTES", 70_000)
    refused(zipped(*((f"m/{number:0200}", b"") for number in range(1000))), "index or a header")


def test_a_tar_whose_header_claims_to_be_huge_is_refused(refused, monkeypatch):
    monkeypatch.setattr(archive_entries, "_MAX_HEADER_BYTES", 20_000)
    refused(tarred(("m/" + "x" * 30_000, b"")), "header of more than", "m.tar")


@pytest.mark.parametrize("path", ["m.zip", "m.tar", "m.tar.gz", "m.tar.bz2", "m.tar.xz"])
@pytest.mark.parametrize("content", [
    b"", b"PK", b"PK\x03\x04" + bytes(100), b"no archive at all" * 100, b"\x1f\x8b" + bytes(50), b"BZh9" + bytes(50),
    b"\xfd7zXZ\x00" + bytes(50),
])  # fmt: skip
def test_what_is_no_archive_is_refused(refused, path, content):
    refused(content, "damaged|no zip or tar", path)


PACKED = {"m.zip": zipped(*FILES), "m.tar": tarred(*FILES)} | {
    f"m.tar.{kind}": tarred(*FILES, mode=f"w:{kind}") for kind in ("gz", "bz2", "xz")
}


@pytest.mark.parametrize("path", PACKED)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_half_an_archive_is_refused(refused, path, share):
    refused(PACKED[path][: int(len(PACKED[path]) * share)], "damaged|no zip or tar", path)


def test_a_tar_cut_between_two_files_is_refused(refused):
    refused(tarred(("m/a", b"x" * 512), ("m/b", b"y"))[:1024], "ends in the middle", "m.tar")


def test_a_changed_byte_in_a_zip_is_noticed(refused):
    packed = bytearray(zipped(("m/a", b"weights" * 100), method=zipfile.ZIP_STORED))
    packed[packed.index(b"weights")] ^= 1
    refused(bytes(packed), "damaged")


@pytest.mark.parametrize("content", [zipped(), zipped(("m/.DS_Store", b"x")), tarred()], ids=["zip", "junk", "tar"])
def test_an_archive_without_a_file_is_refused(refused, content):
    refused(content, "holds no file|no zip or tar|damaged")


def test_a_disk_that_fills_up_leaves_the_archive_as_it_was(upload, unpack, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(staging, "write", full)
    with pytest.raises(DiskFull, match=r"What model\.zip holds does not fit"):
        unpack(zipped(*FILES))
    assert list(contents(upload)) == ["model.zip"] and list(blobs.staging_path("").iterdir()) == []


def test_over_rest_the_files_that_came_out_are_told(upload, contributor):
    uploads.receive_file(upload=upload, path="m.zip", chunks=[zipped(*FILES)], size=None)
    client = objects.with_token(contributor)
    address = f"/api/v1/workspaces/vision/uploads/{upload.pk}/unpack"
    answer = client.post(address, {"path": "m.zip"}, content_type="application/json")
    assert [file["path"] for file in answer.json()["files"]] == [name for name, _ in FILES]
    again = client.post(address, {"path": "m.zip"}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (404, "upload-not-found")
    uploads.receive_file(upload=upload, path="evil.zip", chunks=[zipped(("../up", b"x"))], size=None)
    evil = client.post(address, {"path": "evil.zip"}, content_type="application/json")
    assert (evil.status_code, evil.json()["code"]) == (422, "archive-refused")


@pytest.mark.parametrize("far", [2**62 - 1, 2**63 - 1, 2**63, 2**64 - 1])
def test_a_zip_whose_file_lies_further_off_than_any_disk_reaches_is_refused(refused, far):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("m/good", b"x")
        packed.getinfo("m/good").header_offset = far
    refused(file.getvalue(), "damaged")
