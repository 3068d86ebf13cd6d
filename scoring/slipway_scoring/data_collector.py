"""ModelDataCollector under its old paths, `azureml.monitoring` and `azureml.datacollector` (contract, 5.6).

Rows go to CSV files below `AML_MODEL_DC_STORAGE`, in the folders Azure used in its container `modeldata`. Without
`AML_MODEL_DC_STORAGE_ENABLED` it says so once and does nothing, so that scripts run anywhere."""

import csv
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from slipway_scoring.log import logger

DESIGNATIONS = ("inputs", "predictions", "labels", "signals", "general")
NAMED_BY_COLLECTION = ("signals", "general")
DEFAULT_WORKSPACE = "default/default/default"
_TRUE = ("true", "1", "yes", "on")


class ModelDataCollector:
    """`ModelDataCollector("model", designation="inputs", feature_names=["a", "b"])` in init(), `collect` in run()."""

    def __init__(
        self,
        model_name: str,
        designation: str = "default",
        feature_names: list[str] | None = None,
        workspace: str = DEFAULT_WORKSPACE,
        webservice_name: str = "default",
        model_version: str = "default",
        collection_name: str = "default",
        identifier: str | None = None,
    ) -> None:
        """`identifier` is the designation's name of 2018. Raises ValueError for an unknown designation."""
        wanted = identifier or designation
        self._designation = "general" if wanted == "default" else wanted
        if identifier is None and self._designation not in DESIGNATIONS:
            raise ValueError(f"designation must be one of {', '.join(DESIGNATIONS)}, not {designation!r}.")
        self._features = list(feature_names) if feature_names is not None else None
        service = os.environ.get("SERVICE_NAME") or webservice_name
        self._about = {
            "$aml_workspace": workspace.rpartition("/")[2],
            "$aml_service_name": service,
            "$aml_model_name": model_name,
            "$aml_model_version": str(model_version),
        }
        named = collection_name if self._designation in NAMED_BY_COLLECTION and collection_name != "default" else "data"
        self._folder = Path(workspace, service, model_name, str(model_version), self._designation)
        self._file = f"{named}.csv"
        self._enabled = _enabled()
        if not self._enabled:
            logger.info(
                "Nothing is collected for %s of %s: set AML_MODEL_DC_STORAGE_ENABLED to true.",
                self._designation, model_name,
            )  # fmt: skip

    def collect(self, input_data: Any, user_correlation_id: str = "") -> dict[str, Any] | None:
        """Keeps the rows of a list, an array or a DataFrame. For inputs: what `add_correlations` gives predictions."""
        if not self._enabled:
            return None
        columns, rows = _table(input_data, self._features)
        now = datetime.now(UTC)
        correlations = {
            "$aml_dc_correlation_id": user_correlation_id or str(uuid4()),
            "$aml_dc_scoring_timestamp": now.isoformat(timespec="milliseconds"),
            "$aml_request_id": str(uuid4()),
        }
        given = [name for name in columns if name.startswith("$aml_")]
        own = {name: value for name, value in (self._about | correlations).items() if name not in given}
        self._append(now, [*own, *columns], [[*own.values(), *row] for row in rows])
        return correlations if self._designation == "inputs" else None

    def add_correlations(self, input_data: Any, correlations: Mapping[str, Any] | None) -> Any:
        """The rows with the columns of `correlations` in front, for another collector."""
        if not correlations:
            return input_data
        columns, rows = _table(input_data, self._features)
        return _Correlated([*correlations, *columns], [[*correlations.values(), *row] for row in rows])

    def _append(self, now: datetime, columns: list[str], rows: list[list]) -> None:
        root = Path(os.environ.get("AML_MODEL_DC_STORAGE") or Path(os.environ.get("AML_APP_ROOT", "."), "modeldata"))
        folder = root / self._folder / now.strftime("%Y/%m/%d")
        if os.environ.get("AML_MODEL_DC_BOUNDARY") == "hour":
            folder /= now.strftime("%H")
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / self._file).open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if not file.tell():
                writer.writerow(columns)
            writer.writerows(rows)
        if os.environ.get("AML_MODEL_DC_DEBUG", "").lower() in _TRUE:
            print(f"Collected {len(rows)} rows in {folder / self._file}")


class _Correlated:
    """Rows that know the names of their columns."""

    def __init__(self, columns: list[str], rows: list[list]) -> None:
        self.columns, self.rows = columns, rows


def _enabled() -> bool:
    names = ("AML_MODEL_DC_STORAGE_ENABLED", "AML_MDC_STORAGE_ENABLED")
    return any(os.environ.get(name, "").lower() in _TRUE for name in names)


def _table(data: Any, features: list[str] | None) -> tuple[list[str], list[list]]:
    """Column names and rows. Raises TypeError for what has none."""
    if isinstance(data, _Correlated):
        return data.columns, data.rows
    if hasattr(data, "toPandas"):  # Spark
        data = data.toPandas()
    if hasattr(data, "columns") and hasattr(data, "to_numpy"):
        return [str(name) for name in data.columns], data.to_numpy().tolist()
    rows = data.tolist() if hasattr(data, "tolist") else data
    if not isinstance(rows, list | tuple):
        raise TypeError(f"Collected can be lists, arrays and DataFrames, not {type(data).__name__}.")
    rows = [list(row) if isinstance(row, list | tuple) else [row] for row in rows]
    width = max((len(row) for row in rows), default=0)
    names = features or [str(at) for at in range(width)]
    if any(len(row) != len(names) for row in rows):
        raise ValueError(f"The rows must have {len(names)} values, one for each feature name.")
    return names, rows
