"""What a model's files say about themselves, read as bytes and never run."""

import re
from dataclasses import asdict, dataclass, field

from registry.models import Framework, Risk
from registry.reading.budget import SECONDS, Budget
from registry.reading.files import FactFile
from registry.reading.formats import read_format
from registry.reading.licences import read_licences
from registry.reading.looking import SUFFIXES, Found, look
from registry.reading.mlmodel import conda_of, pinned, read_mlmodel
from registry.reading.onnx import read_onnx
from registry.reading.pickles.machine import VERSION
from registry.reading.risk import judged, shown
from registry.reading.texts import lines_of

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
# It becomes part of a requirement, so it must look like a version and like nothing else.
_VERSION = re.compile(r"\d[\w.+]{0,31}")
_SCRIPT = "deploy it with an entry script."
_OWN_COLUMNS = ("risk", "signature", "sample_input")


@dataclass(slots=True)
class Facts:
    """`why` says in words what the guess rests on; `versions` is by distribution, `needs` are those that the runtime
    needs to load what a framework saved in a file of its own."""

    framework: str = Framework.CUSTOM
    framework_version: str = ""
    why: str = "No known model format among the files: deploy it with an entry script."
    pickles: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    libraries: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    python_version: str = ""
    mlmodel: dict[str, object] = field(default_factory=dict)
    requirements: list[str] = field(default_factory=list)
    onnx: dict[str, object] = field(default_factory=dict)
    pickle: dict[str, object] = field(default_factory=dict)
    licences: list[dict[str, str]] = field(default_factory=list)
    risk: str = Risk.NONE
    risk_reasons: list[str] = field(default_factory=list)
    signature: dict[str, object] = field(default_factory=dict)
    sample_input: object = None

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    def kept(self) -> dict[str, object]:
        """Without what a version has columns of its own for."""
        return {key: value for key, value in self.as_dict().items() if key not in _OWN_COLUMNS}


def read_facts(files: list[FactFile], *, seconds: float = SECONDS) -> Facts:
    """The framework of `files` and what else their bytes tell, without running any of them."""
    facts, budget = Facts(), Budget(seconds)
    found = [each for file in files for each in look(file, budget)]
    _read_pickles(found, files, facts)
    mlmodel = min((file for file in files if file.basename == "MLmodel"), key=lambda f: f.path.count("/"), default=None)
    graphs = [file for file in files if file.suffix == ".onnx"]
    if graphs:
        _read_graph(graphs[0], budget, facts)
    if mlmodel:
        _read_mlflow(mlmodel, files, facts)
    elif graphs:
        facts.framework, facts.why = Framework.ONNX, f"{graphs[0].path} is an ONNX file."
    elif kind := read_format(files):
        facts.framework, facts.framework_version, facts.why = kind.framework, kind.version, kind.why
        facts.needs, facts.versions = list(kind.needs), facts.versions | kind.versions
    else:
        _judge_files(files, found, facts)
    _read_environment(files, facts)
    facts.licences = read_licences(files)
    return facts


def _read_pickles(found: list[Found], files: list[FactFile], facts: Facts) -> None:
    verdict = judged(found)
    facts.risk, facts.risk_reasons = verdict.risk, verdict.reasons
    if verdict.imports or verdict.protocols:
        facts.pickle = {"protocols": verdict.protocols, "imports": verdict.imports}
    walked = {each.path.split(":")[0] for each in found if each.walk.is_pickle}
    facts.pickles = [file.path for file in files if file.suffix in SUFFIXES or file.path in walked]
    roots = dict.fromkeys(name.module.split(".")[0] for each in found for name in each.walk.imports)
    facts.libraries = [DISTRIBUTION[root] for root in roots if root in DISTRIBUTION]
    chosen = any(name.name == "ColumnTransformer" for each in found for name in each.walk.imports)
    if chosen and "pandas" not in facts.libraries:
        facts.libraries.append("pandas")  # nothing in the pickle is of pandas, but without it columns have no names
    said = next((each.walk.texts[VERSION] for each in found if VERSION in each.walk.texts), "")
    if _VERSION.fullmatch(said):
        facts.versions["scikit-learn"] = said
    if "torch" in roots:
        facts.framework, facts.why = Framework.PYTORCH, f"Its files hold objects of PyTorch: {_SCRIPT}"


def _judge_files(files: list[FactFile], found: list[Found], facts: Facts) -> None:
    """Where nothing else says what it is."""
    if facts.pickles and "scikit-learn" in facts.libraries:
        facts.framework = Framework.SCIKIT_LEARN
        facts.framework_version = facts.versions.get("scikit-learn", "")
        of_it = [each for each in found if any(name.module.split(".")[0] == "sklearn" for name in each.walk.imports)]
        facts.why = f"{_place(facts.pickles, of_it)} is a pickle of scikit-learn objects."
    elif facts.pickles and facts.framework == Framework.CUSTOM:
        facts.why = _why_custom(files, found, facts.pickles)


def _why_custom(files: list[FactFile], found: list[Found], pickles: list[str]) -> str:
    empty = {file.path for file in files if file.path in pickles and _is_empty(file)}
    full = [path for path in pickles if path not in empty]
    if not full:
        return f"{pickles[0]} is empty: it holds no model."
    place = _place(full, [each for each in found if each.walk.is_pickle])
    return f"{place} is a pickle, but not of scikit-learn objects: {_SCRIPT}"


def _place(pickles: list[str], found: list[Found]) -> str:
    """The first of `pickles` in which something was found: `model.pkl`, `model.pkl in folder.zip`."""
    for path in pickles:
        for each in found:
            if each.path == path:
                return path
            if each.path.startswith(f"{path}:"):
                return f"{shown(each.path.removeprefix(f'{path}:'))} in {path}"
    return pickles[0]


def _is_empty(file: FactFile) -> bool:
    with file.open() as stream:
        return not stream.read(1)


def _read_graph(file: FactFile, budget: Budget, facts: Facts) -> None:
    graph = read_onnx(file, budget)
    facts.onnx = graph.as_facts()
    facts.signature = graph.signature(file.path)


def _read_mlflow(mlmodel: FactFile, files: list[FactFile], facts: Facts) -> None:
    facts.framework = Framework.MLFLOW
    described = read_mlmodel(mlmodel, files)
    facts.why = described.fault or f"{mlmodel.path} describes an MLflow model."
    facts.framework_version = described.version
    facts.mlmodel, facts.requirements = described.facts, described.requirements
    facts.python_version = str(described.facts.get("python_version", ""))
    facts.signature = described.signature or facts.signature
    facts.sample_input = described.sample_input


def _read_environment(files: list[FactFile], facts: Facts) -> None:
    """Versions that requirements and conda environments beside the model name."""
    lines = list(facts.requirements)
    for file in sorted(files, key=lambda file: file.path.count("/")):
        if file.basename == "requirements.txt" and not lines:
            lines = lines_of(file)
            facts.requirements = facts.requirements or lines
        elif file.basename in {"conda.yaml", "conda.yml", "environment.yml"}:
            python, pip = conda_of(file)
            facts.python_version = facts.python_version or python
            lines += pip
    facts.versions = pinned(lines) | facts.versions
