"""Gradient boosted trees in the files of XGBoost and LightGBM themselves: arrays in, the booster's own answer out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from slipway_scoring import rows
from slipway_scoring.dataplane import Asked, parted
from slipway_scoring.errors import BadInput, BootFailure
from slipway_scoring.loaders.features import array, columns_of
from slipway_scoring.plain import plain


class Booster:
    """`ask(array)` of shape (rows, width). `columns` are None where the file holds no names of its own."""

    any_thread = True
    takes_arrays = True

    def __init__(self, booster: Any, ask: Callable[[np.ndarray], Any], width: int, columns: list[str] | None) -> None:
        self.booster, self.ask, self.width, self._columns = booster, ask, width, columns

    def read(self, document: Any) -> Asked:
        given = rows.read(document)
        if self._columns is None and given.records:
            raise BadInput("This model was trained without column names: send each row as a list, in their order.")
        values = given.values if self._columns is None else rows.in_order(given, self._columns)
        return self._asked(array(values, self.width))

    def read_tensors(self, tensors: dict[str, np.ndarray]) -> Asked:
        if len(tensors) == 1:
            return self._asked(next(iter(tensors.values())))
        if self._columns is None:
            raise BadInput(f"The model takes one tensor of {self.width} columns, not {len(tensors)}.")
        return self._asked(columns_of(tensors, self._columns))

    def _asked(self, values: np.ndarray) -> Asked:
        if values.ndim != 2 or values.shape[1] != self.width:
            shape = " x ".join(map(str, values.shape))
            raise BadInput(f"The model takes rows of {self.width} values; these are {shape}.")
        if values.dtype.kind not in "iufb":
            raise BadInput("The model takes numbers alone.")
        return Asked(values.astype(np.float64, copy=False), "rows", len(values))

    def predict(self, asked: Asked) -> dict[str, Any]:
        return {"predictions": plain(self.ask(asked.values))}

    def predict_together(self, asked: list[Asked]) -> list[dict[str, Any]]:
        found = np.asarray(self.ask(np.concatenate([each.values for each in asked])))
        return [{"predictions": plain(part)} for part in parted(found, asked)]

    def numbers(self, asked: Asked) -> tuple[str, np.ndarray]:
        """The method that is asked, and the rows."""
        return "predict", asked.values

    def example(self) -> dict[str, Any]:
        return {"data": [[0.0] * self.width]}

    def signature(self) -> dict[str, list]:
        if self._columns is None:
            return {"inputs": [{"name": "", "type": "float64", "shape": [None, self.width]}], "outputs": []}
        inputs = [{"name": name, "type": "float64", "shape": None} for name in self._columns]
        return {"inputs": inputs, "outputs": []}


def load(path: Path) -> Booster:
    with path.open("rb") as file:
        is_text = file.read(5) == b"tree\n"
    return (_lightgbm if is_text or path.suffix.lower() == ".lgb" else _xgboost)(path)


def _xgboost(path: Path) -> Booster:
    """A file saved from XGBClassifier answers with labels, as its `predict` did; any other as the booster does."""
    import xgboost

    # By their names XGBoost knows two of them; of the bytes themselves it looks at how they begin.
    source = path if path.suffix.lower() in (".ubj", ".json") else bytearray(path.read_bytes())
    booster = xgboost.Booster(model_file=source)
    # scikit-learn's wrapper notes in the file whose it was.
    kind = booster.attr("scikit_learn") or ""
    columns, width = booster.feature_names, booster.num_features()
    if "classifier" in kind:
        model = xgboost.XGBClassifier()
        model.load_model(source)
        return Booster(booster, model.predict, width, columns)
    return Booster(booster, lambda values: booster.inplace_predict(values, validate_features=False), width, columns)


def _lightgbm(path: Path) -> Booster:
    import lightgbm

    try:
        booster = lightgbm.Booster(model_file=path)
    except lightgbm.basic.LightGBMError as error:
        raise BootFailure("model-not-loadable", f"{path.name} is not a model of LightGBM: {error}") from error
    names = booster.feature_name()
    made_up = names == [f"Column_{at}" for at in range(len(names))]
    return Booster(booster, booster.predict, booster.num_feature(), None if made_up else names)
