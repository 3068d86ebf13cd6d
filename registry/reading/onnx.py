"""An ONNX file's graph without its tensors. Field numbers are those of onnx/onnx.proto3 (IR version 13)."""

from collections import Counter
from dataclasses import dataclass, field

from registry.reading import signature
from registry.reading.budget import Budget, OutOfTime
from registry.reading.files import FactFile
from registry.reading.window import Ended, Window
from registry.reading.wire import Field, NotProtobuf, fields
from workspaces.texts import storable

_TYPES = (
    "", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64",
    "uint32", "uint64", "complex64", "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2",
    "float8e5m2fnuz", "uint4", "int4", "float4e2m1",
)  # fmt: skip
_MOST_NAMES = 500
_MOST_TEXT = 2000
_DEEPEST = 20


@dataclass
class Graph:
    """What was read; `fault` says in words why it ends early."""

    ir_version: int = 0
    producer: list[str] = field(default_factory=lambda: ["", ""])
    opsets: dict[str, int] = field(default_factory=dict)
    operators: Counter[str] = field(default_factory=Counter)
    metadata: dict[str, str] = field(default_factory=dict)
    inputs: list[dict] = field(default_factory=list)
    outputs: list[dict] = field(default_factory=list)
    initializers: set[str] = field(default_factory=set)
    external_files: dict[str, None] = field(default_factory=dict)
    fault: str = ""

    def as_facts(self) -> dict[str, object]:
        facts = {
            "ir_version": self.ir_version,
            "producer": " ".join(part for part in self.producer if part),
            "opsets": self.opsets,
            "operators": dict(self.operators.most_common(_MOST_NAMES)),
            "metadata": self.metadata,
            "external_files": list(self.external_files)[:_MOST_NAMES],
            "fault": self.fault,
        }
        return {key: value for key, value in facts.items() if value}

    def signature(self, path: str) -> dict[str, object]:
        given = [entry for entry in self.inputs if entry["name"] not in self.initializers]
        return signature.told(given, self.outputs, f"the graph of {path}")


def read_onnx(file: FactFile, budget: Budget) -> Graph:
    graph = Graph()
    try:
        with file.open() as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            for part in fields(Window(stream, budget), size):
                _model(part, graph)
    except NotProtobuf:
        graph.fault = "It is not the Protocol Buffers message that an ONNX file is."
    except Ended:
        graph.fault = "It ends in the middle."
    except OutOfTime:
        graph.fault = "There was no time to read it to its end."
    return graph


def _model(part: Field, graph: Graph) -> None:
    if part.number == 1:
        graph.ir_version = part.value
    elif part.number in (2, 3):
        graph.producer[part.number - 2] = _text(part)
    elif part.number == 8 and len(graph.opsets) < _MOST_NAMES:
        domain, version = "", 0
        for each in part.fields:
            domain, version = (_text(each), version) if each.number == 1 else (domain, each.value)
        graph.opsets[domain or "ai.onnx"] = version
    elif part.number == 14 and len(graph.metadata) < _MOST_NAMES:
        key, value = _pair(part)
        graph.metadata[key] = value
    elif part.number == 7:
        for each in part.fields:
            _graph(each, graph, 0)


def _graph(part: Field, graph: Graph, depth: int) -> None:
    if part.number == 1:
        _node(part, graph, depth)
    elif part.number == 5:
        _tensor(part, graph, depth)
    elif depth == 0 and part.number == 11 and len(graph.inputs) < 2 * signature.MOST_FIELDS:
        graph.inputs.append(_value(part))
    elif depth == 0 and part.number == 12 and len(graph.outputs) < signature.MOST_FIELDS:
        graph.outputs.append(_value(part))


def _node(part: Field, graph: Graph, depth: int) -> None:
    operator, domain = "", ""
    for each in part.fields:
        if each.number == 4:
            operator = _text(each)
        elif each.number == 7:
            domain = _text(each)
        elif each.number == 5 and depth < _DEEPEST:
            _attribute(each, graph, depth)
    name = f"{domain}.{operator}" if domain not in {"", "ai.onnx"} else operator
    if name in graph.operators or len(graph.operators) < _MOST_NAMES:
        graph.operators[name] += 1


def _attribute(part: Field, graph: Graph, depth: int) -> None:
    """The graphs of If, Loop and Scan are attributes."""
    for each in part.fields:
        if each.number in (6, 11) and each.window:
            for inner in each.fields:
                _graph(inner, graph, depth + 1)
        elif each.number == 5 and each.window:
            _tensor(each, graph, depth + 1)


def _tensor(part: Field, graph: Graph, depth: int) -> None:
    for each in part.fields:
        if each.number == 8 and depth == 0:
            graph.initializers.add(_text(each))
        elif each.number == 13:
            key, value = _pair(each)
            if key == "location":
                graph.external_files[value] = None


def _pair(part: Field) -> tuple[str, str]:
    found = {each.number: _text(each) for each in part.fields if each.number in (1, 2)}
    return found.get(1, ""), found.get(2, "")


def _value(part: Field) -> dict[str, object]:
    name, kind, shape = "", "", None
    for each in part.fields:
        if each.number == 1:
            name = _text(each)
        elif each.number == 2:
            kind, shape = _type(each, 0)
    return signature.field(name, kind, shape)


def _type(part: Field, depth: int) -> tuple[str, list | None]:
    if depth > _DEEPEST:
        return "", None
    for each in part.fields:
        if each.number in (1, 8):
            return _tensor_type(each)
        if each.number in (4, 9):
            word = "sequence of" if each.number == 4 else "optional"
            return f"{word} {_inner(each, 1, depth)}", None
        if each.number == 5:
            return _map_type(each, depth), None
    return "", None


def _inner(part: Field, number: int, depth: int) -> str:
    return next((_type(each, depth + 1)[0] for each in part.fields if each.number == number), "")


def _map_type(part: Field, depth: int) -> str:
    key, value = "", ""
    for each in part.fields:
        if each.number == 1:
            key = _element(each.value)
        elif each.number == 2:
            value = _type(each, depth + 1)[0]
    return f"map of {key} to {value}"


def _tensor_type(part: Field) -> tuple[str, list | None]:
    kind, shape = "", None
    for each in part.fields:
        if each.number == 1:
            kind = _element(each.value)
        elif each.number == 2:
            shape = [_dimension(size) for size in each.fields if size.number == 1]
    return kind, shape


def _dimension(part: Field) -> int | str | None:
    for each in part.fields:
        if each.number == 1:
            return each.value
        if each.number == 2:
            return _text(each) or None
    return None


def _element(number: int) -> str:
    return _TYPES[number] if number < len(_TYPES) else f"type {number}"


def _text(part: Field) -> str:
    return storable(part.text)[:_MOST_TEXT]
