"""Files and folders on their way out: whole, in ranges, gone on with; the same from every store."""

import asyncio
import hashlib
import io
import shutil
import subprocess
import zipfile

import pytest
from django.test import Client

from registry import stores
from registry.models import Blob
from tests import objects
from tests.stored import spoil
from workspaces.tokens import create_token

pytestmark = pytest.mark.django_db
V = "/api/v1/workspaces/vision/models/digits/versions/1"
CONTENT = bytes(range(256)) * 40
FILES = {"model.pkl": CONTENT, "conf/empty.txt": b"", "conf/naïve модель.txt": b"text", "b": b"\x00\xff"}


@pytest.fixture
def version(store, place, contributor):
    """On each store in its turn."""
    return objects.version(place, contributor, "digits", files=FILES)


@pytest.fixture
def get(version, contributor):
    client = Client(headers={"Authorization": f"Bearer {create_token(user=contributor, name='ci')[1]}"})

    def getting(path: str = "files/model.pkl", method: str = "get", **headers: str):
        return getattr(client, method)(f"{V}/{path}", headers={k.replace("_", "-"): v for k, v in headers.items()})

    return getting


def body(answer) -> bytes:
    """Of an answer made for ASGI."""

    async def joined() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return asyncio.run(joined())


def test_a_file_comes_whole_and_says_that_it_can_be_had_in_parts(get):
    answer = get()
    assert (answer.status_code, body(answer)) == (200, CONTENT)
    assert answer["Content-Length"] == "10240" and answer["Accept-Ranges"] == "bytes"
    assert answer["ETag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'


def test_an_empty_file_comes_too(get):
    answer = get("files/conf/empty.txt")
    assert (answer.status_code, answer["Content-Length"], body(answer)) == (200, "0", b"")


@pytest.mark.parametrize(("asked", "start", "stop"), [
    ("bytes=0-0", 0, 1), ("bytes=0-", 0, 10240), ("bytes=100-199", 100, 200), ("bytes=10239-", 10239, 10240),
    ("bytes=-1", 10239, 10240), ("bytes=-99999", 0, 10240), ("bytes=5-99999999999999999", 5, 10240),
    ("bytes= 7-9", 7, 10),
])  # fmt: skip
def test_a_range_is_what_it_says(get, asked, start, stop):
    answer = get(Range=asked)
    assert (answer.status_code, body(answer)) == (206, CONTENT[start:stop])
    assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/10240"
    assert answer["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_with_the_size(get, asked):
    answer = get(Range=asked)
    assert (answer.status_code, answer.json()["code"]) == (416, "range-invalid")
    assert answer["Content-Range"] == "bytes */10240" and answer.json()["size"] == 10240


@pytest.mark.parametrize("asked", [
    "bytes=0-1,5-6", "bytes=9-3", "bytes=-", "bytes=a-b", "lines=1-2", "bytes", "", "bytes=١-٢", "bytes=--1",
    "bytes=" + "9" * 30 + "-",
])  # fmt: skip
def test_ranges_that_are_several_or_none_get_the_whole(get, asked):
    answer = get(Range=asked)
    assert (answer.status_code, body(answer)) == (200, CONTENT)


def test_a_range_of_a_file_that_changed_meanwhile_gets_the_whole(get):
    etag = get()["ETag"]
    assert body(get(Range="bytes=1-3", If_Range=etag)) == CONTENT[1:4]
    for stale in ('"another"', f"W/{etag}", "Wed, 21 Oct 2026 07:28:00 GMT"):
        assert get(Range="bytes=1-3", If_Range=stale).status_code == 200


def test_who_has_it_already_is_told_so(get):
    etag = get()["ETag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        answer = get(If_None_Match=known)
        assert (answer.status_code, answer["ETag"]) == (304, etag)
    assert get(If_None_Match='"other"').status_code == 200
    assert get(If_Match='"other"').status_code == 412 and get(If_Match=etag).status_code == 200


@pytest.mark.parametrize("path", ["files/model.pkl", "archive"])
def test_head_says_the_length_and_sends_nothing(get, path):
    whole, head = get(path), get(path, "head", Range="bytes=0-3")
    assert head.status_code == 200 and head.content == b""
    for header in ("Content-Length", "ETag", "Content-Type", "Content-Disposition", "Accept-Ranges"):
        assert head[header] == whole[header]


def test_a_name_that_is_not_latin_arrives(get):
    found = get("files/conf/naïve модель.txt")["Content-Disposition"]
    assert found == "attachment; filename*=UTF-8''na%C3%AFve%20%D0%BC%D0%BE%D0%B4%D0%B5%D0%BB%D1%8C.txt"


def test_the_archive_gives_the_folder_back_byte_for_byte(get):
    answer = get("archive")
    packed = body(answer)
    assert answer["Content-Type"] == "application/zip" and len(packed) == int(answer["Content-Length"])
    assert answer["Content-Disposition"].endswith("digits-1.zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES


def test_the_archive_is_the_same_each_time_and_known_by_its_etag(get):
    first, second = get("archive"), get("archive")
    assert body(first) == body(second) and first["ETag"] == second["ETag"]
    assert get("archive", If_None_Match=first["ETag"]).status_code == 304


def test_an_archive_is_gone_on_with_where_it_broke_off(get):
    answer = get("archive")
    packed = body(answer)
    for start in (0, 1, 29, 30, 31, 45, 100, 10_000, len(packed) - 23, len(packed) - 22, len(packed) - 1):
        rest = get("archive", Range=f"bytes={start}-", If_Range=answer["ETag"])
        assert (rest.status_code, body(rest)) == (206, packed[start:])


def test_checksums_of_content_that_arrived_in_pieces_are_read_once(get):
    Blob.objects.update(crc32=None)
    with zipfile.ZipFile(io.BytesIO(body(get("archive")))) as archive:
        assert archive.testzip() is None
    assert not Blob.objects.filter(crc32=None).exists()


@pytest.mark.parametrize("program", [["unzip", "-q"], ["bsdtar", "-xf"], ["7z", "x"]], ids=lambda program: program[0])
def test_other_programs_unpack_it_too(get, tmp_path, program):
    if not shutil.which(program[0]):
        pytest.skip(f"{program[0]} is not here")
    (tmp_path / "digits.zip").write_bytes(body(get("archive")))
    (tmp_path / "out").mkdir()
    subprocess.run([*program, "../digits.zip"], cwd=tmp_path / "out", check=True, capture_output=True, timeout=30)
    out = tmp_path / "out"
    assert {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()} == FILES


@pytest.mark.parametrize("path", ["files/model.pkl", "archive"])
def test_a_lost_file_is_named_before_anything_is_sent(get, store, path):
    store.delete(hashlib.sha256(CONTENT).hexdigest())
    said = get(path).json()
    assert (said["status"], said["code"]) == (500, "blob-missing")
    assert "model.pkl of digits:1" in said["detail"] and "Register the same file again" in said["advice"]


@pytest.mark.parametrize("path", ["files/model.pkl", "archive"])
def test_a_file_known_to_be_damaged_is_not_handed_out(get, path):
    Blob.objects.filter(pk=hashlib.sha256(CONTENT).hexdigest()).update(damage=Blob.Damage.CHANGED)
    said = get(path).json()
    assert (said["status"], said["code"]) == (500, "blob-damaged")
    assert "model.pkl of digits:1" in said["detail"] and "Register the same file again" in said["advice"]


def test_the_other_files_of_a_damaged_version_can_be_had(get):
    Blob.objects.filter(pk=hashlib.sha256(CONTENT).hexdigest()).update(damage=Blob.Damage.CHANGED)
    assert body(get("files/b")) == FILES["b"]


def test_content_that_ends_early_breaks_the_connection(get, version):
    """Better than a short file that looks whole."""
    answer = get()
    spoil(stores.current(), hashlib.sha256(CONTENT).hexdigest(), CONTENT[:50])
    with pytest.raises(EOFError):
        body(get())
    answer.close()
