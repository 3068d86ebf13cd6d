"""`azureml.core.model.Model.get_model_path` and its errors under their old import paths.

Installed only where the real packages are absent, so that scripts written for Azure need no azureml-core."""

import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

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
REFUSED = {
    "azureml.contrib.services.aml_request": "@rawhttp and AMLRequest are not supported by this scoring runtime.",
    "azureml.contrib.services.aml_response": "AMLResponse is not supported by this scoring runtime.",
    "azureml.monitoring": "ModelDataCollector is not supported by this scoring runtime.",
    "azureml.datacollector": "ModelDataCollector is not supported by this scoring runtime.",
}


def install() -> None:
    """To be called before the entry script is imported."""
    # Refused even where the real package is installed: its request objects would need the server it came with.
    for name, words in REFUSED.items():
        _add(name, {"__getattr__": _refuse(words)})
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
