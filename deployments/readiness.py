"""Asking a workload's runtime whether its model is loaded."""

import httpx

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
        document = _client.get(f"{address}/swagger.json").json()
        example = document["definitions"]["ServiceInput"].get("example")
    except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return example or None
