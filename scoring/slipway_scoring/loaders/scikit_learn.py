"""scikit-learn estimators and pipelines from pickle or joblib files."""

import warnings
from itertools import chain
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn
from sklearn.base import is_regressor
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.preprocessing import FunctionTransformer

from slipway_scoring import rows
from slipway_scoring.dataplane import Asked, NotTogether, parted
from slipway_scoring.errors import BadInput, BootFailure
from slipway_scoring.loaders.features import array, check_columns, columns_of, frame
from slipway_scoring.log import logger, traceback_text
from slipway_scoring.plain import plain

_BY_ROW = frozenset(("sklearn", "xgboost", "lightgbm"))
METHODS = ("predict", "predict_proba", "predict_log_proba", "decision_function", "transform", "score_samples")


def load(path: Path) -> "Estimator":
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InconsistentVersionWarning)
        try:
            model = joblib.load(path)
        except AttributeError as error:
            raise BootFailure("model-not-loadable", _missing_name(path, error)) from error
    _warn_of_versions(path, caught)
    return of(model, path)


def of(model: Any, path: Path) -> "Estimator":
    """Raises BootFailure("model-not-loadable") for what predicts nothing."""
    methods = tuple(name for name in METHODS if hasattr(model, name))
    if not methods:
        words = f"{path.name} holds a {type(model).__name__}, which has no predict(). Use an entry script for it."
        raise BootFailure("model-not-loadable", words)
    return Estimator(model, methods)


def _missing_name(path: Path, error: AttributeError) -> str:
    words = f"{path.name} refers to code that is not here: {error}."
    if "__main__" in str(error):
        words += " It was defined in a notebook or script: move it to a module, or use an entry script."
    return words


def _warn_of_versions(path: Path, caught: list[warnings.WarningMessage]) -> None:
    saved = {
        one.message.original_sklearn_version for one in caught if isinstance(one.message, InconsistentVersionWarning)
    }
    if saved:
        logger.warning(
            "%s was saved with scikit-learn %s and is loaded with %s: its answers may differ. Pin scikit-learn==%s.",
            path.name, ", ".join(sorted(saved)), sklearn.__version__, min(saved),
        )  # fmt: skip


def _takes_tables(model: Any) -> bool:
    """Whether named columns reach the model as a DataFrame. Without pandas they go by position, in its order.

    Raises BootFailure("framework-missing") for a model that looks its columns up by name in a DataFrame."""
    try:
        import pandas  # noqa: F401 here, so that the first request need not wait for it
    except ImportError as error:
        from sklearn.compose import ColumnTransformer

        parts = [model, *model.get_params(deep=True).values()]
        if any(isinstance(part, ColumnTransformer) for part in parts):
            words = "The model chooses columns by name, which takes pandas. Add pandas to the requirements."
            raise BootFailure("framework-missing", words) from error
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        return False
    return True


def _predicts_by_row(model: Any) -> bool:
    """Whether what it says of a row cannot depend on the others: so by scikit-learn's own conventions, of which code
    of the user's knows nothing."""
    parts = [model, *model.get_params(deep=True).values()] if hasattr(model, "get_params") else [model]
    estimators = [part for part in parts if hasattr(part, "fit")]
    known = all(type(part).__module__.partition(".")[0] in _BY_ROW for part in estimators)
    return known and not any(isinstance(part, FunctionTransformer) for part in estimators)


