"""What a model's files say about themselves, read as bytes and never run."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import BinaryIO

import yaml

from registry.models import Framework
from registry.pickles import read_pickle
from workspaces.texts import storable

PICKLES = (".pkl", ".pickle", ".joblib", ".sav")
_MOST_TEXT = 1024 * 1024
_MOST_REQUIREMENTS = 1000


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
            found = read_pickle(stream)
        facts.libraries += [library for library in found.libraries if library not in facts.libraries]
        facts.versions = found.versions | facts.versions
    mlmodel = min((file for file in files if file.basename == "MLmodel"), key=lambda f: f.path.count("/"), default=None)
    if mlmodel:
        _read_mlflow(mlmodel, files, facts)
    elif onnx := [file for file in files if file.suffix == ".onnx"]:
        facts.framework, facts.why = Framework.ONNX, f"{onnx[0].path} is an ONNX file."
    elif pickles:
        _judge_pickles(facts)
    return facts


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
    described = _mapping(_yaml(mlmodel))
    if not described:
        facts.why = f"{mlmodel.path} is named like an MLflow model's description, but is not a YAML object."
        return
    flavors = _mapping(described.get("flavors"))
    python = _mapping(flavors.get("python_function"))
    facts.framework_version = _word(described.get("mlflow_version"))
    facts.mlmodel = {
        "flavors": sorted(map(_word, flavors))[:20],
        "python_version": _word(python.get("python_version")),
    }
    beside = mlmodel.path.removesuffix("MLmodel") + "requirements.txt"
    facts.requirements = next((_lines(file) for file in files if file.path == beside), [])


def _yaml(file: FactFile) -> object:
    with file.open() as stream:
        try:
            return yaml.safe_load(stream.read(_MOST_TEXT))
        # The last three are how hostile numbers, dates and nesting end.
        except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
            return None


def _mapping(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str:
    """Scalars only: a list of aliases of lists of aliases can be written in a line and fill the memory."""
    return storable(str(value))[:64] if isinstance(value, str | float) else ""


def _lines(file: FactFile) -> list[str]:
    with file.open() as stream:
        text = storable(stream.read(_MOST_TEXT).decode("utf-8", "replace"))
    lines = (line.strip() for line in text.splitlines()[:_MOST_REQUIREMENTS])
    return [line for line in lines if line and not line.startswith("#")]
