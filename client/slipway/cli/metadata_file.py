"""The small file that carries a model's id from `model register -t` to `model deploy -f`."""

import json
import os
from pathlib import Path

from slipway import documents
from slipway.errors import LocalPathError


def check_writable(path: Path) -> None:
    """Asked before the upload, so that no version is registered whose id cannot be kept."""
    folder = path.parent
    if not folder.is_dir():
        raise LocalPathError("The folder of the metadata file does not exist", str(folder))
    if path.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
        raise LocalPathError("The metadata file cannot be written", str(path))


def write(path: Path, model_id: str, workspace: str) -> None:
    # Azure's file names a resource group; there is none here, but scripts may ask for the key.
    content = {"modelId": model_id, "workspaceName": workspace, "resourceGroupName": None}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_model_id(path: Path) -> str:
    model_id = documents.parse(documents.read_text(path), path).get("modelId")
    if not isinstance(model_id, str):
        raise LocalPathError(
            "The metadata file names no model",
            f"{path} lacks modelId",
            "Write it with `slipway model register -t FILE`.",
        )
    return model_id
