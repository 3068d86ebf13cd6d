"""What people say of a version besides its tags, checked before it is kept."""

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NoReturn

from registry.models import Stage
from workspaces.errors import Invalid

MAX_ROWS = 1000
MAX_METRIC_KEY = 250
MAX_TEXT = 500
MAX_SAMPLE_BYTES = 256 * 1024
MAX_SAMPLE_DEPTH = 100
MOST_CPU = 1024
MOST_MEMORY_GB = 65_536
MOST_GPU = 1024
LINEAGE = {
    "experiment_name": 255,
    "run_id": 255,
    "script": 1024,
    "git_repository": 1024,
    "git_branch": 255,
    "git_commit": 64,
}
"""Field -> how many characters it holds."""


def checked_metrics(metrics: Mapping[str, float]) -> dict[str, float]:
    """Raises Invalid for a key that is not one, and for a value that is no finite number."""
    _check_count("metrics", metrics)
    return {_key("metrics", key, MAX_METRIC_KEY): _finite(key, value) for key, value in metrics.items()}


def _finite(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse("metrics", f"Metric {key[:40]!r} is not a number.", "Write it like 0.93.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        _refuse("metrics", f"Metric {key[:40]!r} is not a finite number.", "Leave out what could not be measured.")
    return number


def checked_parameters(parameters: Mapping[str, str]) -> dict[str, str]:
    """Raises Invalid."""
    _check_count("parameters", parameters)
    return {
        _key("parameters", key, MAX_TEXT): _text("parameters", f"The value of {key[:40]!r}", value, MAX_TEXT)
        for key, value in parameters.items()
    }


def checked_datasets(datasets: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(scenario, dataset) pairs in order, each once. Raises Invalid."""
    pairs = sorted({(scenario, dataset) for scenario, dataset in datasets})
    _check_count("datasets", pairs)
    for scenario, dataset in pairs:
        _key("datasets", scenario, MAX_METRIC_KEY)
        if not _text("datasets", f"The dataset of {scenario[:40]!r}", dataset, MAX_TEXT).strip():
            _refuse("datasets", f"Scenario {scenario[:40]!r} names no dataset.", "Write it like training=iris-2026.")
    return pairs


def checked_sample(field: str, sample: object) -> object:
    """JSON of at most 256 kB that every database can keep. Raises Invalid."""
    _check_depth(field, sample)
    try:
        text = json.dumps(sample, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except UnicodeEncodeError:
        _refuse(field, "The sample holds half of a surrogate pair.", "Send it as valid UTF-8.")
    except (TypeError, ValueError):
        _refuse(field, "The sample holds a number that JSON does not know.", "Leave out NaN and Infinity.")
    if size > MAX_SAMPLE_BYTES:
        said = f"The sample has {size:,} bytes; {MAX_SAMPLE_BYTES:,} is the most."
        _refuse(field, said, "A few rows are enough: people only want to see what a request looks like.")
    # As JSON writes the character, and not as it writes a backslash before "u0000".
    if re.search(r"(?<!\\)(?:\\\\)*\\u0000", text):
        _refuse(field, "The sample holds a NUL character.", "Take it out.")
    return sample


def _check_depth(field: str, sample: object) -> None:
    level, depth = [sample], 0
    while level:
        depth += 1
        if depth > MAX_SAMPLE_DEPTH:
            said = f"The sample is nested more than {MAX_SAMPLE_DEPTH} levels deep."
            _refuse(field, said, "No model takes such a request.")
        children = [list(each.values()) if isinstance(each, dict) else each for each in level]
        level = [item for each in children if isinstance(each, list) for item in each]


def checked_cpu(cpu: float | None) -> float | None:
    return _amount("cpu", cpu, MOST_CPU)


def checked_memory_gb(memory_gb: float | None) -> float | None:
    return _amount("memory_gb", memory_gb, MOST_MEMORY_GB)


def _amount(field: str, value: float | None, most: float) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
        _refuse(field, f"{field} is more than 0 and at most {most}.", "Leave it out when you do not know.")
    return float(value)


def checked_gpu(gpu: int | None) -> int | None:
    if gpu is not None and (isinstance(gpu, bool) or not isinstance(gpu, int) or not 0 <= gpu <= MOST_GPU):
        _refuse("gpu", f"gpu is a whole number from 0 to {MOST_GPU}.", "Leave it out when you do not know.")
    return gpu


def checked_lineage(lineage: Mapping[str, str]) -> dict[str, str]:
    """Where it came from, by the names in LINEAGE; a password in the repository's address is left out."""
    checked = {field: _text(field, field, text, LINEAGE[field]).strip() for field, text in lineage.items()}
    if "git_repository" in checked:
        checked["git_repository"] = re.sub(r"^(\w+://)[^/@]*:[^/@]*@", r"\1", checked["git_repository"])
    return checked


def checked_stage(stage: str) -> str:
    """Case does not matter. Raises Invalid."""
    for known in Stage.values:
        if isinstance(stage, str) and stage.casefold() == known.casefold():
            return known
    _refuse("stage", f"{str(stage)[:40]!r} is not a stage.", f"It is one of {', '.join(Stage.values)}.")


def _check_count(field: str, rows: Mapping | list) -> None:
    if len(rows) > MAX_ROWS:
        _refuse(field, f"There are {len(rows)} {field}; {MAX_ROWS} is the most.", "Keep those that people look for.")


def _key(field: str, key: str, most: int) -> str:
    if not _text(field, "A key", key, most).strip():
        _refuse(field, f"A key of {field} is empty.", "Name what it is, such as accuracy.")
    return key


def _text(field: str, what: str, text: str, most: int) -> str:
    if not isinstance(text, str):
        _refuse(field, f"{what} is not text.", "Put it in quotes.")
    if len(text) > most:
        _refuse(field, f"{what} of {field} has {len(text)} characters, {text[:40]!r}….", f"{most} is the most.")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        _refuse(field, f"{what} of {field} holds control characters.", "Take them out.")
    return text


def _refuse(field: str, said: str, advice: str) -> NoReturn:
    raise Invalid(said, advice=advice, errors={field: [said]})
