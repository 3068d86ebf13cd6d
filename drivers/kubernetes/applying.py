"""Making a workload's objects, changing them, and taking them away again."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from drivers.base import Workload
from drivers.errors import DriverError, Forbidden, NameTaken
from drivers.kubernetes import layout, manifests
from drivers.kubernetes.cluster import Cluster, Conflict, Missing, Object
from drivers.kubernetes.layout import KINDS, path_of
from drivers.kubernetes.manifests import Surroundings
from drivers.scaling import Scale

_POLL_S = 0.25
_PATIENCE_S = 60
_ENDED_S = 30
# Kubernetes' strictest profile, which our pods keep: nothing else of ours, or of others, gets by it.
_RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


def apply(cluster: Cluster, workload: Workload, where: Surroundings) -> Object:
    """The Deployment as it is then. Raises NameTaken, Refused, Forbidden, TargetUnavailable."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        ensure_namespace(cluster, where.namespace, workload.owner)
        try:
            return _apply(cluster, workload, where)
        except (Conflict, Missing) as exc:
            # Another worker applies the same, or the namespace is on its way out: look again what is there.
            if time.monotonic() > deadline:
                raise DriverError(f"{workload.name} cannot be made in namespace {where.namespace}: {exc}") from exc
            time.sleep(_POLL_S)
        except Forbidden as exc:
            if "being terminated" not in str(exc) or time.monotonic() > deadline:
                raise
            time.sleep(_POLL_S)


def ensure_namespace(cluster: Cluster, namespace: str, owner: str) -> None:
    """Make it where it is missing. Whoever may not look for namespaces is taken to have one."""
    path = f"/api/v1/namespaces/{namespace}"
    try:
        cluster.get(path)
        return
    except Forbidden:
        return
    except Missing:
        pass
    labels = {**layout.MANAGED, layout.OWNER: owner, **_RESTRICTED}
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}
    try:
        cluster.create("/api/v1/namespaces", made)
    except Conflict:
        pass  # made meanwhile
    except Forbidden as exc:
        raise Forbidden(
            f"There is no namespace {namespace} in the cluster, and the credentials do not allow to make it.",
            advice=f"Make it with `kubectl create namespace {namespace}`, or allow `create` on namespaces.",
        ) from exc


def remove_namespace(cluster: Cluster, namespace: str, owner: str) -> None:
    """Only one that was made for this owner, and that holds none of its workloads any more."""
    path = f"/api/v1/namespaces/{namespace}"
    with suppress(Missing, Forbidden):
        labels = cluster.get(path)["metadata"].get("labels", {})
        if labels.get(layout.OWNER) == owner and not list_names(cluster, namespace, owner):
            cluster.delete(path, {})


def _apply(cluster: Cluster, workload: Workload, where: Surroundings) -> Object:
    there = _there(cluster, where.namespace, workload.name)
    for kind, found in there.items():
        if found["metadata"].get("labels", {}).get(layout.OWNER) != workload.owner:
            raise _taken(kind, workload.name, where.namespace)
        if found["metadata"].get("deletionTimestamp"):
            raise Conflict(f"the {kind} of before is still being deleted")
    running = there.get("Deployment", {}).get("spec", {}).get("replicas", 0)
    replicas = manifests.within(workload.scale, running)
    made: Object = {}
    for each in manifests.objects(workload, where, replicas):
        kind, name = each["kind"], each["metadata"]["name"]
        done = cluster.apply(path_of(kind, where.namespace, name), each, layout.MANAGER)
        if kind == "Deployment":
            made = done
    if workload.scale.maximum is None and "HorizontalPodAutoscaler" in there:
        cluster.delete(path_of("HorizontalPodAutoscaler", where.namespace, workload.name), {})
    return made


def _there(cluster: Cluster, namespace: str, name: str) -> dict[str, Object]:
    """What exists under the workload's name, by kind."""

    def look(kind: str) -> Object | None:
        try:
            return cluster.get(path_of(kind, namespace, name))
        except Missing:
            return None

    with ThreadPoolExecutor(len(KINDS)) as pool:
        found = dict(zip(KINDS, pool.map(look, KINDS), strict=True))
    return {kind: each for kind, each in found.items() if each}


