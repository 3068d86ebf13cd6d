"""What a cluster has, and what of it is left."""

from dataclasses import dataclass

from drivers.errors import Forbidden
from drivers.kubernetes.cluster import Cluster, Object
from drivers.kubernetes.observing import bytes_of

_ALIVE = {"Pending", "Running"}


@dataclass(frozen=True, slots=True)
class Room:
    """Of the nodes that take pods: cores and bytes in all, of the largest node, and not yet asked for (None where the
    account may not look at every namespace's pods)."""

    nodes: int
    ready: int
    cpu: float
    memory_bytes: int
    largest_cpu: float
    largest_memory_bytes: int
    cpu_left: float | None = None
    memory_left_bytes: int | None = None


def version(cluster: Cluster, timeout_s: float) -> str:
    """Such as "v1.30.2"."""
    return str(cluster.get("/version", timeout_s=timeout_s).get("gitVersion", "of an unknown version"))


def room(cluster: Cluster) -> Room | None:
    """None where the account may not look at nodes."""
    try:
        nodes = cluster.get("/api/v1/nodes")["items"]
    except Forbidden:
        return None
    taking = [node for node in nodes if _takes_pods(node)]
    cpu = [bytes_of(node["status"]["allocatable"]["cpu"]) for node in taking]
    memory = [int(bytes_of(node["status"]["allocatable"]["memory"])) for node in taking]
    in_all = Room(len(nodes), len(taking), sum(cpu), sum(memory), max(cpu, default=0.0), max(memory, default=0))
    asked = _asked_for(cluster, {node["metadata"]["name"] for node in taking})
    if asked is None:
        return in_all
    return Room(
        *(getattr(in_all, name) for name in ("nodes", "ready", "cpu", "memory_bytes")),
        in_all.largest_cpu,
        in_all.largest_memory_bytes,
        cpu_left=max(0.0, in_all.cpu - asked[0]),
        memory_left_bytes=max(0, in_all.memory_bytes - int(asked[1])),
    )


def _takes_pods(node: Object) -> bool:
    conditions = node["status"].get("conditions", [])
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and not node["spec"].get("unschedulable")


def _asked_for(cluster: Cluster, nodes: set[str]) -> tuple[float, float] | None:
    try:
        pods = cluster.get("/api/v1/pods")["items"]
    except Forbidden:
        return None
    cpu = memory = 0.0
    for pod in pods:
        if pod["spec"].get("nodeName") in nodes and pod["status"].get("phase") in _ALIVE:
            for container in pod["spec"]["containers"]:
                requests = container.get("resources", {}).get("requests", {})
                cpu += bytes_of(requests.get("cpu", "0"))
                memory += bytes_of(requests.get("memory", "0"))
    return cpu, memory
