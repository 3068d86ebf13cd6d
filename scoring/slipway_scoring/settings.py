"""Settings: from the environment through one table; the command line's flags go over them."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slipway_scoring import cpus
from slipway_scoring.errors import BootFailure


def _text(value: str) -> str:
    return value


def _port(value: str) -> int:
    if not 0 <= int(value) <= 65535:
        raise ValueError
    return int(value)


def _positive(value: str) -> int:
    if int(value) < 1:
        raise ValueError
    return int(value)


def _processors(value: str) -> float:
    if not value:
        return cpus.limit()
    if not 0 < float(value) < math.inf:
        raise ValueError
    return min(float(value), cpus.limit())


def _workers(value: str) -> int | None:
    return None if value.lower() == "auto" else _positive(value)


def _count(value: str) -> int:
    if int(value) < 0:
        raise ValueError
    return int(value)


def _switch(value: str) -> bool:
    return {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}[value.lower()]


def _origins(value: str) -> tuple[str, ...]:
    return tuple(origin.strip() for origin in value.split(",") if origin.strip())


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    field: str
    read: Callable[[str], Any]
    default: str
    meaning: str


SETTINGS = (
    Setting(
        "AML_APP_ROOT",
        "app_root",
        _text,
        "",
        "Folder that relative paths start at; default: the current one.",
    ),
    Setting("AZUREML_ENTRY_SCRIPT", "entry_script", _text, "", "Script with init() and run(), below the app root."),
    Setting("AZUREML_SOURCE_DIRECTORY", "source_directory", _text, "", "Folder below the app root to import from."),
    Setting("AZUREML_MODEL_DIR", "model_dir", _text, "", "Folder that holds the model; handed to the script."),
    Setting("SCORING_TIMEOUT_MS", "scoring_timeout_ms", _positive, "3600000", "Milliseconds one run() may take."),
    Setting(
        "WORKER_COUNT",
        "worker_count",
        _workers,
        "1",
        "Processes that score, each one call or batch at a time; auto: one for each processor.",
    ),
    Setting(
        "SLIPWAY_CPUS", "cpus", _processors, "", "Processors to use; default: what the machine or container grants."
    ),
    Setting("WORKER_TIMEOUT", "worker_timeout_s", _positive, "300", "Seconds until a process that hangs is replaced."),
    Setting(
        "SLIPWAY_WORKER_RESTARTS",
        "worker_restarts",
        _count,
        "3",
        "How many processes in a row may die young before the server ends as they did.",
    ),
    Setting("SERVICE_NAME", "service_name", _text, "ML service", "Title in swagger.json."),
    Setting("SERVICE_VERSION", "service_version", _text, "1.0", "Version in swagger.json."),
    Setting("SERVICE_PATH_PREFIX", "service_path_prefix", _text, "", "Path before /score in swagger.json."),
    Setting(
        "AML_CORS_ORIGINS",
        "cors_origins",
        _origins,
        "",
        "Origins browsers may call from, comma separated, or *.",
    ),
    Setting(
        "SLIPWAY_FRAMEWORK",
        "framework",
        _text,
        "",
        "Which model to take when the folder holds several kinds.",
    ),
    Setting(
        "SLIPWAY_BATCHING",
        "batching",
        _switch,
        "on",
        "on or off: score requests that wait together in one call.",
    ),
    Setting(
        "SLIPWAY_CONVERT_TO_ONNX",
        "convert_to_onnx",
        _switch,
        "off",
        "on or off: serve the model as an ONNX graph where that says the same, and sooner.",
    ),
    Setting(
        "SLIPWAY_OWN_CGROUP",
        "own_cgroup",
        _switch,
        "off",
        "on or off: the server is alone in its container or control group, so what that uses is told at /usage.",
    ),
    Setting("SLIPWAY_HOST", "host", _text, "127.0.0.1", "Address to listen on."),
    Setting("SLIPWAY_PORT", "port", _port, "5001", "Port to listen on; 0 takes a free one."),
    Setting("SLIPWAY_MAX_BODY_BYTES", "max_body_bytes", _positive, "104857600", "Largest request body."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field for each row of SETTINGS, of the type its reader gives."""

    app_root: str
    entry_script: str
    source_directory: str
    model_dir: str
    scoring_timeout_ms: int
    worker_count: int
    cpus: float
    worker_timeout_s: int
    worker_restarts: int
    service_name: str
    service_version: str
    service_path_prefix: str
    cors_origins: tuple[str, ...]
    framework: str
    batching: bool
    convert_to_onnx: bool
    own_cgroup: bool
    host: str
    port: int
    max_body_bytes: int


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises BootFailure("settings-invalid") naming the variable. An empty variable counts as unset."""
    found = {setting.field: _value(setting, environment) for setting in SETTINGS}
    found["worker_count"] = found["worker_count"] or max(1, math.floor(found["cpus"]))
    return Settings(**found)


def _value(setting: Setting, environment: Mapping[str, str]) -> Any:
    given = environment.get(setting.name) or setting.default
    try:
        return setting.read(given)
    except (ValueError, KeyError) as error:
        raise BootFailure("settings-invalid", f"{setting.name} cannot be {given!r}. {setting.meaning}") from error
