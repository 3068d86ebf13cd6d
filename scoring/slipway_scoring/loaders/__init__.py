"""Finds the one model in a folder by its files alone, and loads it with the loader of that framework."""

import importlib
import os
from dataclasses import dataclass
from pathlib import Path

from slipway_scoring.dataplane import Predictor
from slipway_scoring.errors import BootFailure
from slipway_scoring.listing import tree


@dataclass(frozen=True, slots=True)
class Kind:
    """Files it is known by: those with one of `suffixes`, and those with one of `shared_suffixes` that begin with one
    of `heads`. A name without a dot in front is the whole name of a file, whose folder is the model then."""

    framework: str
    module: str
    looks_like: str
    suffixes: tuple[str, ...] = ()
    shared_suffixes: tuple[str, ...] = ()
    heads: tuple[bytes, ...] = ()
    forked: bool = False  # can be loaded before workers are forked
    registered: str = ""  # the framework's name in the registry, where it is another

    @property
    def is_folder(self) -> bool:
        return not self.suffixes[0].startswith(".")


KINDS = (
    Kind("MLflow", "mlflow", "a folder with a file MLmodel (MLflow)", ("MLmodel",)),
    Kind("TensorFlow", "tensorflow", "a folder with a file saved_model.pb (TensorFlow)", ("saved_model.pb",)),
    Kind("ONNX", "onnx", "*.onnx (ONNX)", (".onnx",)),
    Kind(
        "scikit-learn",
        "scikit_learn",
        "*.pkl, *.pickle, *.joblib, *.sav (scikit-learn)",
        (".pkl", ".pickle", ".joblib", ".sav"),
        forked=True,
    ),
    Kind("scikit-learn", "skops", "*.skops (scikit-learn)", (".skops",), forked=True),
    Kind(
        "XGBoost",
        "boosting",
        "*.ubj, *.xgb, and *.json, *.bst, *.model of XGBoost",
        (".ubj", ".xgb"),
        (".json", ".bst", ".model"),
        (b'{"learner":', b"{L\0\0\0\0\0\0\0\7learner"),
    ),
    Kind("LightGBM", "boosting", "*.lgb, and *.txt of LightGBM", (".lgb",), (".txt", ".model"), (b"tree\nversion=",)),
    Kind("Keras", "keras", "*.keras, *.h5, *.hdf5 (Keras)", (".keras", ".h5", ".hdf5"), registered="TfKeras"),
    Kind("PyTorch", "torch", "*.pt, *.pth, *.pt2 (PyTorch programs)", (".pt", ".pth", ".pt2")),
)
_LONGEST_HEAD = 64


@dataclass(frozen=True, slots=True)
class Found:
    kind: Kind
    path: Path


def load(root: Path, framework: str = "") -> Predictor:
    """Raises BootFailure: model-missing, model-ambiguous, framework-missing, model-not-loadable."""
    found = choose(root, framework)
    try:
        loader = importlib.import_module(f"{__name__}.{found.kind.module}")
        return loader.load(found.path)
    except BootFailure:
        raise
    except ModuleNotFoundError as error:
        words = f"{found.path.name} needs the Python module {error.name!r}, which this environment does not have."
        raise BootFailure("framework-missing", f"{words} Add the package that holds it to the requirements.") from error
    except BaseException as error:
        words = f"{found.path.name} could not be loaded as a {found.kind.framework} model"
        raise BootFailure("model-not-loadable", f"{words}: {type(error).__name__}: {error}") from error


def choose(root: Path, framework: str = "") -> Found:
    """The one thing below `root` (a file or a folder) that can be loaded.

    Where there are several kinds, `framework` (as registered, e.g. "ScikitLearn") decides."""
    candidates = [*_candidates(root)]
    if len(candidates) > 1:
        candidates = [found for found in candidates if _is_of(found.kind, framework)] or candidates
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        names = ", ".join(sorted(_relative(found.path, root) for found in candidates))
        words = f"There are {len(candidates)} models: {names}. Register them apart, or choose in an entry script."
        raise BootFailure("model-ambiguous", words)
    looked = "; ".join(kind.looks_like for kind in KINDS)
    there = ", ".join(line.strip() for line in tree(root, limit=20)) if root.exists() else "nothing"
    raise BootFailure("model-missing", f"No model in {root}. Looked for: {looked}. Found: {there}.")


def _candidates(root: Path):
    if root.is_file():
        yield from _of_file(root)
        return
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        whole = next((kind for kind in KINDS if kind.is_folder and kind.suffixes[0] in files), None)
        if whole is not None:
            yield Found(whole, Path(folder))
            folders.clear()  # what lies below belongs to that model
            continue
        for name in sorted(files):
            if not name.startswith("."):
                yield from _of_file(Path(folder, name))


def _of_file(path: Path):
    suffix = path.suffix.lower()
    for kind in KINDS:
        if path.name in kind.suffixes:
            yield Found(kind, path.parent)
        elif suffix in kind.suffixes or (suffix in kind.shared_suffixes and _head(path).startswith(kind.heads)):
            yield Found(kind, path)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST_HEAD)
    except OSError:
        return b""


def _is_of(kind: Kind, given: str) -> bool:
    names = (kind.framework, kind.registered)
    return given.replace("-", "").lower() in [name.replace("-", "").lower() for name in names if name]


def _relative(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path != root else path.name