class Estimator:
    any_thread = True

    def __init__(self, model: Any, methods: tuple[str, ...]) -> None:
        self.model = model
        self.methods = methods
        names = getattr(model, "feature_names_in_", None)
        self._columns: list[str] | None = None if names is None else [str(name) for name in names]
        self.width: int | None = getattr(model, "n_features_in_", None)
        self._tables = self._columns is not None and _takes_tables(model)
        self._by_row = self.width is not None and _predicts_by_row(model)
        self.takes_arrays = not self._tables and self.width is not None

    def read(self, document: Any) -> Asked:
        method = self._method(document)
        given = rows.read(document)
        if self._columns is not None:
            values = rows.in_order(given, self._columns)
        elif given.records:
            words = "This model was trained without column names: send each row as a list, in the order of training."
            raise BadInput(words)
        else:
            values = given.values
        if isinstance(values, np.ndarray):
            return self._of_array(method, values)
        return Asked((method, values), method if self._by_row else None, len(values))

    def _of_array(self, method: str, values: np.ndarray) -> Asked:
        check_columns(values, self.width)
        return Asked((method, values), (method, "array") if self._by_row else None, len(values))

    def read_tensors(self, tensors: dict[str, Any]) -> Asked:
        """One table, or a tensor of one value a row for each column."""
        method = self.methods[0]
        if len(tensors) == 1:
            values = next(iter(tensors.values()))
            if values.dtype.kind == "O" or values.ndim != 2:
                return self.read(values.tolist())
        else:
            if self._columns is None:
                raise BadInput(f"The model takes one tensor of {self.width or 'its'} columns, not {len(tensors)}.")
            values = columns_of(tensors, self._columns)
        if self._tables or values.dtype.kind not in "iuf":
            return self.read(values.tolist())
        return self._of_array(method, values)

    def predict(self, asked: Asked) -> dict[str, Any]:
        method, values = asked.values
        features = self._features(values)
        try:
            predictions = getattr(self.model, method)(features)
        except (ValueError, TypeError) as error:
            # The shape was right: what is left to refuse is in the values (NaN, text, categories). Should it be
            # the model's own fault after all, its owner finds it in the log.
            logger.warning("The model refused the rows of a request:\n%s", traceback_text(error))
            raise BadInput(f"The model refused the rows: {_first_line(error)}") from error
        except AttributeError as error:
            # Estimators know how many values a row has; those that do not are mostly vectorisers of texts.
            if self.width is None:
                raise BadInput('The model refused the rows. If it takes texts, send {"data": ["a text"]}.') from error
            raise
        return {"predictions": plain(predictions)}

    def predict_together(self, asked: list[Asked]) -> list[dict[str, Any]]:
        method, first = asked[0].values
        if isinstance(first, np.ndarray):
            values = np.concatenate([each.values[1] for each in asked])
            features = self._features(values)
        else:
            values = list(chain.from_iterable(each.values[1] for each in asked))
            features = self._features(values)
            if not self._tables and features.dtype.kind not in "iuf":
                raise NotTogether  # one request's text would make another's numbers texts
        predictions = getattr(self.model, method)(features)
        if not isinstance(predictions, np.ndarray):
            raise NotTogether
        return [{"predictions": plain(part)} for part in parted(predictions, asked)]

    def _method(self, document: Any) -> str:
        name = document.get("method", self.methods[0]) if isinstance(document, dict) else self.methods[0]
        if name not in self.methods:
            raise BadInput(f"This model has no method {name!r}; it has {', '.join(self.methods)}.")
        return name

    def _features(self, values: Any) -> Any:
        if isinstance(values, np.ndarray):
            return frame(values, self._columns) if self._tables else values
        if self._columns is not None:
            return frame(values, self._columns) if self._tables else array(values, len(self._columns))
        return array(values, self.width)

    def ask(self, method: str, rows: np.ndarray) -> Any:
        """What the model itself says of an array of shape (rows, width)."""
        return getattr(self.model, method)(self._features(rows))

    def numbers(self, asked: Asked) -> tuple[str, np.ndarray | None]:
        """The method that is asked, and the rows where they are numbers alone."""
        method, values = asked.values
        if not isinstance(values, np.ndarray):
            try:
                values = array(values, self.width)
            except BadInput:  # whoever predicts says it
                return method, None
        return method, values if isinstance(values, np.ndarray) and values.dtype.kind in "iuf" else None

    def example(self) -> dict[str, Any]:
        return {"data": [[0.0] * (self.width or 1)]}

    def signature(self) -> dict[str, list]:
        """Of the columns only names and number are known: scikit-learn keeps no types."""
        if self._columns is not None:
            inputs = [{"name": name, "type": "", "shape": None} for name in self._columns]
        else:
            inputs = [{"name": "", "type": "", "shape": [None, self.width]}] if self.width is not None else []
        name = self.methods[0]
        return {"inputs": inputs, "outputs": [{"name": name, **_given(self.model)}] if name == "predict" else []}


def _given(model: Any) -> dict[str, Any]:
    """Type and shape of what `predict` gives."""
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    count = getattr(last, "n_outputs_", 1)
    several = [] if count == 1 else [int(count)]
    classes = getattr(model, "classes_", None)
    if classes is not None:
        kind = np.asarray(classes[0] if isinstance(classes, list) else classes).dtype
    else:
        kind = np.dtype("float64" if is_regressor(model) else "int64")  # clusters and outliers are numbered
    return {"type": "string" if kind.kind in "OSU" else kind.name, "shape": [None, *several]}


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
