"""Compute targets: listing them, and finding the one a person means."""

from typing import Any

from slipway.errors import SlipwayError
from slipway.http import Api

Target = dict[str, Any]


def targets(api: Api) -> list[Target]:
    return api.get(f"{api.root}/targets")["value"]


def chosen(api: Api, *, name: str | None = None, kind: str | None = None) -> Target | None:
    """The target called `name`, or the first of `kind`, best an available one. None when neither is given."""
    if not name and not kind:
        return None
    found = [
        target
        for target in targets(api)
        if (not name or target["name"] == name) and (not kind or target["kind"] == kind.lower())
    ]
    if not found:
        raise _unknown(api, name, kind)
    return next((target for target in found if target["available"]), found[0])


def _unknown(api: Api, name: str | None, kind: str | None) -> SlipwayError:
    wanted = " of type ".join(filter(None, [f"called {name}" if name else "", kind or ""]))
    there = ", ".join(f"{target['name']} ({target['kind']})" for target in targets(api)) or "none"
    return SlipwayError(
        "There is no such compute target",
        f"nothing {wanted}" if name else f"none of type {kind}",
        f"This studio has: {there}.",
        code="target-unknown",
    )
