"""Models in their frameworks' own files, which the runtime loads without an entry script: known by how they begin."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from registry.models import Framework
from registry.reading import zips
from registry.reading.compressed import CannotUnpack
from registry.reading.files import FactFile, Part

_HEAD = 64
_TAIL = 512
_MOST_TEXT = 64 * 1024 * 1024
_UBJ_VERSION = re.compile(rb"version\[#L\x00{7}\x03i(.)i(.)i(.)\}", re.DOTALL)
_JSON_VERSION = re.compile(rb'"version":\[(\d{1,4}),(\d{1,4}),(\d{1,4})\]\s*\}\s*$')
_SKLEARN_VERSION = re.compile(r'"_sklearn_version":\s*\{[^{}]*"content":\s*"\\"(\d[\w.+]{0,31})\\""')
_VERSION = re.compile(r"\d[\w.+]{0,31}")
# From here on there is a package of XGBoost without what only GPUs need, a tenth of the size.
_FIRST_WITHOUT_GPU = (2, 1, 1)


@dataclass(frozen=True, slots=True)
class Format:
    """`needs` are the distributions that loading it takes, `versions` those of them it was saved with."""

    framework: str
    why: str
    needs: tuple[str, ...]
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        return next(iter(self.versions.values()), "")


def read_format(files: list[FactFile]) -> Format | None:
    """Of the first file that is one."""
    for file in files:
        read = _READERS.get(file.suffix) or _READERS.get(file.basename)
        found = read(file) if read else None
        if found is not None:
            return found
    return None


def _boosted(file: FactFile) -> Format | None:
    head = _head(file)
    if head.startswith(b"tree\nversion="):
        return Format(Framework.LIGHTGBM, f"{file.path} is a model of LightGBM.", ("lightgbm", "numpy", "scipy"))
    if head.startswith((b'{"learner":', b"{L\0\0\0\0\0\0\0\7learner")):
        return _xgboost(file)
    return None


def _xgboost(file: FactFile) -> Format:
    with file.open() as stream:
        stream.seek(max(0, stream.seek(0, 2) - _TAIL))
        tail = stream.read(_TAIL)
    said = _UBJ_VERSION.search(tail)
    parts = tuple(part[0] for part in said.groups()) if said else None
    if said := _JSON_VERSION.search(tail):
        parts = tuple(map(int, said.groups()))
    name = "xgboost-cpu" if parts is None or parts >= _FIRST_WITHOUT_GPU else "xgboost"
    versions = {name: ".".join(map(str, parts))} if parts else {}
    return Format(Framework.XGBOOST, f"{file.path} is a model of XGBoost.", (name, "scikit-learn"), versions)


def _keras(file: FactFile) -> Format | None:
    if file.suffix == ".keras":
        texts = _members(file, lambda name: name == "metadata.json")
        if texts is None:
            return None
        said = _from_json(texts.get("metadata.json", b""), "keras_version")
        versions = {"keras": said} if said.split(".")[0].isdigit() and int(said.split(".")[0]) >= 3 else {}
    elif _head(file).startswith(b"\x89HDF\r\n\x1a\n"):
        versions = {}
    else:
        return None
    return Format(Framework.TF_KERAS, f"{file.path} is a Keras model.", ("keras", "jax"), versions)


def _saved_model(file: FactFile) -> Format:
    return Format(Framework.TENSORFLOW, f"{file.path} is a TensorFlow SavedModel.", ("tensorflow-cpu",))


def _torch(file: FactFile) -> Format | None:
    """Programs alone: weights, and modules that were pickled, do not bring the code that runs them."""
    names = _members(file, lambda name: False)
    if names is None:
        return None
    within = {name.partition("/")[2] or name for name in names}
    if "constants.pkl" in within and any(name.startswith("code/") for name in within):
        what = "TorchScript program"
    elif "serialized_exported_program.json" in names or (
        "archive_format" in within and any(name.startswith("models/") for name in within)
    ):
        what = "exported program of PyTorch"
    else:
        return None
    return Format(Framework.PYTORCH, f"{file.path} is a {what}.", ("torch", "numpy"))


def _skops(file: FactFile) -> Format | None:
    texts = _members(file, lambda name: name == "schema.json")
    if not texts or "schema.json" not in texts:
        return None
    said = _SKLEARN_VERSION.search(texts["schema.json"].decode("utf-8", "replace"))
    versions = {"scikit-learn": said[1]} if said else {}
    why = f"{file.path} is a skops file of scikit-learn objects."
    return Format(Framework.SCIKIT_LEARN, why, ("scikit-learn", "skops"), versions)


_READERS: dict[str, Callable[[FactFile], Format | None]] = {
    **dict.fromkeys((".ubj", ".xgb", ".json", ".bst", ".model", ".lgb", ".txt"), _boosted),
    **dict.fromkeys((".keras", ".h5", ".hdf5"), _keras),
    **dict.fromkeys((".pt", ".pth", ".pt2"), _torch),
    ".skops": _skops,
    "saved_model.pb": _saved_model,
}


def _head(file: FactFile) -> bytes:
    with file.open() as stream:
        return stream.read(_HEAD)


def _members(file: FactFile, wanted: Callable[[str], bool]) -> dict[str, bytes] | None:
    """The names in a zip, with the bytes of those `wanted`; None where it is no zip or a broken one."""
    if not _head(file).startswith(b"PK\3\4"):
        return None
    found: dict[str, bytes] = {}
    try:
        with file.open() as stream:
            for member in zips.members(Part.whole(stream)):
                found[member.name] = member.stream.read(_MOST_TEXT) if wanted(member.name) and member.stream else b""
    except CannotUnpack:
        return None
    return found


def _from_json(text: bytes, key: str) -> str:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    said = said.get(key) if isinstance(said, dict) else None
    return said if isinstance(said, str) and _VERSION.fullmatch(said) else ""