def _taken(kind: str, name: str, namespace: str) -> NameTaken:
    return NameTaken(
        f"Namespace {namespace} has a {kind} named {name} that is not this studio's.",
        advice=f"Choose another service name, or remove it with `kubectl -n {namespace} delete {kind.lower()} {name}`.",
    )


def scale(cluster: Cluster, namespace: str, name: str, wanted: Scale) -> None:
    """Raises DriverError when the workload is gone."""
    path = path_of("Deployment", namespace, name)
    try:
        found = cluster.get(path)
        labels = found["metadata"]["labels"]
        scaler = path_of("HorizontalPodAutoscaler", namespace, name)
        if wanted.maximum is None:
            cluster.delete(scaler, {})
        replicas = manifests.within(wanted, found["spec"].get("replicas", 1))
        annotations = {manifests.SCALE: manifests.written_scale(wanted)}
        cluster.merge(path, {"metadata": {"annotations": annotations}, "spec": {"replicas": replicas}})
        if wanted.maximum is not None:
            cluster.apply(scaler, manifests.autoscaler(name, namespace, labels, wanted), layout.MANAGER)
    except Missing as exc:
        raise DriverError(f"{name} is gone from namespace {namespace}.", advice="Deploy it again.") from exc


def delete(cluster: Cluster, namespace: str, name: str, grace_s: float) -> None:
    """Everything of that name that a studio made, then wait for its pods to end; what else has the name stays. The name
    itself is this studio's: it holds a hash of its owner."""
    gone = {"propagationPolicy": "Background"}
    names = [(kind, name) for kind in ("Deployment", *reversed(KINDS))]  # what makes pods before all
    names.append(("Secret", manifests.pull_secret_name(name)))
    for kind, each in dict.fromkeys(names):
        path = path_of(kind, namespace, each)
        with suppress(Missing):
            labels = cluster.get(path)["metadata"].get("labels", {})
            if labels.get(layout.WORKLOAD) == name and layout.OWNER in labels:
                cluster.delete(path, gone)
    _end_pods(cluster, namespace, name, grace_s)


def _end_pods(cluster: Cluster, namespace: str, name: str, grace_s: float) -> None:
    deadline = time.monotonic() + grace_s + _ENDED_S
    told: set[str] = set()
    while living := [pod for pod in _pods(cluster, namespace, name) if _lives(pod)]:
        for pod in living:
            metadata = pod["metadata"]
            if metadata["uid"] not in told:
                told.add(metadata["uid"])
                options = {"gracePeriodSeconds": round(grace_s), "preconditions": {"uid": metadata["uid"]}}
                with suppress(Conflict):
                    cluster.delete(layout.pods_path(namespace, metadata["name"]), options)
        if time.monotonic() > deadline:
            raise DriverError(
                f"{len(living)} pods of {name} do not end.", advice="Look at their node; it may be lost to the cluster."
            )
        time.sleep(_POLL_S)


def _pods(cluster: Cluster, namespace: str, name: str) -> list[Object]:
    found = cluster.get(layout.pods_path(namespace), {"labelSelector": f"{layout.WORKLOAD}={name}"})
    return found["items"]


def _lives(pod: Object) -> bool:
    """Until its containers have ended. Its object may stay a few seconds longer, for the node to tidy up."""
    if "deletionTimestamp" not in pod["metadata"]:
        return True
    statuses = pod["status"].get("containerStatuses", [])
    return any("running" in each["state"] for each in statuses)


def list_names(cluster: Cluster, namespace: str, owner: str) -> list[str]:
    """Of workloads: those with a Deployment, and those of which only the first objects were made or are left."""
    found: dict[str, None] = {}
    for kind in ("Deployment", "Secret"):
        with suppress(Missing):
            for each in _items(cluster, path_of(kind, namespace), layout.selector(owner)):
                found[each["metadata"]["labels"][layout.WORKLOAD]] = None
    return list(found)


def _items(cluster: Cluster, path: str, selector: str) -> Iterable[Object]:
    return cluster.get(path, {"labelSelector": selector})["items"]
