"""`azureml.core.model.Model.get_model_path` and its errors under their old import paths.

Installed only where the real packages are absent, so that scripts written for Azure need no azureml-core."""

import importlib.util
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from slipway_scoring import data_collector, raw_http

MODELS_DIR = "azureml-models"


class WebserviceException(Exception):
    def __init__(self, message: str = "", **ignored: Any) -> None:
        super().__init__(message)
        self.message = message


class ModelNotFoundException(WebserviceException):
    pass


class Model:
    """Only what an entry script uses of azureml.core.model.Model."""

    @staticmethod
    def get_model_path(model_name: str, version: int | None = None, _workspace: object = None) -> str:
        """The one file or folder in azureml-models/<name>/<version>; the newest version when none is given.

        Falls back to a path of that name below the working directory, as azureml-core 1.61 does."""
        if version is not None and not isinstance(version, int):
            raise WebserviceException("version should be an int")
        if model_name is None:
            raise WebserviceException("model_name is None")
        models = os.path.join(os.environ.get("AML_APP_ROOT", ""), MODELS_DIR)
        folder = _version_folder(os.path.join(models, model_name), version)
        if folder is not None:
            return _only_entry(folder)
        if os.path.exists(model_name):
            return model_name
        wanted = model_name if version is None else f"{model_name}:{version}"
        words = f"Model {wanted} not found in cache at {models} or in current working directory {os.getcwd()}."
        raise ModelNotFoundException(words)


def _version_folder(model: str, version: int | None) -> str | None:
    if not os.path.isdir(model):
        return None
    if version is None:
        version = max((int(name) for name in os.listdir(model)), default=None)
    folder = os.path.join(model, str(version))
    return folder if os.path.isdir(folder) else None


def _only_entry(folder: str) -> str:
    entries = os.listdir(folder)
    if len(entries) != 1:
        raise WebserviceException(f"Dir {folder} can contain only 1 file or folder. Found {entries}")
    return os.path.join(folder, entries[0])


IN_A_SCORING_SERVICE = "is not available in a scoring service; of azureml.core only Model.get_model_path is."


def install() -> None:
    """To be called before the entry script is imported."""
    # Ours even where the real packages are installed: their request objects need the server they came with, and
    # azureml-monitoring needs libraries of 2018.
    _add("azureml.contrib.services.aml_request", {"__getattr__": _made(raw_http.request_names)})
    _add("azureml.contrib.services.aml_response", {"__getattr__": _made(raw_http.response_names)})
    for name in ("azureml.monitoring", "azureml.datacollector"):
        _add(name, {"ModelDataCollector": data_collector.ModelDataCollector})
    if _installed("azureml.core"):
        return
    errors = {"WebserviceException": WebserviceException, "ModelNotFoundException": ModelNotFoundException}
    _add("azureml.exceptions", errors)
    _add("azureml.core.model", {"Model": Model})
    _add("azureml.core", {"Model": Model, "__path__": [], "__getattr__": _refuse(f"It {IN_A_SCORING_SERVICE}")})


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _made(names: Callable[[], dict[str, Any]]) -> Callable[[str], Any]:
    """Names of a module, made when the first of them is asked for."""
    content: dict[str, Any] = {}

    def found(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if not content:
            content.update(names())
        if name not in content:
            raise AttributeError(name)
        return content[name]

    return found


def _refuse(words: str) -> Any:
    def missing(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise ImportError(f"{name}: {words}")

    return missing


def _add(name: str, content: dict[str, Any]) -> None:
    module = ModuleType(name)
    vars(module).update(content)
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(_package(parent), child, module)


def _package(name: str) -> ModuleType:
    """The package of that name: loaded already, installed, or an empty one."""
    if name in sys.modules:
        return sys.modules[name]
    if _installed(name):
        return importlib.import_module(name)
    _add(name, {"__path__": []})
    return sys.modules[name]
