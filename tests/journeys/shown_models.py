"""The four models the studio is shown on: what is registered, how it is deployed, what it must answer."""

import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mlflow.sklearn
import numpy as np
from skl2onnx import to_onnx

from tests.scoring.models import CANCER, DIGITS, cancer_pipeline, digits_forest

ROWS = 5
SCORE = """
import json, os, pickle

def init():
    global model
    with open(os.path.join(os.environ["AZUREML_MODEL_DIR"], "forest.pkl"), "rb") as file:
        model = pickle.load(file)

def run(raw_data):
    return model.predict(json.loads(raw_data)["data"]).tolist()
"""


@dataclass(frozen=True)
class Shown:
    """`make(folder)` writes the model and returns its path; `flags` are of `slipway model deploy`."""

    make: Callable[[Path], Path]
    body: dict
    expected: list
    flags: Callable[[Path], list[str]] = lambda folder: []

    def answers(self, answer: object) -> list:
        return answer["predictions"] if isinstance(answer, dict) else answer


def _pickled(folder: Path) -> Path:
    path = folder / "cancer.pkl"
    path.write_bytes(pickle.dumps(cancer_pipeline()))
    return path


def _forest(folder: Path) -> Path:
    path = folder / "forest.pkl"
    path.write_bytes(pickle.dumps(digits_forest()))
    return path


def _scripted(folder: Path) -> list[str]:
    """Files as an Azure ML v1 user has them."""
    (folder / "src").mkdir()
    (folder / "src" / "score.py").write_text(SCORE)
    environment = {
        "name": "digits",
        "python": {
            "condaDependencies": {
                "name": "digits",
                "channels": ["conda-forge"],
                "dependencies": ["python=3.11", {"pip": ["azureml-defaults", "scikit-learn"]}],
            }
        },
    }
    inference = {"entryScript": "score.py", "sourceDirectory": "./src", "environment": environment}
    (folder / "inferenceconfig.json").write_text(json.dumps(inference))
    deployment = {"computeType": "local", "containerResourceRequirements": {"cpu": 1, "memoryInGB": 1}}
    (folder / "deploymentconfig.json").write_text(json.dumps(deployment))
    return ["--ic", "inferenceconfig.json", "--dc", "deploymentconfig.json"]


def _onnx(folder: Path) -> Path:
    path = folder / "cancer.onnx"
    path.write_bytes(to_onnx(cancer_pipeline(), CANCER[:1].astype(np.float32)).SerializeToString())
    return path


def _mlflow(folder: Path) -> Path:
    mlflow.sklearn.save_model(cancer_pipeline(), folder / "cancer-mlflow", input_example=CANCER[:2])
    return folder / "cancer-mlflow"


_CANCER_ROWS, _DIGIT_ROWS = CANCER[:ROWS].tolist(), DIGITS[:ROWS].tolist()
_BENIGN, _DIGIT = cancer_pipeline().predict(CANCER[:ROWS]).tolist(), digits_forest().predict(DIGITS[:ROWS]).tolist()

SHOWN = {
    "pickle": Shown(_pickled, {"data": _CANCER_ROWS}, _BENIGN),
    "script": Shown(_forest, {"data": _DIGIT_ROWS}, _DIGIT, _scripted),
    "onnx": Shown(_onnx, {"data": _CANCER_ROWS}, _BENIGN),
    "mlflow": Shown(_mlflow, {"data": _CANCER_ROWS}, _BENIGN),
}
