"""Asking a workload's runtime whether its model is loaded."""

import json

import httpx

from workspaces.texts import storable

_MOST_EXAMPLE = 200_000
_client = httpx.Client(timeout=2.0, trust_env=False)


def is_ready(address: str) -> tuple[bool, str]:
    """Whether `GET /ready` says yes, and in words what it said."""
    try:
        answer = _client.get(f"{address}/ready")
    except httpx.HTTPError as exc:
        return False, f"It does not answer on {address} ({type(exc).__name__})."
    if answer.status_code == 200:
        return True, ""
    return False, f"It answered {answer.status_code}: {answer.text[:200]}"


def sample_request(address: str) -> object | None:
    """The example request in the runtime's own swagger document; None when it offers none."""
    try:
        answer = _client.get(f"{address}/swagger.json")
        # NaN is no JSON, and no database would keep it.
        document = json.loads(storable(answer.text), parse_constant=_refuse)
        example = document["definitions"]["ServiceInput"].get("example")
    except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    kept = json.dumps(example, ensure_ascii=False)
    fit = len(kept) < _MOST_EXAMPLE and "\\u0000" not in kept and storable(kept) == kept
    return example if example and fit else None


def signature(address: str) -> object:
    """What the runtime tells of the model it has loaded; None when it tells nothing that could be kept."""
    try:
        answer = _client.get(f"{address}/signature")
        return json.loads(storable(answer.text), parse_constant=_refuse) if answer.status_code == 200 else None
    except (httpx.HTTPError, ValueError, RecursionError):
        return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
