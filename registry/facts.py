"""What a model's files say about themselves, read as bytes and never run."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import BinaryIO

import yaml

from registry.models import Framework

PICKLES = (".pkl", ".pickle", ".joblib", ".sav")
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
# How pickle writes a text: SHORT_BINUNICODE (protocol 4 and later), BINUNICODE, GLOBAL (older).
_TEXT = rb"(?:\x8c.|X.{4}|c)"
_MODULE = re.compile(_TEXT + rb"(" + b"|".join(name.encode() for name in DISTRIBUTION) + rb")[.\w]*", re.DOTALL)
_MEMO = rb"(?:\x94|q.|r.{4})?"
_SKLEARN_VERSION = re.compile(rb"_sklearn_version" + _MEMO + rb"(?:\x8c(.)|X(.{4}))", re.DOTALL)


@dataclass(slots=True)
class Facts:
    """`why` says in words what the guess rests on; `versions` is by distribution."""

    framework: str = Framework.CUSTOM
    framework_version: str = ""
    why: str = "No known model format among the files: deploy it with an entry script."
    pickles: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    libraries: list[str] = field(default_factory=list)
    mlmodel: dict[str, object] = field(default_factory=dict)
    requirements: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FactFile:
    """A file to read facts from: its path, and how to open it."""

    path: str
    open: Callable[[], BinaryIO]

    @property
    def suffix(self) -> str:
        return "." + self.path.rsplit(".", 1)[-1].lower() if "." in self.path else ""

    @property
    def basename(self) -> str:
        return self.path.rsplit("/", 1)[-1]


def read_facts(files: list[FactFile]) -> Facts:
    """The framework of `files` and what else their bytes tell, without running any of them."""
    facts = Facts()
    pickles = [file for file in files if file.suffix in PICKLES]
    facts.pickles = [file.path for file in pickles]
    for file in pickles:
        with file.open() as stream:
            _read_pickle(stream, facts)
    mlmodel = min((file for file in files if file.basename == "MLmodel"), key=lambda f: f.path.count("/"), default=None)
    if mlmodel:
        _read_mlflow(mlmodel, files, facts)
    elif onnx := [file for file in files if file.suffix == ".onnx"]:
        facts.framework, facts.why = Framework.ONNX, f"{onnx[0].path} is an ONNX file."
    elif pickles:
        _judge_pickles(facts)
    return facts


def _read_pickle(stream: BinaryIO, facts: Facts) -> None:
    content = stream.read(_HEAD_BYTES)
    for found in _MODULE.finditer(content):
        library = DISTRIBUTION[found[1].decode()]
        if library not in facts.libraries:
            facts.libraries.append(library)
    if version := _SKLEARN_VERSION.search(content):
        size = int.from_bytes(version[1] or version[2], "little")
        facts.versions["scikit-learn"] = content[version.end() : version.end() + size].decode("utf-8", "replace")


def _judge_pickles(facts: Facts) -> None:
    path = facts.pickles[0]
    if "scikit-learn" in facts.libraries:
        facts.framework = Framework.SCIKIT_LEARN
        facts.framework_version = facts.versions.get("scikit-learn", "")
        facts.why = f"{path} is a pickle of scikit-learn objects."
    else:
        facts.why = f"{path} is a pickle, but not of scikit-learn objects: deploy it with an entry script."


def _read_mlflow(mlmodel: FactFile, files: list[FactFile], facts: Facts) -> None:
    facts.framework = Framework.MLFLOW
    facts.why = f"{mlmodel.path} describes an MLflow model."
    with mlmodel.open() as stream:
        try:
            described = yaml.safe_load(stream.read(1024 * 1024))
        except yaml.YAMLError:
            facts.why = f"{mlmodel.path} is named like an MLflow model's description, but is not YAML."
            return
    if not isinstance(described, dict):
        return
    flavors = described.get("flavors") if isinstance(described.get("flavors"), dict) else {}
    python = flavors.get("python_function") if isinstance(flavors.get("python_function"), dict) else {}
    facts.framework_version = str(described.get("mlflow_version", ""))
    facts.mlmodel = {"flavors": sorted(map(str, flavors)), "python_version": str(python.get("python_version", ""))}
    folder = mlmodel.path[: -len("MLmodel")]
    for file in files:
        if file.path == f"{folder}requirements.txt":
            with file.open() as stream:
                lines = stream.read(1024 * 1024).decode("utf-8", "replace").splitlines()
            facts.requirements = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
