"""What an MLflow model's folder says: MLmodel, its requirements, its environment and its input example."""

import re
from dataclasses import dataclass, field

from registry.reading import signature
from registry.reading.files import FactFile
from registry.reading.texts import json_of, lines_of, mapping, text_of, word, yaml_of

_PINNED = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[\w,\s.-]*\])?\s*===?\s*([\w.+!-]{1,32})\s*(?:;.*|#.*)?")
_SEPARATORS = re.compile(r"[-_.]+")
_CONDA_PYTHON = re.compile(r"python\s*={1,2}\s*(\d[\w.]*)")
_KEPT = ("model_uuid", "model_id", "run_id", "utc_time_created", "artifact_path")
_MOST_FLAVORS = 20


@dataclass
class Described:
    """`why` says when there is nothing to go by."""

    version: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    requirements: list[str] = field(default_factory=list)
    signature: dict[str, object] = field(default_factory=dict)
    sample_input: object = None
    fault: str = ""


def read_mlmodel(mlmodel: FactFile, files: list[FactFile]) -> Described:
    folder = mlmodel.path.removesuffix("MLmodel")
    beside = {file.path.removeprefix(folder): file for file in files if file.path.startswith(folder)}
    said = mapping(yaml_of(mlmodel))
    if not said:
        fault = f"{mlmodel.path} is named like an MLflow model's description, but is not a YAML object."
        return Described(fault=fault)
    flavors = mapping(said.get("flavors"))
    python = word(mapping(flavors.get("python_function")).get("python_version"))
    found = Described(version=word(said.get("mlflow_version")))
    found.facts = {
        "flavors": sorted(filter(None, map(word, flavors)))[:_MOST_FLAVORS],
        "python_version": python or _python_beside(beside),
    } | {key: value for key in _KEPT if (value := word(said.get(key), 256))}
    if "requirements.txt" in beside:
        found.requirements = lines_of(beside["requirements.txt"])
    found.signature = _signature(mapping(said.get("signature")), mlmodel.path)
    found.sample_input = _example(mapping(said.get("saved_input_example_info")), beside)
    return found


def pinned(lines: list[str]) -> dict[str, str]:
    """Distribution to version, for the lines that name exactly one."""
    found = (_PINNED.fullmatch(line) for line in lines)
    return {_SEPARATORS.sub("-", match[1]).lower(): match[2] for match in found if match}


def _python_beside(beside: dict[str, FactFile]) -> str:
    """Of python_env.yaml, or of conda.yaml."""
    if "python_env.yaml" in beside and (python := word(mapping(yaml_of(beside["python_env.yaml"])).get("python"))):
        return python
    return conda_of(beside["conda.yaml"])[0] if "conda.yaml" in beside else ""


def conda_of(file: FactFile) -> tuple[str, list[str]]:
    """The Python that a conda environment asks for, and its pip requirements."""
    python, pip = "", []
    wanted = mapping(yaml_of(file)).get("dependencies")
    for entry in wanted[:1000] if isinstance(wanted, list) else []:
        if isinstance(entry, str) and (found := _CONDA_PYTHON.match(entry)):
            python = word(found[1])
        if isinstance(entry, dict) and isinstance(entry.get("pip"), list):
            pip = [word(line, 256) for line in entry["pip"][:1000] if isinstance(line, str)]
    return python, pip


def _signature(said: dict, path: str) -> dict[str, object]:
    sides = (_fields(said.get(side)) for side in ("inputs", "outputs"))
    return signature.told(*sides, path)


def _fields(text: object) -> list[dict]:
    entries = json_of(text) if isinstance(text, str) else None
    found = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return [_field(entry) for entry in found[: signature.MOST_FIELDS]]


def _field(entry: dict) -> dict[str, object]:
    if entry.get("type") == "tensor":
        tensor = mapping(entry.get("tensor-spec"))
        shape = tensor.get("shape")
        return signature.field(entry.get("name"), tensor.get("dtype"), shape if isinstance(shape, list) else None)
    return signature.field(entry.get("name"), _type(entry, 0), None)


def _type(entry: dict, depth: int) -> str:
    kind = word(entry.get("type"))
    if depth < 8 and kind == "array":
        return f"array of {_type(mapping(entry.get('items')), depth + 1)}"
    if depth < 8 and kind == "object":
        inner = mapping(entry.get("properties"))
        return "object of " + ", ".join(word(key) for key in list(inner)[:50]) if inner else kind
    return kind


def _example(info: dict, beside: dict[str, FactFile]) -> object:
    """A body that the served model takes, or None."""
    serving = beside.get(word(info.get("serving_input_path"), 1024))
    if serving:
        return json_of(text_of(serving))
    saved = beside.get(word(info.get("artifact_path"), 1024))
    value = json_of(text_of(saved)) if saved else None
    if value is None or info.get("type") == "ndarray":
        return value if isinstance(value, dict) or value is None else {"inputs": value}
    split = isinstance(value, dict) and {"data", "columns"} <= value.keys()
    return {"dataframe_split": value} if split else {"inputs": value}
