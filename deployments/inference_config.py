"""Inference configurations: entry script, source directory, environment (Azure ML v1 contract §2.1, §2.2)."""

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
_CONDA_PIN = re.compile(r"^([A-Za-z0-9._-]+)\s*={1,2}\s*([^=\s]+)(=.*)?$")
_PYTHON_VERSION = re.compile(r"^3\.\d{1,2}")
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
        raise ConfigInvalid(f"{TITLE}: entryScript is missing.", advice='Name the script, as in "entryScript": "score.py".')
    folder = (top.text("sourceDirectory") or "").rstrip("/").rsplit("/", 1)[-1]
    folder = folder if folder not in {".", ".."} else ""
    script = script.removeprefix("./")
    candidates = [f"{folder}/{script}"] if folder else []
    candidates += [script, script.rsplit("/", 1)[-1]]
    found = next((path for path in candidates if path in files), None)
    if found is None:
        there = ", ".join(sorted(path for path in files if path.endswith(".py"))[:8]) or "no Python file"
        raise top.refuse("entryScript", f"names {script!r}, which is not among the uploaded files", advice=f"There: {there}.")
    stem = found.rsplit("/", 1)[-1]
    if not stem.endswith(".py") or not stem[:-3].isidentifier():
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
        raise environment.refuse("name", f"refers to a registered environment, {name!r}, which this studio does not have",
                                 advice="Write the environment out in the file.")  # fmt: skip
    variables = environment.section("environmentVariables").values
    config.variables = {
        str(key): str(value) for key, value in variables.items() if (key, value) != _SAMPLE_VARIABLE
    }
    docker = environment.section("docker").values if environment.values.get("docker") else {}
    if docker.get("baseDockerfile") or docker.get("buildContext"):
        raise environment.refuse("docker", "has a Dockerfile, which this studio cannot build on", advice="Use baseImage.")
    config.base_image = docker.get("baseImage") or None
    if config.base_image and "mcr.microsoft.com/azureml/" in str(config.base_image):
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


def _read_conda_file(section: Section, key: str, path: str, files: dict[str, bytes | None], config: InferenceConfig) -> None:
    name = path.removeprefix("./")
    folder = f"{config.source_directory}/" if config.source_directory else ""
    content = next((files[p] for p in (f"{folder}{name}", name, name.rsplit("/", 1)[-1]) if files.get(p) is not None), None)
    if content is None:
        raise section.refuse(key, f"names {path!r}, which is not among the uploaded files", advice="Upload it beside the script.")
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
            _read_conda_package(item.split("::")[-1].strip(), config)
        else:
            raise conda.refuse("dependencies", f"holds {yaml.safe_dump(item).strip()!r}, which is no package")


def _read_conda_package(item: str, config: InferenceConfig) -> None:
    pinned = _CONDA_PIN.match(item)
    name, version = (pinned[1], pinned[2]) if pinned else (item, "")
    if name == "python":
        config.python = found[0] if (found := _PYTHON_VERSION.match(version)) else None
    elif name != "pip" and not item.startswith("pip"):
        wanted = f"{name}=={version}" if pinned else item
        config.notes.append(f"Conda package {item} is installed from PyPI as {wanted}.")
        config.requirements.append(wanted)


def _pip_line(conda: Section, line: object) -> str:
    return checked_requirement(str(line), lambda reason: conda.refuse("dependencies", reason))


def checked_requirement(line: str, refuse) -> str:
    """One requirement as pip would read it; options and local paths have no meaning in a workload."""
    line = line.strip()
    if line.startswith("-") or "\n" in line:
        raise refuse(f"holds {line!r}: options are not read from here; name packages only")
    return line
