"""Archives that people have unpacked lie in their place, whole."""

import io
import tarfile
import zipfile

import pytest

from registry import archives, uploads
from registry.errors import UploadNotFound
from tests import objects
from tests.registry.packing import FILES, tarred, zipped

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_zip_is_replaced_by_what_it_holds(unpack, method):
    assert unpack(zipped(*FILES, method=method)) == dict(FILES)


@pytest.mark.parametrize(("mode", "path"), [
    ("w", "m.tar"), ("w:gz", "m.tar.gz"), ("w:gz", "m.tgz"), ("w:bz2", "m.tar.bz2"), ("w:xz", "m.tar.xz"),
    ("w:gz", "named-wrongly.zip"),
])  # fmt: skip
@pytest.mark.parametrize("layout", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_a_tar_is_replaced_by_what_it_holds(unpack, mode, path, layout):
    assert unpack(tarred(*FILES, mode=mode, format=layout), path) == dict(FILES)


@pytest.mark.parametrize(("names", "expected"), [
    (["m/a", "m/b/c"], ["m/a", "m/b/c"]),  # one folder: as it is
    (["a.pkl"], ["a.pkl"]),  # one file: as it is
    (["a", "b/c"], ["model/a", "model/b/c"]),  # several: in a folder of the archive's name
    (["m/a", "m2/b"], ["model/m/a", "model/m2/b"]),
])  # fmt: skip
def test_what_an_archive_holds_lies_in_one_folder(unpack, names, expected):
    assert list(unpack(zipped(*((name, b"x") for name in names)), "model.zip")) == expected


def test_what_an_archive_in_a_folder_holds_lies_beside_it(unpack):
    assert list(unpack(tarred(("a", b"x"), ("b", b"y"), mode="w:gz"), "deep/er/data.tar.gz")) == [
        "deep/er/data/a",
        "deep/er/data/b",
    ]


def test_names_as_tar_writes_them_from_inside_a_folder_are_understood(unpack):
    assert list(unpack(tarred(("./model/a", b"x"), ("././model/b", b"y")), "m.tar")) == ["model/a", "model/b"]


def test_what_desktops_leave_in_archives_is_left_out(unpack):
    junk = [("__MACOSX/m/._a", b"j"), ("m/.DS_Store", b"j"), ("m/Thumbs.db", b"j")]
    assert list(unpack(zipped(("m/a", b"x"), *junk))) == ["m/a"]


def test_folders_are_no_files(unpack):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, kind in (("m", tarfile.DIRTYPE), ("m/empty", tarfile.DIRTYPE), ("m/a", tarfile.REGTYPE)):
            info = tarfile.TarInfo(name)
            info.type = kind
            archive.addfile(info)
    assert list(unpack(packed.getvalue(), "m.tar")) == ["m/a"]


def test_names_in_other_scripts_are_kept(unpack):
    names = ["m/größe.bin", "m/модель.pkl", "m/模型.onnx"]
    assert sorted(unpack(zipped(*((name, b"x") for name in names)))) == sorted(names)


def test_names_that_are_utf8_without_saying_so_are_understood(unpack):
    """As `zip` on Linux writes them: bytes of UTF-8, without the flag."""
    packed = zipped(("m/gr__e", b"x")).replace(b"gr__e", "gr\u00f6e".encode())
    assert list(unpack(packed)) == ["m/gr\u00f6e"]


def test_other_files_of_the_upload_stay(upload, unpack):
    uploads.receive_file(upload=upload, path="notes.txt", chunks=[b"n"], size=1)
    assert list(unpack(zipped(("m/a", b"x")))) == ["m/a", "notes.txt"]


def test_an_archive_that_is_not_there_is_not_found(upload):
    with pytest.raises(UploadNotFound, match="no file"):
        archives.unpack(upload=upload, path="nothing.zip")


def test_nothing_is_unpacked_unasked(place, contributor):
    """A .pt, .npz or .keras file is a zip as well."""
    made = objects.version(place, contributor, files={"model.pt": zipped(("model/data.pkl", b"x"))})
    assert [file.path for file in made.files.all()] == ["model.pt"]
