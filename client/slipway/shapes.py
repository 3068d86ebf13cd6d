"""REST's snake_case turned into the dictionaries that Azure ML's command line printed.

Keys of the studio's own (no counterpart in Azure) follow the same camelCase. Maps that belong to people,
such as tags, and the facts read from files are passed on untouched.
"""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]

MODEL = {
    "id": "id",
    "name": "name",
    "version": "version",
    "description": "description",
    "framework": "framework",
    "framework_version": "frameworkVersion",
    "tags": "tags",
    "properties": "properties",
    "created_by": "createdBy",
    "created_time": "createdTime",
    "updated_time": "updatedTime",
    "experiment_name": "experimentName",
    "run_id": "runId",
    "stage": "stage",
    "aliases": "aliases",
    "risk": "risk",
    "risk_reasons": "riskReasons",
    "metrics": "metrics",
    "parameters": "parameters",
    "signature": "signature",
    "sample_input": "sampleInput",
    "sample_output": "sampleOutput",
    "script": "script",
    "git_repository": "gitRepository",
    "git_branch": "gitBranch",
    "git_commit": "gitCommit",
    "parent": "parentId",
    "children": "derivedModelIds",
    "size_bytes": "sizeBytes",
    "facts": "facts",
    "files": "files",
    "services": "services",
    "serving": "serving",
    "deployed": "deployed",
}
SAMPLES = {"sample-input": "sampleInputDatasetId", "sample-output": "sampleOutputDatasetId"}
"""Scenarios of datasets that Azure keeps under keys of their own."""
AZURE_ONLY = ("mimeType", "unpack", "url", "runDetails")
"""Keys that Azure printed and that mean nothing here: null, so that scripts that ask for them find them."""
SERVICE = {
    "name": "name",
    "description": "description",
    "tags": "tags",
    "state": "state",
    "state_detail": "stateDetail",
    "created_time": "createdTime",
    "updated_time": "updatedTime",
    "created_by": "createdBy",
    "compute_type": "computeType",
    "target": "computeName",
    "models": "modelIds",
    "revision": "revision",
    "auth_enabled": "authEnabled",
    "scoring_uri": "scoringUri",
    "swagger_uri": "swaggerUri",
    "conversion": "conversion",
    "scale": "scale",
    "replicas": "replicas",
}
DEPLOYMENT = {
    "id": "id",
    "status": "status",
    "service": "service",
    "revision": "revision",
    "models": "modelIds",
    "target": "computeName",
    "created_by": "createdBy",
    "created_time": "createdTime",
    "started_time": "startedTime",
    "finished_time": "finishedTime",
}
STEP = {
    "name": "name",
    "title": "title",
    "outcome": "outcome",
    "started_time": "startedTime",
    "ended_time": "endedTime",
    "detail": "detail",
}
TARGET = {
    "name": "name",
    "kind": "computeType",
    "available": "available",
    "detail": "detail",
    "cpu": "cpu",
    "memory_bytes": "memoryBytes",
    "checked_time": "checkedTime",
    "created_by": "createdBy",
    "created_time": "createdTime",
}
PROFILE = {"models": "modelIds", "target": "computeName", "failure": "error"}
"""What is not spelt as `camel` spells it."""
KEYS = {"primary_key": "primaryKey", "secondary_key": "secondaryKey"}


def model(version: Json) -> dict[str, Any]:
    """A version; told alone, with all it carries, else as lists tell it."""
    told = _renamed(version, MODEL) | dict.fromkeys(AZURE_ONLY)
    if "datasets" in version:
        datasets = version["datasets"]
        told["datasets"] = {scenario: found for scenario, found in datasets.items() if scenario not in SAMPLES}
        told |= {key: next(iter(datasets.get(scenario, [])), None) for scenario, key in SAMPLES.items()}
    if "cpu" in version:
        sizes = {"cpu": version["cpu"], "memoryInGB": version["memory_gb"], "gpu": version["gpu"]}
        told["resourceConfiguration"] = sizes if any(size is not None for size in sizes.values()) else None
    return told


def comparison(found: Json) -> list[dict[str, Any]]:
    """A row for each subject: its section and key, a cell for each version by its id, and whether they are equal."""
    return [
        {
            "section": section["title"],
            "key": row["key"],
            **dict(zip(found["versions"], row["cells"], strict=True)),
            "same": row["same"],
        }
        for section in found["sections"]
        for row in section["rows"]
    ]


def service(found: Json, workspace: str) -> dict[str, Any]:
    """A service; when told alone, with its newest deployment and what went wrong with that."""
    told = {**_renamed(found, SERVICE), "workspaceName": workspace}
    if "deployment" not in found:
        return told
    newest = found["deployment"]
    return {**told, "error": error(newest) if newest else None, "deployment": deployment(newest) if newest else None}


def deployment(found: Json) -> dict[str, Any]:
    steps = [_renamed(step, STEP) for step in found.get("steps") or []]
    return {**_renamed(found, DEPLOYMENT), "steps": steps, "error": error(found)}


def error(found: Json) -> dict[str, Any] | None:
    """Why a deployment or a profile failed, as Azure's error object with the studio's advice beside it."""
    failure = found.get("failure")
    if not failure:
        return None
    return {
        "code": failure["code"],
        "message": failure["detail"],
        "advice": failure.get("advice"),
        "step": failure.get("step"),
        "traceback": failure.get("traceback"),
    }


def target(found: Json) -> dict[str, Any]:
    """A target; of a cluster also how it is reached."""
    return {**_renamed(found, TARGET), **camel(found.get("connection") or {})}


def profile(found: Json) -> dict[str, Any]:
    """A profile, whole or in short."""
    told = {PROFILE.get(key, _camel(key)): camel(value) for key, value in found.items()}
    return told | {"error": error(found)}


def camel(found: Any) -> Any:
    """Keys of what has no counterpart in Azure, all the way down."""
    if isinstance(found, list):
        return [camel(each) for each in found]
    if not isinstance(found, Mapping):
        return found
    return {_camel(key): camel(value) for key, value in found.items()}


def _camel(name: str) -> str:
    if name == "memory_gb":  # as Azure spells it
        return "memoryInGB"
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def keys(found: Json) -> dict[str, Any]:
    return _renamed(found, KEYS)


def _renamed(found: Json, names: Mapping[str, str]) -> dict[str, Any]:
    return {new: found[old] for old, new in names.items() if old in found}
