"""Names in a cluster: labels that say whose objects are, ports, and the paths of the kinds that are made."""

MANAGER = "slipway"
OWNER = "slipway.io/owner"
WORKLOAD = "slipway.io/workload"
DIGEST = "slipway.io/digest"
MANAGED = {"app.kubernetes.io/managed-by": MANAGER}
CONTAINER = "scoring"
PORT = 5001

_PATHS = {
    "ServiceAccount": ("/api/v1", "serviceaccounts"),
    "Secret": ("/api/v1", "secrets"),
    "NetworkPolicy": ("/apis/networking.k8s.io/v1", "networkpolicies"),
    "Deployment": ("/apis/apps/v1", "deployments"),
    "Service": ("/api/v1", "services"),
    "HorizontalPodAutoscaler": ("/apis/autoscaling/v2", "horizontalpodautoscalers"),
    "PodDisruptionBudget": ("/apis/policy/v1", "poddisruptionbudgets"),
}
KINDS = tuple(_PATHS)
"""What a workload is made of, in the order it is made in: what pods need comes before what makes pods."""


def path_of(kind: str, namespace: str, name: str = "") -> str:
    """`/apis/apps/v1/namespaces/NAMESPACE/deployments[/NAME]`."""
    group, plural = _PATHS[kind]
    return "/".join(filter(None, [group, "namespaces", namespace, plural, name]))


def api_version(kind: str) -> str:
    """Such as `apps/v1`."""
    return _PATHS[kind][0].removeprefix("/apis/").removeprefix("/api/")


def pods_path(namespace: str, name: str = "") -> str:
    return "/".join(filter(None, ["/api/v1/namespaces", namespace, "pods", name]))


def proxy_path(namespace: str, pod: str) -> str:
    """What the API server puts before a path of the pod's runtime."""
    return f"{pods_path(namespace, pod)}:{PORT}/proxy"


def selector(owner: str) -> str:
    return f"{OWNER}={owner}"
