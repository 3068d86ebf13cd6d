"""Inference configurations: entry script, source directory, environment (Azure ML v1 contract §2.1, §2.2)."""

import keyword
import re
from dataclasses import asdict, dataclass, field

import yaml

from deployments.config_files import Section, kind_of, read_config
from deployments.errors import ConfigInvalid

TITLE = "Inference configuration"
_TOP = {
    "entryScript", "sourceDirectory", "environment", "runtime", "condaFile", "extraDockerfileSteps",
    "enableGpu", "cudaVersion", "baseImage", "baseImageRegistry", "description",
}  # fmt: skip
_CANNOT = {"extraDockerfileSteps", "enableGpu", "cudaVersion", "baseImageRegistry"}
_ENVIRONMENT = {
    "name", "version", "environmentVariables", "python", "docker", "spark", "databricks", "r",
    "inferencingStackVersion", "assetId",
}  # fmt: skip
_PYTHON = {
    "userManagedDependencies", "interpreterPath", "condaDependenciesFile", "condaDependencies", "baseCondaEnvironment",
}  # fmt: skip
# name, how its version is given, the version; a build after one more = does not matter to PyPI.
_CONDA = re.compile(r"([A-Za-z0-9._-]+)\s*(?:(={1,2}|\s)\s*([^=<>!~\s]+)(?:=.*)?)?")
_NAME = re.compile(r"[A-Za-z0-9._-]*")
_PYTHON_VERSION = re.compile(r"3\.\d{1,2}")
# The placeholder that the original writes into every environment it saves.
_SAMPLE_VARIABLE = ("EXAMPLE_ENV_VAR", "EXAMPLE_VALUE")


@dataclass(slots=True)
class InferenceConfig:
    """Paths are relative to the app root. `requirements` None: nothing was said, the framework decides."""

    entry_script: str | None = None
    source_directory: str | None = None
    python: str | None = None
    requirements: list[str] | None = None
    base_image: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def read_inference_config(source: str | dict | None, files: dict[str, bytes | None]) -> InferenceConfig | None:
    """What `source` asks for, checked against the uploaded `files` (path -> content of small texts).

    None when there is no configuration: the model's framework decides. Raises ConfigInvalid."""
    if source is None:
        return None
    top = read_config(source, title=TITLE)
    top.check_keys(_TOP)
    for key in sorted(_CANNOT & {key for key, value in top.values.items() if value}):
        raise top.refuse(key, "is not supported by this studio", advice="Use environment.docker.baseImage instead.")
    config = InferenceConfig()
    _read_script(top, files, config)
    _read_environment(top, files, config)
    return config


def _read_script(top: Section, files: dict[str, bytes | None], config: InferenceConfig) -> None:
    script = top.text("entryScript")
    if not script:
        advice = 'Name the script, as in "entryScript": "score.py".'
        raise ConfigInvalid(f"{TITLE}: entryScript is missing.", advice=advice)
    folder = (top.text("sourceDirectory") or "").rstrip("/").rsplit("/", 1)[-1]
    folder = folder if folder not in {".", ".."} else ""
    script = script.removeprefix("./")
    candidates = [f"{folder}/{script}"] if folder else []
    candidates += [script, script.rsplit("/", 1)[-1]]
    found = next((path for path in candidates if path in files), None)
    if found is None:
        there = ", ".join(sorted(path for path in files if path.endswith(".py"))[:8]) or "no Python file"
        said = f"names {script!r}, which is not among the uploaded files"
        raise top.refuse("entryScript", said, advice=f"There: {there}.")
    stem = found.rsplit("/", 1)[-1]
    if not stem.endswith(".py") or not stem[:-3].isidentifier() or keyword.iskeyword(stem[:-3]):
        raise top.refuse("entryScript", f"names {stem!r}, which Python cannot import", advice="Name it like score.py.")
    config.entry_script = found
    config.source_directory = folder if folder and found.startswith(f"{folder}/") else None


def _read_environment(top: Section, files: dict[str, bytes | None], config: InferenceConfig) -> None:
    legacy = {"runtime", "condaFile", "baseImage"} & set(top.values)
    if "environment" in top.values:
        if legacy:
            raise top.refuse("environment", f"cannot stand beside {sorted(legacy)[0]}", advice="Keep one of the two.")
        _read_object(top.section("environment"), files, config)
        return
    config.base_image = top.text("baseImage")
    if conda_file := top.text("condaFile"):
        _read_conda_file(top, "condaFile", conda_file, files, config)


