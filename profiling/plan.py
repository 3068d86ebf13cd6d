"""What a profile is asked to measure: sizes, loads, a goal; checked against what the target has."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from deployments.models import Target
from profiling.errors import ProfileSettingsInvalid

# Azure ML v1's ranges (contract §3.5): the sizes that are tried when nobody names any lie within them.
CPU_LADDER = (0.1, 0.5, 1.0, 2.0, 3.5)
LEAST_CPU, MOST_CPU = 0.1, 256.0
LEAST_MEMORY_GB, MOST_MEMORY_GB = 0.1, 4096.0
MOST_DEFAULT_MEMORY_GB = 15.0
CONCURRENCY = (1, 2, 4, 8, 16, 32, 64)
MOST_CONCURRENCY = 512
MOST_SIZES = 40
DEFAULT_SHARE = 0.5
DEFAULT_BUDGET_MIN = 15.0
MOST_BUDGET_MIN = 240.0
_GENEROUS_GB = 2.0
# How much larger than its files a model may become in memory before more than a generous size is tried first.
_GROWS = 4


@dataclass(frozen=True, slots=True)
class Goal:
    """What is wanted: answers within `p95_ms` for 95 of 100 requests, at `requests_per_second`; either may be open."""

    p95_ms: float | None = None
    requests_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`cpu` in cores, `memory_gb` in GiB, largest first; `share` is the part of the target that may be used.

    With `search_memory`, the least memory that is enough is looked for after the CPU sizes."""

    cpu: list[float]
    memory_gb: list[float]
    concurrency: list[int]
    goal: Goal | None
    share: float
    budget_minutes: float
    try_onnx: bool
    search_memory: bool

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, object]) -> "Plan":
        goal = kept["goal"]
        return cls(**{**kept, "goal": Goal(**goal) if goal else None})

    @property
    def sizes(self) -> list[tuple[float, float]]:
        """(CPU, memory in GiB) of those to begin with."""
        return [(cpu, memory) for cpu in self.cpu for memory in self.memory_gb]


def limits_cpu(target: Target) -> bool:
    """Whether a size's CPU is a limit there, or only told to the model's threads."""
    return target.kind != Target.Kind.PROCESS


def read_plan(asked: Mapping[str, object], target: Target, model_bytes: int, *, convertible: bool) -> Plan:
    """Raises ProfileSettingsInvalid, naming the fields."""
    share = _number(asked, "share", DEFAULT_SHARE, 0.05, 1.0)
    most_cpu = target.cpu * share if target.cpu else 1.0
    most_memory = target.memory_bytes * share / 1024**3 if target.memory_bytes else _GENEROUS_GB
    cpu = _numbers(asked, "cpu", LEAST_CPU, MOST_CPU)
    memory = _numbers(asked, "memory_gb", LEAST_MEMORY_GB, MOST_MEMORY_GB)
    _check_room("cpu", cpu, target, target.cpu, share, "CPU")
    _check_room("memory_gb", memory, target, target.memory_bytes / 1024**3, share, "GB of memory")
    plan = Plan(
        cpu=cpu or _default_cpu(target, most_cpu),
        memory_gb=memory or [_default_memory(most_memory, model_bytes)],
        concurrency=[int(n) for n in _numbers(asked, "concurrency", 1, MOST_CONCURRENCY, whole=True)[::-1]]
        or list(CONCURRENCY),
        goal=_goal(asked.get("goal")),
        share=share,
        budget_minutes=_number(asked, "budget_minutes", DEFAULT_BUDGET_MIN, 1.0, MOST_BUDGET_MIN),
        try_onnx=convertible and asked.get("try_onnx") is not False,
        search_memory=not memory,
    )
    if len(plan.sizes) > MOST_SIZES:
        raise _refuse("cpu", f"{len(plan.sizes)} sizes are too many; {MOST_SIZES} can be measured.")
    return plan


def _default_cpu(target: Target, most: float) -> list[float]:
    if not limits_cpu(target):
        return [1.0 if most >= 1 else max(LEAST_CPU, round(most, 2))]
    fit = [cpu for cpu in CPU_LADDER if cpu <= most + 1e-9]
    return fit[::-1] or [LEAST_CPU]


def _default_memory(most: float, model_bytes: int) -> float:
    wanted = max(_GENEROUS_GB, 1 + _GROWS * model_bytes / 1024**3)
    fit = min(wanted, most, MOST_DEFAULT_MEMORY_GB)
    return max(LEAST_MEMORY_GB, math.floor(fit * 8) / 8)


def _check_room(key: str, sizes: list[float], target: Target, there: float, share: float, unit: str) -> None:
    if sizes and there and sizes[0] > there * share + 1e-9:
        raise _refuse(
            key,
            f"{sizes[0]:g} {unit} cannot be measured on {target.name}: it has {there:.4g}, of which a profile may use "
            f"{share:.0%}.",
        )


def _goal(asked: object) -> Goal | None:
    if asked in (None, {}):
        return None
    if not isinstance(asked, Mapping) or set(asked) - {"p95_ms", "requests_per_second"}:
        raise _refuse("goal", "A goal has p95_ms, requests_per_second or both.")
    p95 = _number(asked, "p95_ms", None, 0.01, 3_600_000.0, within="goal.")
    rate = _number(asked, "requests_per_second", None, 0.01, 1_000_000.0, within="goal.")
    return Goal(p95, rate) if p95 or rate else None


def _number(
    asked: Mapping[str, object], key: str, default: float | None, least: float, most: float, *, within: str = ""
) -> float | None:
    value = asked.get(key)
    return default if value is None else _checked(f"{within}{key}", value, least, most)


def _numbers(asked: Mapping[str, object], key: str, least: float, most: float, *, whole: bool = False) -> list[float]:
    """Each once, largest first."""
    value = asked.get(key)
    values = [] if value is None else value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return sorted({_checked(key, each, least, most, whole=whole) for each in values}, reverse=True)


def _checked(key: str, value: object, least: float, most: float, *, whole: bool = False) -> float:
    kind = int if whole else int | float
    if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:
        what = "a whole number" if whole else "a number"
        raise _refuse(key, f"{key} must be {what} from {least:g} to {most:g}, not {value!r:.40}.")
    return value if whole else float(value)


def _refuse(key: str, said: str) -> ProfileSettingsInvalid:
    advice = "Ask for less, or for a larger share." if "cannot be measured" in said else "Correct it and try again."
    return ProfileSettingsInvalid(said, advice=advice, errors={key: [said]})
