"""Models trained from scikit-learn's own data, saved as their users would save them."""

import pickle
from functools import cache
from pathlib import Path

import joblib
import mlflow.sklearn
import numpy as np
from mlflow.models import infer_signature
from skl2onnx import to_onnx
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

CANCER, IS_BENIGN = load_breast_cancer(return_X_y=True)
CANCER_TABLE = load_breast_cancer(as_frame=True).data
DIGITS, DIGIT = load_digits(return_X_y=True)
IRIS, SPECIES = load_iris(return_X_y=True)
TEXTS = ["good", "very good", "bad", "very bad"]
MOODS = ["happy", "happy", "sad", "sad"]


@cache
def cancer_pipeline():
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(CANCER, IS_BENIGN)


@cache
def cancer_pipeline_with_names():
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(CANCER_TABLE, IS_BENIGN)


@cache
def digits_forest():
    return RandomForestClassifier(n_estimators=10, random_state=0).fit(DIGITS, DIGIT)


@cache
def text_pipeline():
    return make_pipeline(CountVectorizer(), MultinomialNB()).fit(TEXTS, MOODS)


@cache
def mixed_table():
    import pandas

    return pandas.DataFrame(
        {"town": ["Ulm", "Bonn", "Ulm", "Köln"], "rooms": [1, 2, 3, 4], "size": [30.5, 50, 70, 90.0]}
    )


@cache
def mixed_pipeline():
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["town"]), remainder="passthrough")
    return make_pipeline(columns, LinearRegression()).fit(mixed_table(), [300, 500, 700, 900])


def pickled(model, path: Path) -> Path:
    path.write_bytes(pickle.dumps(model))
    return path


def dumped(model, path: Path) -> Path:
    joblib.dump(model, path, compress=3)
    return path


def as_onnx(model, sample: np.ndarray, path: Path, **options) -> Path:
    path.write_bytes(to_onnx(model, sample.astype(np.float32), **options).SerializeToString())
    return path


def as_mlflow(model, folder: Path, rows=None, **options) -> Path:
    signature = None if rows is None else infer_signature(rows, model.predict(rows))
    # Requirements given, or MLflow would start a process to find them out.
    mlflow.sklearn.save_model(model, folder, signature=signature, pip_requirements=["scikit-learn"], **options)
    return folder


def scored(predictor, document) -> dict:
    """What a loaded model answers to a parsed body."""
    return predictor.predict(predictor.read(document))
