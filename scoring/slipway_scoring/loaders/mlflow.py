"""Folders saved by MLflow, through their python_function flavor: MLflow itself enforces the signature."""

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import mlflow.pyfunc
from mlflow.exceptions import MlflowException
from mlflow.utils import proto_json_utils

from slipway_scoring import rows
from slipway_scoring.dataplane import Asked, NotTogether
from slipway_scoring.errors import BadInput
from slipway_scoring.loaders.features import columns_of, frame
from slipway_scoring.log import logger, traceback_text
from slipway_scoring.plain import plain


def load(folder: Path) -> "PythonFunction":
    return PythonFunction(mlflow.pyfunc.load_model(str(folder)))


class PythonFunction:
    any_thread = False  # TensorFlow, for one, binds graphs to threads
    takes_arrays = False  # MLflow itself makes tables of rows, each column of a type of its own

    def __init__(self, model: mlflow.pyfunc.PyFuncModel) -> None:
        self._model = model
        self._schema = model.metadata.get_input_schema()
        self._columns = _columns(model, self._schema)

    def read(self, document: Any) -> Asked:
        params = document.get("params") if isinstance(document, dict) else None
        try:
            return Asked((self._input(document), params))
        except MlflowException as error:
            raise BadInput(_shortened(error)) from error
        except (ValueError, TypeError) as error:
            raise BadInput(f"The input cannot be read: {_shortened(error)}") from error

    def read_invocation(self, media_type: str, content: Any) -> Asked:
        """What `/invocations` gets, read by MLflow itself: `content` is bytes, or the parsed JSON."""
        from mlflow.pyfunc import scoring_server

        try:
            if media_type == scoring_server.CONTENT_TYPE_CSV:
                return Asked((scoring_server.parse_csv_input(StringIO(content.decode()), self._schema), None))
            if media_type == scoring_server.CONTENT_TYPE_PARQUET:
                return Asked((scoring_server.parse_parquet_input(BytesIO(content)), None))
            data = {key: value for key, value in content.items() if key in scoring_server.SUPPORTED_FORMATS}
            hinted = getattr(self._model.metadata, "_is_signature_from_type_hint", None)
            if hinted is not None and hinted():
                values = content.get("inputs", data)
            else:
                values = scoring_server.infer_and_parse_data(data, self._schema)
            return Asked((values, content.get("params")))
        except MlflowException as error:
            raise BadInput(_shortened(error)) from error
        except (ValueError, TypeError, KeyError) as error:
            raise BadInput(f"The input cannot be read: {_shortened(error)}") from error

    def read_tensors(self, tensors: dict[str, Any]) -> Asked:
        values = list(tensors.values())
        if self._schema is not None and self._schema.is_tensor_spec():
            return Asked((tensors if self._schema.has_input_names() else values[0], None))
        if self._columns and len(values) > 1:
            return self._tabled(columns_of(tensors, self._columns).tolist())
        if self._columns and values[0].ndim == 2:
            return self._tabled(values[0].tolist())
        return Asked((tensors if len(values) > 1 else values[0], None))

    def _tabled(self, values: list) -> Asked:
        return Asked((self._table(rows.Rows(values, self._columns)), None))

    def predict_together(self, asked: list[Asked]) -> list[dict[str, Any]]:
        raise NotTogether  # what a python_function does across rows, nobody knows

    def predict(self, asked: Asked) -> dict[str, Any]:
        values, params = asked.values
        try:
            return {"predictions": plain(self._model.predict(values, params=params))}
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
