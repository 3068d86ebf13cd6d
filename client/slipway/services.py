"""Services: deploy a model, wait for it, call it, ask about it, take it away."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from slipway import names, wire
from slipway.errors import ApiError, DeploymentFailed, SlipwayError
from slipway.http import Api, segment
from slipway.inference import Inference
from slipway.logs import Deployment, Follower, Line, ServiceFollower
from slipway.uploads import uploaded

SCORING_TIMEOUT_S = 300.0
DELETE_WITHIN_S = 180.0
DELETE_POLL_S = 0.5

Service = dict[str, Any]


def deploy(
    api: Api,
    *,
    name: str,
    models: Sequence[str],
    target: str | None,
    inference: Inference,
    deployment_config: str | Mapping[str, Any] | None,
    description: str = "",
    tags: Mapping[str, str] | None = None,
    overwrite: bool = False,
) -> Deployment:
    """Asks for a deployment and returns it at once, queued. Without `tags` an existing service keeps its own."""
    names.service_name(name)
    for model in models:
        names.model_reference(model)
    wishes = {
        "target": target,
        "inference_config": inference.config,
        "deployment_config": deployment_config,
        "description": description or None,
        "tags": dict(tags) if tags else None,
    }
    asked = {
        "name": name,
        "models": list(models),
        "overwrite": overwrite,
        **{key: value for key, value in wishes.items() if value is not None},
    }
    if not inference.files:
        return api.post(f"{api.root}/services", asked)
    with uploaded(api, inference.files) as upload:
        return api.post(f"{api.root}/services", {**asked, "source_upload": upload})


def wait(
    api: Api,
    deployment: Deployment,
    *,
    on_line: Callable[[Line], None],
    on_state: Callable[[Deployment], None],
    on_gap: Callable[[], None],
) -> Deployment:
    """Follows the log until the deployment has finished, and returns it as it ended: see `checked`."""
    follower = Follower(api, deployment["id"], on_state=on_state, on_gap=on_gap)
    for line in follower.lines():
        on_line(line)
    return deployment_now(api, deployment)


def deployment_now(api: Api, deployment: Deployment) -> Deployment:
    return api.get(f"{api.root}/deployments/{deployment['id']}")


def checked(ended: Deployment) -> Deployment:
    """`ended` itself, or DeploymentFailed with the cause the studio gives."""
    failure = ended.get("failure") or {}
    if ended["status"] == "failed":
        raise DeploymentFailed(
            f"The deployment of {ended['service']} failed",
            failure.get("detail", ""),
            failure.get("advice", ""),
            deployment=ended,
        )
    if ended["status"] == "cancelled":
        raise DeploymentFailed(
            f"The deployment of {ended['service']} was cancelled",
            failure.get("detail", ""),
            failure.get("advice", ""),
            deployment=ended,
        )
    return ended


def services(api: Api) -> list[Service]:
    return api.get(f"{api.root}/services")["value"]


def matching(
    found: Sequence[Service],
    *,
    kind: str | None = None,
    model_name: str | None = None,
    model_id: str | None = None,
    tags: Sequence[str] = (),
) -> list[Service]:
    """Those of `found` that pass every filter given. A tag is `key` or `key=value`."""
    return [
        each
        for each in found
        if (not kind or (each["compute_type"] or "").lower() == kind.lower())
        and (not model_name or any(model.rpartition(":")[0] == model_name for model in each["models"]))
        and (not model_id or model_id in each["models"])
        and all(_tagged(each["tags"], tag) for tag in tags)
    ]


def _tagged(tags: Mapping[str, str], wanted: str) -> bool:
    key, equals, value = wanted.partition("=")
    return key in tags and (not equals or tags[key] == value)


def service(api: Api, name: str) -> Service:
    return api.get(_path(api, name))


def keys(api: Api, name: str) -> Mapping[str, str]:
    return api.get(f"{_path(api, name)}/keys")


def logs(api: Api, name: str, tail: int, replica: str = "") -> str:
    return api.get(f"{_path(api, name)}/logs", tail=tail, replica=replica)["content"]


def followed(
    api: Api,
    name: str,
    tail: int,
    replica: str = "",
    *,
    on_trouble: Callable[[str], None],
    on_gap: Callable[[], None],
) -> Iterator[Line]:
    """The last `tail` lines, then each as it is written, until the service is gone. Requests are sentences here."""
    path = _path(api, name)
    written = api.get(f"{path}/log", tail=tail, replica=replica)
    yield from written["lines"]
    after_seq = written["last_seq"]
    follower = ServiceFollower(api, path, replica=replica, after_seq=after_seq, on_trouble=on_trouble, on_gap=on_gap)
    yield from follower.lines()


def scale(
    api: Api,
    name: str,
    *,
    replicas: int | None = None,
    minimum: int | None = None,
    maximum: int | None = None,
    utilization: int | None = None,
) -> Service:
    """Run `replicas`, or as many between the two others as keep CPU near `utilization` percent."""
    by_load = {"minReplicas": minimum, "maxReplicas": maximum, "targetUtilization": utilization}
    given = {key: value for key, value in by_load.items() if value is not None}
    body = {"replicas": replicas} if replicas is not None else {}
    return api.post(f"{_path(api, name)}/scale", body | ({"autoscaler": given} if given else {}))


def metrics(api: Api, name: str, *, span: str = "1h") -> dict[str, Any]:
    """What the service did in the last `span` (15m, 1h, 6h, 1d, 7d or 30d), in steps of `step_s` seconds.

    Each of `series` has its time `at`, `requests` and `requests_per_second`, `client_errors` (4xx) and `errors` (5xx),
    `p50_ms`, `p95_ms` and `p99_ms`, `cpu` (cores) and `memory_bytes` of all replicas, and `replicas`; None where nobody
    measured. `marks` are what happened meanwhile, such as a new revision. Raises ApiError for a service there is not.
    """
    return api.get(f"{_path(api, name)}/metrics", range=span)


def delete(api: Api, name: str) -> None:
    """Returns when the service is gone."""
    api.delete(_path(api, name))
    until = time.monotonic() + DELETE_WITHIN_S
    while time.monotonic() < until:
        try:
            service(api, name)
        except ApiError as exc:
            if exc.status == 404:
                return
            raise
        time.sleep(DELETE_POLL_S)
    raise SlipwayError(
        f"The service {name} is still being deleted",
        f"after {DELETE_WITHIN_S:.0f} seconds",
        f"Look at it with `slipway service show -n {name}`.",
        code="still-deleting",
    )


def run(api: Api, name: str, data: bytes) -> bytes:
    """The service's own answer to `data`, sent as it is to its scoring URI with its primary key."""
    found = service(api, name)
    if not found.get("scoring_uri") or found.get("revision") is None:
        raise SlipwayError(
            f"The service {name} cannot be called yet",
            f"it is {found['state']}. {found.get('state_detail') or ''}".strip(),
            f"Look at it with `slipway service show -n {name}`.",
            code="service-not-ready",
        )
    headers = {"Content-Type": "application/json"}
    if found["auth_enabled"]:
        headers["Authorization"] = f"Bearer {keys(api, name)['primary_key']}"
    return _score(name, found["scoring_uri"], data, headers)


def _score(name: str, uri: str, data: bytes, headers: Mapping[str, str]) -> bytes:
    with wire.reported(f"The service {name}", uri, advice="Check that the studio's gateway is running."):
        pool = wire.pool_for(uri, headers)
        response = pool.request("POST", uri, body=data, timeout=wire.limits(SCORING_TIMEOUT_S), redirect=False)
    if response.status != 200:
        raise ApiError(
            response.status,
            f"The service {name} answered {response.status}",
            response.data.decode("utf-8", "replace").strip(),
            f"Look at `slipway service get-logs -n {name}`.",
            code="scoring-failed",
        )
    return response.data


def _path(api: Api, name: str) -> str:
    return f"{api.root}/services/{segment(names.service_name(name))}"
