"""Open Inference Protocol, version 2 (KServe, Triton, MLServer), over HTTP: JSON and binary tensors.

Source: KServe's open-inference-protocol, specification/protocol/inference_rest.md; Triton's extension_binary_data.md.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from slipway_scoring.dataplane import Answer, Asked, Call, Predictor
from slipway_scoring.errors import BadInput
from slipway_scoring.exchange import header_of
from slipway_scoring.protocols import tensors
from slipway_scoring.protocols.served import ONLY_OUTPUT, Served

HEADER_LENGTH = b"inference-header-content-length"


class Infer:
    """`POST /v2/models/{name}/infer`."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def read(self, call: Call, predictor: Predictor) -> Asked:
        request, binary = tensors.split(call.body, header_of(call.headers, HEADER_LENGTH))
        if not isinstance(request, dict) or not isinstance(request.get("inputs"), list) or not request["inputs"]:
            raise BadInput('The request must be an object with "inputs", a list of tensors.')
        given: dict[str, np.ndarray] = {}
        for described in request["inputs"]:
            name, values, binary = tensors.read(described, binary)
            if name in given:
                raise BadInput(f"There are two inputs {name!r}.")
            given[name] = values
        if len(binary):
            raise BadInput(f"{len(binary)} bytes are left behind the last input.")
        call.noted = Wanted.of(request)
        return predictor.read_tensors(given)

    def write(self, call: Call, result: dict[str, Any]) -> Answer:
        wanted: Wanted = call.noted
        found = {name: tensors.of(value) for name, value in _named(result).items()}
        found = {name: array for name, array in found.items() if array is not None}
        for name in wanted.outputs:
            if name not in found:
                raise BadInput(f"There is no output {name!r}; there are {', '.join(found)}.")
        outputs, behind = [], []
        for name, array in found.items():
            if wanted.outputs and name not in wanted.outputs:
                continue
            output = {"name": name, "datatype": tensors.datatype(array), "shape": list(array.shape)}
            if wanted.is_binary(name):
                behind.append(tensors.to_bytes(array))
                output["parameters"] = {"binary_data_size": len(behind[-1])}
            else:
                output["data"] = tensors.to_json(array)
            outputs.append(output)
        about = {"model_name": self._served.name, "model_version": self._served.version}
        if wanted.id:
            about["id"] = wanted.id
        text = orjson.dumps(about | {"outputs": outputs}, option=orjson.OPT_SERIALIZE_NUMPY)
        if not behind:
            return Answer(text, None)
        headers = b"content-type: application/octet-stream\r\n%b: %d\r\n" % (HEADER_LENGTH, len(text))
        return Answer(b"".join([text, *behind]), None, headers=headers)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which outputs in which form; every one, as JSON, where the request does not say."""

    id: str
    outputs: dict[str, bool | None]
    binary: bool

    @classmethod
    def of(cls, request: dict) -> "Wanted":
        named = request.get("outputs") or []
        if not isinstance(named, list) or not all(isinstance(each, dict) for each in named):
            raise BadInput('"outputs" must be a list of objects with a name.')
        outputs = {str(each.get("name")): _parameters(each).get("binary_data") for each in named}
        return cls(str(request.get("id") or ""), outputs, bool(_parameters(request).get("binary_data_output")))

    def is_binary(self, name: str) -> bool:
        said = self.outputs.get(name)
        return self.binary if said is None else bool(said)


def _parameters(described: dict) -> dict:
    found = described.get("parameters")
    return found if isinstance(found, dict) else {}


def _named(result: dict[str, Any]) -> dict[str, Any]:
    return result["outputs"] if "outputs" in result else {ONLY_OUTPUT: result["predictions"]}
