"""The scoring runtime as drivers see it: its files, and the environment variables it is told by."""

from collections.abc import Mapping
from pathlib import Path, PurePath

from drivers.base import PackageSpec
from drivers.naming import checked_relative_path

PACKAGE = "slipway_scoring"
MODULE_COMMAND = ("-m", PACKAGE)
BOOT_FAILED = 3
"""Exit code of a runtime whose model or script cannot be loaded: trying again would end the same."""
BOOT_FAILED_LINE = "SLIPWAY-BOOT-FAILED"

_SETTLED = ("AML_APP_ROOT", "AZUREML_MODEL_DIR", "AZUREML_ENTRY_SCRIPT", "AZUREML_SOURCE_DIRECTORY",
            "SLIPWAY_FRAMEWORK", "SLIPWAY_HOST", "SLIPWAY_PORT", "SLIPWAY_OWN_CGROUP", "PYTHONUNBUFFERED")  # fmt: skip
"""Variables that say where things are; a user's variable of the same name is left out."""


def runtime_files(runtime: Path) -> dict[str, Path]:
    """Every file of the runtime by its path below the folder on PYTHONPATH."""
    package = runtime / PACKAGE
    return {
        path.relative_to(runtime).as_posix(): path
        for path in sorted(package.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def package_variables(spec: PackageSpec, app_root: PurePath) -> dict[str, str]:
    """What a package tells the runtime wherever it runs."""
    variables = {"WORKER_COUNT": "1", **_free(spec.variables)}
    variables |= {
        "AML_APP_ROOT": str(app_root),
        "AZUREML_MODEL_DIR": str(app_root / checked_relative_path(spec.model_dir)),
        "SLIPWAY_FRAMEWORK": spec.framework,
        "PYTHONUNBUFFERED": "1",
    }
    if spec.entry_script:
        variables["AZUREML_ENTRY_SCRIPT"] = str(checked_relative_path(spec.entry_script))
    if spec.source_directory:
        variables["AZUREML_SOURCE_DIRECTORY"] = str(checked_relative_path(spec.source_directory))
    return variables


def workload_variables(package: Mapping[str, str], asked: Mapping[str, str], cpu: float) -> dict[str, str]:
    """A package's variables, the workload's over them, and below both what the runtime cannot know by itself."""
    defaults = {
        # A process on this machine sees all its processors; numeric libraries would start a thread for each.
        "SLIPWAY_CPUS": str(cpu),
        # A workload that keeps dying is the driver's to count and to give up.
        "SLIPWAY_WORKER_RESTARTS": "0",
    }
    return {**defaults, **package, **_free(asked)}


def python_path(runtime: PurePath | str, variables: Mapping[str, str]) -> dict[str, str]:
    """PYTHONPATH with the runtime first and the user's own after it."""
    theirs = variables.get("PYTHONPATH")
    return {"PYTHONPATH": f"{runtime}:{theirs}" if theirs else str(runtime)}


def _free(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name not in _SETTLED}
