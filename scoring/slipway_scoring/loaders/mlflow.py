"""Folders saved by MLflow, through their python_function flavor: MLflow itself enforces the signature."""

from pathlib import Path
from typing import Any

import mlflow.pyfunc
from mlflow.exceptions import MlflowException
from mlflow.utils import proto_json_utils

from slipway_scoring import rows
from slipway_scoring.errors import BadInput
from slipway_scoring.loaders.features import frame
from slipway_scoring.log import logger, traceback_text
from slipway_scoring.plain import plain


def load(folder: Path) -> "PythonFunction":
    return PythonFunction(mlflow.pyfunc.load_model(str(folder)))


class PythonFunction:
    def __init__(self, model: mlflow.pyfunc.PyFuncModel) -> None:
        self._model = model
        self._schema = model.metadata.get_input_schema()
        self._columns = _columns(model, self._schema)

    def predict(self, document: Any) -> dict[str, Any]:
        params = document.get("params") if isinstance(document, dict) else None
        try:
            return {"predictions": plain(self._model.predict(self._input(document), params=params))}
        except MlflowException as error:
            raise BadInput(_shortened(error)) from error
        except (ValueError, TypeError) as error:
            logger.warning("The model refused the input of a request:\n%s", traceback_text(error))
            raise BadInput(f"The model refused the input: {_shortened(error)}") from error

    def _input(self, document: Any) -> Any:
        """As MLflow's own scoring server reads it, plus the forms the other loaders take."""
        for key in ("inputs", "instances"):
            if isinstance(document, dict) and key in document:
                return proto_json_utils.parse_tf_serving_input({key: document[key]}, self._schema)
        if self._schema is not None and self._schema.is_tensor_spec():
            return proto_json_utils.parse_tf_serving_input({"inputs": _values(document)}, self._schema)
        given = rows.read(document)
        if given.records:
            return proto_json_utils.dataframe_from_parsed_json(given.values, "records", self._schema)
        return self._table(given)

    def _table(self, given: rows.Rows) -> Any:
        columns = given.columns or self._columns
        if columns:
            table = frame(given.values, columns)
            return proto_json_utils.cast_df_types_according_to_schema(table, self._schema) if self._schema else table
        return proto_json_utils.dataframe_from_parsed_json({"data": given.values}, "split", self._schema)

    def example(self) -> dict[str, Any]:
        if self._columns:
            return {"dataframe_split": {"columns": self._columns, "data": [[0.0] * len(self._columns)]}}
        return {"inputs": [[0.0]]}

    def signature(self) -> dict[str, list]:
        """Of a folder without a signature of its own, the columns are all that is known."""
        named = [{"name": name, "type": "", "shape": None} for name in self._columns or []]
        return {"inputs": named, "outputs": []} if named else {}


def _columns(model: mlflow.pyfunc.PyFuncModel, schema: Any) -> list[str] | None:
    if schema is not None:
        return schema.input_names() if schema.has_input_names() else None
    # Without a signature only the model itself may still know its columns.
    try:
        raw = model.get_raw_model()
    except NotImplementedError:  # a python_function of its author's own
        return None
    names = getattr(raw, "feature_names_in_", None)
    return None if names is None else [str(name) for name in names]


def _values(document: Any) -> Any:
    value = rows.payload(document)
    return value["data"] if isinstance(value, dict) and "data" in value else value


def _shortened(error: Exception) -> str:
    """MLflow quotes the whole input and the whole schema before it comes to the point."""
    words = str(error).strip()
    if words.startswith("Failed to enforce schema"):
        words = words.rpartition(" Error: ")[2]
    return words if len(words) <= 500 else f"{words[:500]} ..."
