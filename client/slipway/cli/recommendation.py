"""The size a profile recommends, in words and numbers."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.cli import figures

_GOAL = {True: "That holds what was asked for.", False: "That does not hold what was asked for.", None: ""}


def lines(measured: Mapping[str, Any], studio_url: str) -> Iterator[str]:
    """Of a whole profile that has finished; `studio_url` is where its links begin."""
    found = measured.get("recommendation")
    if not found:
        yield "No size is recommended: too little was measured."
        return
    yield f"Recommended: {_size(found)}."
    yield f"Expect {_expected(found)}. {_GOAL[found['meets_goal']]}".rstrip()
    yield from _because(found)
    yield f"Deploy it with {' '.join(_flags(found))}"
    if found.get("deploy_url"):
        yield f"or at {studio_url}{found['deploy_url']}"


def _size(found: Mapping[str, Any]) -> str:
    replicas = f"{found['replicas']} replica{'' if found['replicas'] == 1 else 's'}"
    size = figures.size(found["cpu"], found["memory_gb"], onnx=found["onnx"])
    return f"{size}, {replicas}, {found['concurrency']} requests at a time"


def _expected(found: Mapping[str, Any]) -> str:
    latency, rate = figures.milliseconds(found["p95_ms"]), figures.rate(found["requests_per_second"])
    return f"{rate} requests/s, 95 of 100 answered within {latency} ms"


def _because(found: Mapping[str, Any]) -> Iterator[str]:
    said = {
        "Why": found["why"],
        "Not smaller": [found["why_not_smaller"]],
        "Headroom": found["headroom"],
        "Batching": [found["batching"]],
        "ONNX": [found["onnx_says"]],
        f"Confidence {found['confidence']}": found["doubts"],
    }
    for title, sentences in said.items():
        text = " ".join(filter(None, sentences))
        if text or title.startswith("Confidence"):
            yield f"{title}: {text}" if text else f"{title}."


def _flags(found: Mapping[str, Any]) -> Iterator[str]:
    """Of `slipway model deploy`."""
    yield f"--cc {found['cpu']:g} --gb {found['memory_gb']:g}"
    if found["replicas"] > 1:
        yield f"--num-replicas {found['replicas']}"
    if found["onnx"]:
        yield "--convert-to-onnx"
