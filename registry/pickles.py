"""What a pickle's bytes tell of the libraries it needs. Nothing is ever unpickled here."""

import bz2
import lzma
import re
import zlib
from dataclasses import dataclass, field
from typing import BinaryIO

# Import name -> distribution, for the libraries whose pickles this registry can name.
DISTRIBUTION = {
    "sklearn": "scikit-learn",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
    "pandas": "pandas",
    "imblearn": "imbalanced-learn",
    "statsmodels": "statsmodels",
}
_HEAD_BYTES = 64 * 1024 * 1024
_MODULE = rb"(" + b"|".join(name.encode() for name in DISTRIBUTION) + rb")(?:\.[\w.]*)?"
_MEMO = rb"(?:\x94|q.|r.{4})?"
# A class is named by GLOBAL up to protocol 3, and since protocol 4 by two texts and STACK_GLOBAL.
# Its name may be one that came before: then it is fetched (h, j). A text alone names no class.
_CLASS = re.compile(
    rb"c" + _MODULE + rb"\n\w[\w.]*\n|\x8c." + _MODULE + _MEMO + rb"(?:\x8c.[\w.]+" + _MEMO + rb"|h.|j.{4})\x93",
    re.DOTALL,
)
_SKLEARN_VERSION = re.compile(rb"_sklearn_version" + _MEMO + rb"(?:\x8c(.)|X(.{4}))", re.DOTALL)
# It becomes part of a requirement, so it must look like a version and like nothing else.
_VERSION = re.compile(rb"\d[\w.+]{0,31}")


@dataclass(slots=True)
class PickleFacts:
    """Distributions in the order they were met, and the versions that are written in the pickle."""

    libraries: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)


def read_pickle(stream: BinaryIO) -> PickleFacts:
    """Facts of a pickle, or of one that joblib wrote, compressed or not; empty for anything else."""
    content = _uncompressed(stream.read(_HEAD_BYTES))
    facts = PickleFacts()
    met = (DISTRIBUTION[(found[1] or found[2]).decode()] for found in _CLASS.finditer(content))
    facts.libraries = list(dict.fromkeys(met))
    if b"ColumnTransformer" in content and "pandas" not in facts.libraries:
        facts.libraries.append("pandas")  # nothing in the pickle is of pandas, but without it columns have no names
    if said := _SKLEARN_VERSION.search(content):
        size = int.from_bytes(said[1] or said[2], "little")
        version = content[said.end() : said.end() + size] if size <= 32 else b""
        if _VERSION.fullmatch(version):
            facts.versions["scikit-learn"] = version.decode()
    return facts


def _uncompressed(content: bytes) -> bytes:
    """As far as `_HEAD_BYTES` go, however much more a hostile file would grow to."""
    decompressor = _decompressor(content)
    if decompressor is None:
        return content
    try:
        return decompressor.decompress(content, _HEAD_BYTES)
    except (zlib.error, lzma.LZMAError, OSError, ValueError):
        return content


def _decompressor(content: bytes):
    """By the first bytes, as joblib tells them apart."""
    if content.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(wbits=31)
    if content.startswith(b"x"):
        return zlib.decompressobj()
    if content.startswith(b"BZ"):
        return bz2.BZ2Decompressor()
    if content.startswith((b"\xfd7zXZ", b"]\x00")):
        return lzma.LZMADecompressor()
    return None
