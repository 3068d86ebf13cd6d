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
    """`suffixes` of the files it is known by; a name without a dot in front is the whole file name."""

    framework: str
    suffixes: tuple[str, ...]
    module: str
    looks_like: str
    shared: bool = False  # can be loaded before workers are forked


KINDS = (
    Kind("MLflow", ("MLmodel",), "slipway_scoring.loaders.mlflow", "a folder with a file MLmodel (MLflow)"),
    Kind("ONNX", (".onnx",), "slipway_scoring.loaders.onnx", "*.onnx (ONNX)"),
    Kind(
        "scikit-learn",
        (".pkl", ".pickle", ".joblib", ".sav"),
        "slipway_scoring.loaders.scikit_learn",
        "*.pkl, *.pickle, *.joblib, *.sav (scikit-learn)",
        shared=True,
    ),
    Kind("scikit-learn", (".skops",), "slipway_scoring.loaders.skops", "*.skops (scikit-learn)", shared=True),
    Kind("XGBoost", (".ubj", ".xgb"), "slipway_scoring.loaders.boosting", "*.ubj, *.xgb (XGBoost)"),
    Kind("LightGBM", (".lgb",), "slipway_scoring.loaders.boosting", "*.lgb (LightGBM)"),
)


@dataclass(frozen=True, slots=True)
class Found:
    kind: Kind
    path: Path


def load(root: Path, framework: str = "") -> Predictor:
    """Raises BootFailure: model-missing, model-ambiguous, framework-missing, model-not-loadable."""
    found = choose(root, framework)
    try:
        loader = importlib.import_module(found.kind.module)
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
        candidates = [found for found in candidates if _same(found.kind.framework, framework)] or candidates
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
        if "MLmodel" in files:
            yield Found(KINDS[0], Path(folder))
            folders.clear()  # what lies below belongs to that model
            continue
        for name in sorted(files):
            if not name.startswith("."):
                yield from _of_file(Path(folder, name))


def _of_file(path: Path):
    for kind in KINDS:
        if path.name in kind.suffixes:
            yield Found(kind, path.parent)
        elif path.suffix.lower() in kind.suffixes:
            yield Found(kind, path)


def _same(framework: str, given: str) -> bool:
    return framework.replace("-", "").lower() == given.replace("-", "").lower()


def _relative(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path != root else path.name