def _read_object(environment: Section, files: dict[str, bytes | None], config: InferenceConfig) -> None:
    environment.check_keys(_ENVIRONMENT)
    if not set(environment.values) - {"name", "version"}:
        name = environment.text("name") or ""
        said = f"refers to a registered environment, {name!r}, which this studio does not have"
        raise environment.refuse("name", said, advice="Write the environment out in the file.")
    variables = environment.variables("environmentVariables")
    config.variables = {name: value for name, value in variables.items() if (name, value) != _SAMPLE_VARIABLE}
    docker = environment.section("docker") if environment.values.get("docker") else Section(TITLE, {})
    if docker.values.get("baseDockerfile") or docker.values.get("buildContext"):
        said = "has a Dockerfile, which this studio cannot build on"
        raise environment.refuse("docker", said, advice="Use baseImage.")
    config.base_image = docker.text("baseImage") or None
    if config.base_image and "mcr.microsoft.com/azureml/" in config.base_image:
        config.notes.append(f"Base image {config.base_image} belongs to Azure; the studio's own base image is used.")
        config.base_image = None
    python = environment.section("python") if environment.values.get("python") else None
    if python is None:
        return
    python.check_keys(_PYTHON)
    if conda_file := python.text("condaDependenciesFile"):
        _read_conda_file(python, "condaDependenciesFile", conda_file, files, config)
    elif python.values.get("condaDependencies") is not None:
        _read_conda(python.section("condaDependencies"), config)


def _read_conda_file(
    section: Section, key: str, path: str, files: dict[str, bytes | None], config: InferenceConfig
) -> None:
    name = path.removeprefix("./")
    folder = f"{config.source_directory}/" if config.source_directory else ""
    there = (files.get(path) for path in (f"{folder}{name}", name, name.rsplit("/", 1)[-1]))
    content = next((content for content in there if content is not None), None)
    if content is None:
        said = f"names {path!r}, which is not among the uploaded files"
        raise section.refuse(key, said, advice="Upload it beside the script.")
    _read_conda(read_config(content.decode("utf-8", "replace"), title=path), config)


def _read_conda(conda: Section, config: InferenceConfig) -> None:
    dependencies = conda.values.get("dependencies") or []
    if not isinstance(dependencies, list):
        raise conda.refuse("dependencies", f"must be a list, not {kind_of(dependencies)}")
    config.requirements = []
    for item in dependencies:
        if isinstance(item, dict) and set(item) == {"pip"} and isinstance(item["pip"], list):
            config.requirements += [_pip_line(conda, line) for line in item["pip"]]
        elif isinstance(item, str):
            _read_conda_package(conda, item.split("::")[-1].strip(), config)
        else:
            raise conda.refuse("dependencies", f"holds {yaml.safe_dump(item).strip()!r}, which is no package")


def _read_conda_package(conda: Section, item: str, config: InferenceConfig) -> None:
    exact = _CONDA.fullmatch(item)
    name, equals, version = exact.groups() if exact else (_NAME.match(item)[0], "", "")
    if name == "python":
        config.python = found[0] if (found := _PYTHON_VERSION.search(version or item)) else None
        return
    if name == "pip":
        return
    # One equals sign means "this and what follows in it" to conda: numpy=1.26 is numpy==1.26.*.
    wildcard = ".*" if equals == "=" and "*" not in version else ""
    wanted = f"{name}=={version}{wildcard}" if version else item
    config.requirements.append(_pip_line(conda, wanted))
    config.notes.append(f"Conda package {item} is installed from PyPI as {wanted}.")


def _pip_line(conda: Section, line: object) -> str:
    return checked_requirement(str(line), lambda reason: conda.refuse("dependencies", reason))


def checked_requirement(line: str, refuse) -> str:
    """One requirement as pip would read it; options and local paths have no meaning in a workload."""
    line = line.strip()
    if not line or line.startswith("-") or not line.isprintable():
        raise refuse(f"holds {line[:80]!r}: options are not read from here; name packages only")
    return line
