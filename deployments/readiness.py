"""Asking a workload's runtime whether its model is loaded, and what it is."""

import json

from drivers.base import Driver, Handle, Observed
from drivers.errors import DriverError, NoAnswer
from workspaces.texts import storable

_MOST_EXAMPLE = 200_000


def is_ready(driver: Driver, handle: Handle, seen: Observed) -> tuple[bool, str]:
    """Whether requests may be sent to it, and in words what keeps it from that."""
    if seen.ready is not None:
        return seen.ready, "" if seen.ready else seen.detail
    try:
        reply = driver.ask(handle, "/ready")
    except NoAnswer as exc:
        return False, str(exc)
    if reply.status == 200:
        return True, ""
    return False, f"It answered {reply.status}: {reply.text[:200]}"


def sample_request(driver: Driver, handle: Handle) -> object | None:
    """The example request in the runtime's own swagger document; None when it offers none."""
    try:
        # NaN is no JSON, and no database would keep it.
        document = json.loads(storable(driver.ask(handle, "/swagger.json").text), parse_constant=_refuse)
        example = document["definitions"]["ServiceInput"].get("example")
    except (DriverError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    kept = json.dumps(example, ensure_ascii=False)
    fit = len(kept) < _MOST_EXAMPLE and "\\u0000" not in kept and storable(kept) == kept
    return example if example and fit else None


def signature(driver: Driver, handle: Handle) -> object:
    """What the runtime tells of the model it has loaded; None when it tells nothing that could be kept."""
    try:
        reply = driver.ask(handle, "/signature")
        return json.loads(storable(reply.text), parse_constant=_refuse) if reply.status == 200 else None
    except (DriverError, ValueError, RecursionError):
        return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
