"""From the rows of a revision or a profile to what a driver builds: an environment and a package."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from deployments.deployment_config import DeploymentConfig
from deployments.errors import ConfigInvalid, EntryScriptNeeded
from deployments.inference_config import InferenceConfig
from deployments.instance import owner
from deployments.models import Revision, RevisionFile
from drivers.base import (
    MODELS_DIR,
    EnvironmentSpec,
    PackageFile,
    PackageRef,
    PackageSpec,
    Workload,
)
from drivers.scaling import Placement, Probe, Scale
from registry import blobs
from registry.models import Framework, ModelVersion

# Frameworks whose every model the runtime can load by itself, and what must be installed for it. Of others it can load
# what they saved in files of their own: the facts of a version say what that needs.
_NO_CODE = {
    Framework.SCIKIT_LEARN: ["scikit-learn"],
    Framework.ONNX: ["onnxruntime", "numpy"],
    Framework.MLFLOW: ["mlflow"],
}
# What makes ONNX graphs of models, and runs them.
_CONVERTIBLE = (Framework.SCIKIT_LEARN, Framework.XGBOOST, Framework.LIGHTGBM)
_CONVERTERS = ["skl2onnx", "onnxmltools", "onnxruntime"]
# What tells a workload's runtime to make a graph, or not to.
CONVERTING: Mapping[bool, Mapping[str, str]] = {True: {"SLIPWAY_CONVERT_TO_ONNX": "on"}, False: {}}
DEFAULT_PYTHON = ".".join(platform.python_version_tuple()[:2])


def check_can_serve(versions: list[ModelVersion], config: InferenceConfig | None) -> None:
    """Raises EntryScriptNeeded when nothing says how to serve these models."""
    if config is not None:
        return
    if len(versions) != 1:
        raise EntryScriptNeeded(
            f"{len(versions)} models cannot be served together without an entry script.",
            advice="Write a score.py with init() and run(), and deploy with it.",
        )
    if not _loads_by_itself(versions[0]):
        raise EntryScriptNeeded(
            f"{versions[0].reference} is registered as {versions[0].framework}, and its files cannot be served without "
            "an entry script.",
            advice="Add a score.py with init() and run(), or register it with its framework: "
            f"{', '.join(_NO_CODE)} need none, and neither do files of XGBoost, LightGBM, Keras and TensorFlow and "
            "programs of PyTorch.",
        )


def convertible(version: ModelVersion) -> bool:
    return version.framework in _CONVERTIBLE


def check_can_convert(
    versions: list[ModelVersion], inference: InferenceConfig | None, config: DeploymentConfig
) -> None:
    """Raises ConfigInvalid where a graph is asked for and cannot be made."""
    if not config.convert_to_onnx:
        return
    if inference is not None or not all(map(convertible, versions)):
        said = "convertToOnnx is for models of scikit-learn, XGBoost and LightGBM that are served without a script."
        advice = "Leave it out, or register the model with its framework."
        raise ConfigInvalid(said, advice=advice, errors={"convertToOnnx": [said]})


def _loads_by_itself(version: ModelVersion) -> bool:
    return version.framework in _NO_CODE or bool(_needs(version))


def _needs(version: ModelVersion) -> list[str]:
    """Of files that are what the version is registered as."""
    return version.facts.get("needs", []) if version.facts.get("framework") == version.framework else []


def requirements_of(versions: list[ModelVersion]) -> list[str]:
    """What these models need by themselves: their framework in the version they were made with."""
    wanted: dict[str, str] = {}
    for version in versions:
        for line in _framework_requirements(version):
            wanted.setdefault(line.split("==")[0].lower(), line)
    return list(wanted.values())


def _framework_requirements(version: ModelVersion) -> list[str]:
    facts = version.facts
    if version.framework == Framework.MLFLOW and facts.get("requirements"):
        return list(facts["requirements"])
    pinned = dict(facts.get("versions", {}))
    if version.framework == Framework.SCIKIT_LEARN and version.framework_version:
        pinned["scikit-learn"] = version.framework_version
    names = [*_NO_CODE.get(version.framework, []), *_needs(version), *facts.get("libraries", [])]
    return [f"{name}=={pinned[name]}" if name in pinned else name for name in dict.fromkeys(names)]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is to be served, and how. `inference_config` is `InferenceConfig.as_dict`, empty without a script; `files`
    have a `path` and a `blob`."""

    versions: list[ModelVersion]
    inference_config: Mapping[str, object]
    files: QuerySet
    convert_to_onnx: bool = False


