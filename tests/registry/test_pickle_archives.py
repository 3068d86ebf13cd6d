"""Pickles inside archives, packed streams, arrays and other formats are found by their content."""

import bz2
import gzip
import io
import lzma
import os
import pickle
import tarfile
import zipfile
import zlib

import numpy
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from registry.models import Risk
from tests.registry.payloads import Mine, Payload, X, Y, facts_of, risk_of


@pytest.fixture
def payload(tmp_path):
    return Payload(tmp_path / "was-run")


PACKED = {
    "gzip": gzip.compress, "zlib": zlib.compress, "bz2": bz2.compress, "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "twice": lambda data: gzip.compress(bz2.compress(data)),
    "two members": lambda data: gzip.compress(data[:40]) + gzip.compress(data[40:]),
}  # fmt: skip


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_a_packed_payload_is_found(payload, pack):
    assert risk_of(pack(pickle.dumps([StandardScaler(), payload])))[0] == Risk.UNSAFE


def _npy(array) -> bytes:
    file = io.BytesIO()
    numpy.save(file, array, allow_pickle=True)
    return file.getvalue()


def _npz(**arrays) -> bytes:
    file = io.BytesIO()
    numpy.savez_compressed(file, **arrays)
    return file.getvalue()


def test_arrays_of_objects_are_pickles(payload):
    hostile = numpy.array([payload], dtype=object)
    assert risk_of(_npy(hostile), "x.npy")[0] == Risk.UNSAFE
    assert risk_of(_npz(a=X, b=hostile), "x.npz")[0] == Risk.UNSAFE


def zipped(content: bytes, name: str = "archive/data.pkl", method: int = zipfile.ZIP_STORED) -> bytearray:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("archive/version", "3")
        archive.writestr(name, content)
    return bytearray(file.getvalue())


def _flagged(archive: bytearray) -> bytearray:
    """The flag "encrypted" in the directory alone: Python's zipfile asks for a password, torch does not look."""
    at = archive.index(b"PK\x01\x02", archive.index(b"PK\x01\x02") + 4)
    archive[at + 8] |= 1
    return archive


def _wrong_sum(archive: bytearray) -> bytearray:
    at = archive.index(b"PK\x01\x02", archive.index(b"PK\x01\x02") + 4)
    archive[at + 16 : at + 20] = b"\x00\x00\x00\x00"
    return archive


ZIP_TRICKS = {
    "plain": lambda data: zipped(data), "deflated": lambda data: zipped(data, method=zipfile.ZIP_DEFLATED),
    "flagged as encrypted": lambda data: _flagged(zipped(data)),
    "with a wrong checksum": lambda data: _wrong_sum(zipped(data)),
    "under another name": lambda data: zipped(data, "archive/data/0"),
    "in an archive": lambda data: zipped(zipped(data)),
    "behind other bytes": lambda data: b"GIF89a" + bytes(zipped(data)),
    "behind a harmless pickle": lambda data: pickle.dumps([1]) + bytes(zipped(data)),
    "packed once more": lambda data: zipped(gzip.compress(data), "a.joblib"),
}  # fmt: skip


@pytest.mark.parametrize("trick", ZIP_TRICKS.values(), ids=ZIP_TRICKS)
def test_a_payload_in_a_zip_is_found_whatever_the_archive_says_of_it(payload, trick):
    risk, why = risk_of(bytes(trick(pickle.dumps(payload))), "model.pt")
    assert risk == Risk.UNSAFE and "model.pt:" in why


def test_a_zip_whose_directory_is_broken_is_unknown(payload):
    archive = zipped(pickle.dumps(payload))
    del archive[-30:]
    assert risk_of(bytes(archive), "model.pt")[0] == Risk.UNKNOWN


def test_a_payload_in_a_tar_is_found(payload):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        info = tarfile.TarInfo("inner/weights")
        content = pickle.dumps(payload)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    assert risk_of(file.getvalue(), "model.tar.gz")[0] == Risk.UNSAFE


def test_the_types_of_a_skops_file_are_judged():
    assert risk_of(skops.io.dumps(LogisticRegression().fit(X, Y)), "model.skops")[0] == Risk.KNOWN
    assert risk_of(skops.io.dumps(Mine()), "model.skops")[0] == Risk.UNKNOWN


def test_a_lambda_layer_of_keras_is_unknown():
    config = b'{"config": {"layers": [{"class_name": "Lambda", "config": {}}]}}'
    risk, why = risk_of(bytes(zipped(config, "config.json")), "model.keras")
    assert risk == Risk.UNKNOWN and "Lambda" in why
    assert risk_of(b"\x89HDF\r\n\x1a\n" + b"\x00" * 1000 + config, "model.h5")[0] == Risk.UNKNOWN


def test_files_without_pickles_carry_no_risk():
    files = {"a.onnx": b"\x08\x08", "readme.md": b"# cos\nsin\n(a)", "data.csv": b"a,b\n1,2\n", "w": os.urandom(9_999),
             "x.npy": _npy(X), "x.npz": _npz(x=X), "notes": b"N.", "empty": b""}  # fmt: skip
    facts = facts_of(files)
    assert (facts.risk, facts.risk_reasons) == (Risk.NONE, [])
