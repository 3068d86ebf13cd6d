"""The body that the scoring runtime takes at /score from each kind of model, for one row of values or for tensors.

The forms are those of slipway_scoring.rows and of its loaders."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from registry.models import Framework, ModelVersion

Write = Callable[[list], str]
# Several inputs of these are columns, whatever is said of their shapes.
_TABLES = frozenset((Framework.SCIKIT_LEARN, Framework.XGBOOST, Framework.LIGHTGBM))
# What these take has a shape, said or not; of the others, an input without one is a column.
_GRAPHS = frozenset((Framework.ONNX, Framework.TENSORFLOW, Framework.TF_KERAS, Framework.PYTORCH))
_SCRIPTED = frozenset((Framework.CUSTOM, Framework.MULTI, ""))


@dataclass(frozen=True, slots=True)
class Takes:
    """What a version takes: `inputs` as its signature says them, [] when nobody knows."""

    framework: str
    inputs: list[dict]

    @property
    def tensors(self) -> bool:
        """Whether they are tensors, and not columns."""
        may_be = len(self.inputs) == 1 or (bool(self.inputs) and self.framework not in _TABLES)
        return may_be and all(each["shape"] is not None for each in self.inputs)

    @property
    def shapeless(self) -> bool:
        """Whether they are tensors of shapes that nobody knows."""
        return not self.tensors and self.framework in _GRAPHS

    @property
    def names(self) -> frozenset[str]:
        return frozenset(each["name"] for each in self.inputs if each["name"])

    def types(self, names: list[str] | None, width: int) -> list[str]:
        """What is said of each column of a CSV; "" of those nothing is said of."""
        if len(self.inputs) == 1 and self.tensors:
            return [self.inputs[0]["type"]] * width
        if names is not None and self.names:
            said = {each["name"]: each["type"] for each in self.inputs}
            return [said.get(name, "") for name in names]
        return [each["type"] for each in self.inputs[:width]] + [""] * (width - len(self.inputs))

    def form(self, names: list[str] | None) -> Write:
        """How a row of values, in columns of these names, is written. What the model does not take like this is left
        for the model to refuse: it says best why."""
        if self.framework in _SCRIPTED:
            return lambda values: self.row(None, values)
        if self.tensors and len(self.inputs) == 1:
            return lambda values: written({"data": shaped(values, self.inputs[0]["shape"])})
        if names is None or not self.names or not self.names <= set(names):
            return lambda values: self.row(names, values)
        wanted = [each["name"] for each in self.inputs if each["name"]]
        at = {name: index for index, name in enumerate(names)}
        place = [at[name] for name in wanted]
        write = self.named if self.tensors else self.row
        return lambda values: write(wanted, [values[index] for index in place])

    def named(self, names: list[str], values: list) -> str:
        """A tensor of one value for each input."""
        shapes = {each["name"]: each["shape"] for each in self.inputs}
        tensors = {name: shaped([value], shapes[name]) for name, value in zip(names, values, strict=True)}
        return written({"inputs": tensors})

    def row(self, names: list[str] | None, values: list) -> str:
        """Without names where there are none. Nor are they told to a script: most read Azure's form."""
        if self.framework in _SCRIPTED or names is None or not all(names):
            return written({"data": [values]})
        key = "dataframe_split" if self.framework == Framework.MLFLOW else "input_data"
        return written({key: {"columns": names, "data": [values]}})


def taken_by(version: ModelVersion | None) -> Takes:
    return Takes("", []) if version is None else Takes(version.framework, version.signature.get("inputs", []))


def shaped(values: list, shape: list) -> list:
    """One row's values as a tensor of `shape`, or as a row of a table when they do not fill it."""
    inner = shape[1:]
    if not shape or not all(isinstance(size, int) and size > 0 for size in inner) or prod(inner) != len(values):
        return [values]
    for size in reversed(inner):
        values = [values[at : at + size] for at in range(0, len(values), size)]
    return values


def written(document: dict) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
