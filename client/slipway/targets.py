"""Compute targets: listing them, attaching clusters, and finding the one a person means."""

from typing import Any

from slipway.errors import SlipwayError
from slipway.http import Api, segment

Target = dict[str, Any]
_TEST_TIMEOUT_S = 120.0


def targets(api: Api) -> list[Target]:
    return api.get(f"{api.root}/targets")["value"]


def target(api: Api, name: str) -> Target:
    return api.get(_path(api, name))


def attach(api: Api, name: str, **connection: Any) -> Target:
    """A Kubernetes cluster as a target; it is tested first. `connection` holds the keys of the studio's API."""
    body = {"name": name, "kind": "kubernetes", **connection}
    return api.post(f"{api.root}/targets", body, read_timeout_s=_TEST_TIMEOUT_S)


def update(api: Api, name: str, **connection: Any) -> Target:
    return api.send("PATCH", _path(api, name), connection, read_timeout_s=_TEST_TIMEOUT_S)


def test(api: Api, name: str) -> dict[str, Any]:
    """What works of a cluster and what does not."""
    return api.post(f"{_path(api, name)}/test", {}, read_timeout_s=_TEST_TIMEOUT_S)


def detach(api: Api, name: str) -> None:
    api.delete(_path(api, name))


def rbac(api: Api, namespace: str = "") -> str:
    """YAML of an account with exactly what the studio needs in `namespace`."""
    return api.text(f"{api.root}/kubernetes/rbac.yaml", namespace=namespace)


def chosen(api: Api, *, name: str | None = None, kind: str | None = None) -> Target | None:
    """The target called `name`, or the first of `kind`, best an available one. None when neither is given."""
    if not name and not kind:
        return None
    found = [
        target
        for target in targets(api)
        if (not name or target["name"] == name) and (not kind or target["kind"] == _kind(kind))
    ]
    if not found:
        raise _unknown(api, name, kind)
    return next((target for target in found if target["available"]), found[0])


def _kind(kind: str) -> str:
    """Azure's clusters are of type AKS."""
    return "kubernetes" if kind.lower() in {"aks", "aksendpoint"} else kind.lower()


def _unknown(api: Api, name: str | None, kind: str | None) -> SlipwayError:
    wanted = " of type ".join(filter(None, [f"called {name}" if name else "", kind or ""]))
    there = ", ".join(f"{target['name']} ({target['kind']})" for target in targets(api)) or "none"
    return SlipwayError(
        "There is no such compute target",
        f"nothing {wanted}" if name else f"none of type {kind}",
        f"This studio has: {there}.",
        code="target-unknown",
    )


def _path(api: Api, name: str) -> str:
    return f"{api.root}/targets/{segment(name)}"
