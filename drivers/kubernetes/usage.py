"""What replicas use, as each one's runtime reads it from its own cgroup: asked through the API server, which reaches
pods wherever they are. A metrics server would be needed otherwise, which measures now and then, and no throttling."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from drivers.base import Usage
from drivers.errors import DriverError
from drivers.kubernetes import layout
from drivers.kubernetes.cluster import Cluster, Missing, Object

_ANSWER_S = 2.0
_AT_ONCE = 8


def read(cluster: Cluster, pods: Sequence[Object]) -> tuple[Usage, ...]:
    """One of each that answers in time, in their order."""
    if not pods:
        return ()
    with ThreadPoolExecutor(min(_AT_ONCE, len(pods))) as pool:
        found = pool.map(lambda pod: _of(cluster, pod["metadata"]), pods)
        return tuple(each for each in found if each)


def _of(cluster: Cluster, pod: Object) -> Usage | None:
    try:
        told = cluster.get(f"{layout.proxy_path(pod['namespace'], pod['name'])}/usage", timeout_s=_ANSWER_S)
    except (Missing, DriverError, ValueError):  # an older runtime, or one that is going
        return None
    if told["cpu_seconds"] is None or told["memory_bytes"] is None:
        return None
    facts = {name: told[name] for name in ("at", "cpu_seconds", "memory_bytes", "throttled_seconds", "source")}
    return Usage(pod["name"], **facts)