def of_revision(revision: Revision) -> Recipe:
    return Recipe(
        versions=[link.version for link in revision.model_links.select_related("version__model")],
        inference_config=revision.inference_config,
        files=RevisionFile.objects.filter(revision=revision).select_related("blob"),
        convert_to_onnx=revision.deployment_config.get("convert_to_onnx", False),
    )


def environment_spec(recipe: Recipe) -> EnvironmentSpec:
    config, versions = recipe.inference_config, recipe.versions
    requirements = config.get("requirements")
    if requirements is None:
        requirements = requirements_of(versions) or ["numpy"]
    if recipe.convert_to_onnx:
        requirements = [*requirements, *_CONVERTERS]
    return EnvironmentSpec(
        python=config.get("python") or _python_of(versions) or DEFAULT_PYTHON,
        requirements=tuple(requirements),
        base_image=config.get("base_image"),
    )


def _python_of(versions: list[ModelVersion]) -> str:
    """The Python an MLflow model was saved with, as major.minor."""
    saved = next((v.facts["mlmodel"].get("python_version", "") for v in versions if v.facts.get("mlmodel")), "")
    return ".".join(str(saved).split(".")[:2])


def package_spec(recipe: Recipe) -> PackageSpec:
    config, versions = recipe.inference_config, recipe.versions
    files = [
        _file(f"{_folder(version)}/{file.path}", file)
        for version in versions
        for file in version.files.select_related("blob")
    ]
    files += [_file(file.path, file) for file in recipe.files]
    return PackageSpec(
        files=tuple(files),
        model_dir=_folder(versions[0]) if len(versions) == 1 else MODELS_DIR,
        framework=versions[0].framework if len(versions) == 1 else Framework.MULTI,
        entry_script=config.get("entry_script"),
        source_directory=config.get("source_directory"),
        variables=config.get("variables", {}),
    )


def _folder(version: ModelVersion) -> str:
    return f"{MODELS_DIR}/{version.model.name}/{version.version}"


def _file(path: str, row) -> PackageFile:
    sha256 = row.blob_id
    return PackageFile(path=path, size=row.blob.size, sha256=sha256, open=lambda: blobs.open_blob(sha256))


def scale_of(revision: Revision) -> Scale:
    """What was asked for by hand since it was deployed, else what its configuration says."""
    workload = getattr(revision, "workload", None)
    asked = (workload.scale if workload else None) or revision.deployment_config.get("scale") or {}
    return Scale(**asked)


def workload_spec(revision: Revision, name: str, package: PackageRef) -> Workload:
    config, service = revision.deployment_config, revision.service
    limit_gb = config.get("memory_limit_gb")
    placement = config.get("placement") or {}
    return Workload(
        name=name,
        owner=owner(),
        labels={"workspace": service.workspace.name, "service": service.name, "revision": str(revision.number)},
        package=package,
        cpu=config["cpu"],
        memory_bytes=gigabytes(config["memory_gb"]),
        variables={
            **config.get("variables", {}),
            "SERVICE_NAME": service.name,
            "SCORING_TIMEOUT_MS": str(config["scoring_timeout_ms"]),
            **CONVERTING[bool(config.get("convert_to_onnx"))],
        },
        cpu_limit=config.get("cpu_limit"),
        memory_limit_bytes=gigabytes(limit_gb) if limit_gb else None,
        gpus=config.get("gpus", 0),
        scale=scale_of(revision),
        liveness=Probe(**config.get("liveness") or {}),
        placement=Placement(**placement | {"tolerations": tuple(placement.get("tolerations", ()))}),
        drain_s=config["scoring_timeout_ms"] / 1000,
    )


def gigabytes(number: float) -> int:
    """In bytes."""
    return int(number * 1024**3)
