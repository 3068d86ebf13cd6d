"""The one model of this server as the Open Inference Protocol describes it."""

from dataclasses import dataclass
from typing import Any

import orjson

from slipway_scoring import __version__

# What the output of a model is called that has one.
ONLY_OUTPUT = "predictions"
EXTENSIONS = ["binary_tensor_data"]
_DATATYPES = {
    "bool": "BOOL", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64", "int8": "INT8",
    "int16": "INT16", "int32": "INT32", "int64": "INT64", "long": "INT64", "integer": "INT32", "float16": "FP16",
    "float32": "FP32", "float": "FP32", "float64": "FP64", "double": "FP64", "string": "BYTES",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """The one model of this server, as callers name it."""

    name: str
    version: str

    def server(self) -> bytes:
        return orjson.dumps({"name": "slipway-scoring", "version": __version__, "extensions": EXTENSIONS})

    def model(self, signature: dict[str, list], platform: str) -> bytes:
        sides = {side: [_described(each) for each in signature.get(side, [])] for side in ("inputs", "outputs")}
        if len(sides["outputs"]) == 1:
            sides["outputs"][0]["name"] = ONLY_OUTPUT
        about = {"name": self.name, "versions": [self.version], "platform": platform}
        return orjson.dumps(about | sides)


def _described(column: dict[str, Any]) -> dict[str, Any]:
    shape = [-1 if not isinstance(size, int) else size for size in column.get("shape") or [None]]
    name = column.get("name") or "input"
    return {"name": str(name), "datatype": _DATATYPES.get(column.get("type") or "", "FP64"), "shape": shape}


def words(error: Exception) -> bytes:
    return orjson.dumps({"error": str(error)})
