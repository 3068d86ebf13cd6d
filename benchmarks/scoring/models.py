"""The models that are served: scikit-learn's own data, as a pickle, as ONNX, as a folder of MLflow."""

import pickle
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

_SAVE = """
import pickle, sys
path, folder = sys.argv[1:]
if path.endswith(".onnx"):
    import mlflow.onnx, onnx
    mlflow.onnx.save_model(onnx.load(path), folder, pip_requirements=[])
else:
    import mlflow.sklearn
    model = pickle.load(open(path, "rb"))
    mlflow.sklearn.save_model(model, folder, serialization_format="cloudpickle", pip_requirements=[])
"""


@dataclass(frozen=True, slots=True)
class Benchmarked:
    title: str
    trained: str
    onnx: bool


MODELS = {
    "lr": Benchmarked("logistic regression, breast cancer", "lr", False),
    "rf": Benchmarked("random forest, digits", "rf", False),
    "lr-onnx": Benchmarked("logistic regression as ONNX", "lr", True),
    "rf-onnx": Benchmarked("random forest as ONNX", "rf", True),
}


@cache
def data(trained: str) -> tuple[np.ndarray, np.ndarray]:
    return (load_breast_cancer if trained == "lr" else load_digits)(return_X_y=True)


def rows(name: str, count: int) -> list:
    return data(MODELS[name].trained)[0][:count].tolist()


@cache
def fitted(trained: str):
    kind = LogisticRegression(max_iter=10_000) if trained == "lr" else RandomForestClassifier(random_state=0)
    return kind.fit(*data(trained))


def saved(name: str, folder: Path, python: str) -> Path:
    """The model's file; beside it, with the suffix `.mlflow`, a folder that MLflow of `python` saved."""
    about = MODELS[name]
    folder = folder / name
    path = folder / ("model.onnx" if about.onnx else "model.pkl")
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_onnx(about.trained) if about.onnx else pickle.dumps(fitted(about.trained)))
    mlflow = path.with_suffix(".mlflow")
    if not mlflow.exists():
        subprocess.run([python, "-c", _SAVE, str(path), str(mlflow)], check=False, capture_output=True)
    return path


def _onnx(trained: str) -> bytes:
    from skl2onnx import to_onnx

    sample = data(trained)[0][:1].astype(np.float32)
    return to_onnx(fitted(trained), sample, options={"zipmap": False}).SerializeToString()


def alone(path: Path, counts: list[int]) -> dict[str, str]:
    """How often a second `predict` takes so many rows, in a loop, with nothing around it."""
    name = path.parent.name
    found = {}
    for count in counts:
        ask = _asking(path, np.asarray(rows(name, count)))
        begun, times = time.perf_counter(), 0
        while time.perf_counter() - begun < 2:
            ask()
            times += 1
        found[f"{count} rows"] = f"{times / (time.perf_counter() - begun):,.0f} a second"
    return found


def _asking(path: Path, values: np.ndarray) -> Callable[[], object]:
    about = MODELS[path.parent.name]
    if not about.onnx:
        model = fitted(about.trained)
        return lambda: model.predict(values)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)
    feeds = {session.get_inputs()[0].name: values.astype(np.float32)}
    return lambda: session.run(None, feeds)
