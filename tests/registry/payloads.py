"""Pickles that do something when they are read, and what is read of them."""

import io
import os
from pathlib import Path

import joblib
import numpy

from registry.reading import FactFile, Facts, read_facts


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, path) -> None:
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def facts_of(files: dict[str, bytes], **options) -> Facts:
    return read_facts([FactFile(path, lambda data=data: io.BytesIO(data)) for path, data in files.items()], **options)


def facts_of_file(path: Path, name: str = "") -> Facts:
    """Of a file on the disk, as it lies in the store: systems refuse places that a stream in memory takes."""
    return read_facts([FactFile(name or path.name, lambda: path.open("rb"))])


def risk_of(content: bytes, path: str = "model.pkl") -> tuple[str, str]:
    facts = facts_of({path: content})
    return facts.risk, " ".join(facts.risk_reasons)


def dumped(value: object, **options) -> bytes:
    file = io.BytesIO()
    joblib.dump(value, file, **options)
    return file.getvalue()


X = numpy.random.default_rng(1).random((60, 4))
Y = [0, 1] * 30


class Mine:
    """Of no library."""
