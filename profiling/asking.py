"""Requests to one workload outside of any measuring: whether it takes the samples, what its runtime has counted."""

import math
import time
from dataclasses import dataclass

import httpx

_COUNTED = ("requests", "request_seconds", "queue_seconds", "model_seconds")
_NAMES = ("request", "queue", "model")
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Answered:
    """`status` 0: no answer at all, and `body` says why."""

    status: int
    body: str
    took_ms: float


def post(url: str, body: str, timeout_s: float) -> Answered:
    began = time.perf_counter()
    try:
        reply = httpx.post(
            url,
            content=body.encode(),
            headers={"Content-Type": "application/json"},
            timeout=timeout_s,
            trust_env=False,
        )
    except httpx.HTTPError as exc:
        return Answered(0, f"{type(exc).__name__}: {exc}", (time.perf_counter() - began) * 1000)
    return Answered(reply.status_code, reply.text, (time.perf_counter() - began) * 1000)


def runtime_facts(url: str) -> dict[str, float]:
    """The numbers that the runtime tells at /usage; empty when it tells nothing. Anybody's code runs there: what is no
    finite number is left out."""
    try:
        reply = httpx.get(f"{url}/usage", timeout=_TIMEOUT_S, trust_env=False)
        told = reply.json() if reply.status_code == 200 else None
    except (httpx.HTTPError, ValueError):
        return {}
    told = told if isinstance(told, dict) else {}
    return {name: value for name, value in told.items() if type(value) in (int, float) and math.isfinite(value)}


def stages(before: dict[str, float], after: dict[str, float], mean_ms: float) -> dict[str, float] | None:
    """Milliseconds of a mean request that took `mean_ms` for its client: in the queue, in the model, otherwise in the
    runtime (reading, JSON), and outside of it. None where the runtime did not count."""
    try:
        counted = {name: after[name] - before[name] for name in _COUNTED}
    except (KeyError, TypeError):
        return None
    if counted["requests"] <= 0:
        return None
    whole, queued, model = (counted[f"{name}_seconds"] * 1000 / counted["requests"] for name in _NAMES)
    return {
        "client": max(0.0, mean_ms - whole),
        "queue": queued,
        "model": model,
        "other": max(0.0, whole - queued - model),
    }
