"""Tensors of the Open Inference Protocol, as JSON and as bytes behind it.

Source: KServe's open-inference-protocol, specification/protocol/inference_rest.md, and Triton's binary tensor data
extension (server/docs/protocol/extension_binary_data.md)."""

import math
from typing import Any

import numpy as np
import orjson

from slipway_scoring.errors import BadInput

DTYPES = {
    "BOOL": np.dtype("?"), "UINT8": np.dtype("u1"), "UINT16": np.dtype("<u2"), "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"), "INT8": np.dtype("i1"), "INT16": np.dtype("<i2"), "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"), "FP16": np.dtype("<f2"), "FP32": np.dtype("<f4"), "FP64": np.dtype("<f8"),
    "BYTES": np.dtype("O"),
}  # fmt: skip
NAMES = {dtype: name for name, dtype in DTYPES.items()}
MOST_DIMENSIONS = 32  # numpy's own limit was that for long


def read(described: Any, binary: memoryview) -> tuple[str, np.ndarray, memoryview]:
    """Name and values of an input, and what of `binary` belongs to the inputs behind it. Raises BadInput."""
    if not isinstance(described, dict) or not isinstance(described.get("name"), str):
        raise BadInput("Each input must be an object with a name.")
    name = described["name"]
    dtype = DTYPES.get(described.get("datatype") if isinstance(described.get("datatype"), str) else "")
    if dtype is None:
        known = ", ".join(DTYPES)
        raise BadInput(f"Input {name!r} has the datatype {described.get('datatype')!r}; known are {known}.")
    shape = _shape(name, described.get("shape"))
    size = _parameters(described).get("binary_data_size")
    if size is None:
        return name, _of_json(name, dtype, shape, described.get("data")), binary
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= len(binary):
        raise BadInput(f"Input {name!r} says binary_data_size {size!r}, but {len(binary)} bytes are left.")
    return name, _of_bytes(name, dtype, shape, binary[:size]), binary[size:]


def _shape(name: str, shape: Any) -> list[int]:
    plain = isinstance(shape, list) and all(isinstance(size, int) and not isinstance(size, bool) for size in shape)
    if not plain or any(size < 0 for size in shape) or len(shape) > MOST_DIMENSIONS:
        raise BadInput(f"Input {name!r} needs a shape: a list of sizes such as [1, 30].")
    return shape


def _parameters(described: dict) -> dict:
    found = described.get("parameters")
    return found if isinstance(found, dict) else {}


def _of_json(name: str, dtype: np.dtype, shape: list[int], data: Any) -> np.ndarray:
    if not isinstance(data, list):
        raise BadInput(f"Input {name!r} has no data: a list of values, flat or nested.")
    try:
        values = np.asarray(data, dtype=dtype)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadInput(f"The data of input {name!r} is not {NAMES[dtype]}: {error}") from None
    if dtype.kind == "O" and not all(isinstance(value, str) for value in values.flat):
        raise BadInput(f"The data of input {name!r} is not BYTES: in JSON these are texts.")
    return _shaped(name, values, shape)


def _shaped(name: str, values: np.ndarray, shape: list[int]) -> np.ndarray:
    if values.size != math.prod(shape):
        raise BadInput(f"Input {name!r} of shape {shape} takes {math.prod(shape)} values; there are {values.size}.")
    return values.reshape(shape)


def _of_bytes(name: str, dtype: np.dtype, shape: list[int], binary: memoryview) -> np.ndarray:
    if dtype.kind == "O":
        return _shaped(name, _texts(name, binary), shape)
    if len(binary) != math.prod(shape) * dtype.itemsize:
        needed = math.prod(shape) * dtype.itemsize
        raise BadInput(f"Input {name!r} of shape {shape} takes {needed} bytes; there are {len(binary)}.")
    return np.frombuffer(binary, dtype=dtype).reshape(shape)


def _texts(name: str, binary: memoryview) -> np.ndarray:
    """Each with its length in front, four bytes, the smallest first."""
    texts, at = [], 0
    while at < len(binary):
        end = at + 4 + int.from_bytes(binary[at : at + 4], "little")
        if end > len(binary) or at + 4 > len(binary):
            raise BadInput(f"The texts of input {name!r} are longer than its bytes.")
        try:
            texts.append(bytes(binary[at + 4 : end]).decode())
        except UnicodeDecodeError:
            raise BadInput(f"The texts of input {name!r} are not UTF-8.") from None
        at = end
    return np.array(texts, dtype=object)


def of(value: Any) -> np.ndarray | None:
    """What a model gave as a tensor; None for what is none, such as a list of unlike objects."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return value
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        keys = list(value[0])  # probabilities by class, as scikit-learn's converter writes them
        value = [[row.get(key) for key in keys] for row in value]
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    if array.dtype.kind in "biuf":
        return array
    if array.dtype.kind in "US" or (array.dtype.kind == "O" and all(isinstance(each, str) for each in array.flat)):
        return array.astype(object)
    return None


def datatype(array: np.ndarray) -> str:
    return NAMES[array.dtype.newbyteorder("<")]


def to_bytes(array: np.ndarray) -> bytes:
    if array.dtype.kind != "O":
        return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
    texts = [text.encode() for text in array.flat]
    return b"".join(len(text).to_bytes(4, "little") + text for text in texts)


def to_json(array: np.ndarray) -> Any:
    """Flat, as the protocol prefers it: something orjson writes."""
    flat = array.reshape(-1)
    return flat.tolist() if array.dtype.kind == "O" or array.dtype.itemsize == 2 else np.ascontiguousarray(flat)


def split(body: bytes, header_bytes: bytes) -> tuple[Any, memoryview]:
    """The JSON in front and the bytes behind it. Raises BadInput."""
    if not header_bytes:
        return _json(body), memoryview(b"")
    try:
        length = int(header_bytes)
        if not 0 <= length <= len(body):
            raise ValueError
    except ValueError:
        raise BadInput("inference-header-content-length is not a length within the body.") from None
    return _json(body[:length]), memoryview(body)[length:]


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"The request is not JSON: {error}") from None
