"""Where the ready replicas of workloads are reached, kept up to date by a watch: what a gateway asks for each request.

Pods are watched themselves, not Endpoints or EndpointSlices: a pod's readiness is what those are made from, so it is
known a step sooner, every release has it, and a pod that is ending says so.

Three ways to a replica. `pods`: its own address; the fastest, wherever pods can be reached (inside the cluster, or
where the network routes to them). `proxy`: through the API server, which works wherever the API server does, at a
price that benchmarks/README.md tells. `nodeport`: a port on its node; as fast as pods, open to the nodes' network, and
the cluster itself chooses the replica. `auto` takes pods where the network leads to them, and inside the
cluster always; else proxy.
"""

import logging
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from drivers.errors import DriverError
from drivers.kubernetes import layout
from drivers.kubernetes.cluster import Cluster, Missing, Object
from drivers.kubernetes.connection import Connection, tls_context
from drivers.kubernetes.mirror import Mirror

log = logging.getLogger("slipway.kubernetes")

AUTO, PODS, PROXY, NODE_PORT = "auto", "pods", "proxy", "nodeport"
WAYS = (AUTO, PODS, PROXY, NODE_PORT)
_TRY_S = 1.0
_TRY_AGAIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One replica. With `tls`, and `prefix` and `headers` put before every request, when it is behind an API server."""

    host: str
    port: int
    authority: str
    tls: ssl.SSLContext | None = None
    server_hostname: str | None = None
    prefix: bytes = b""
    headers: bytes = b""


class Reach:
    """`of(name)` may be asked from any thread, as often as one likes: it reads a dictionary."""

    def __init__(self, cluster: Cluster, connection: Connection, namespace: str, owner: str, way: str) -> None:
        self._known: Mapping[str, tuple[Endpoint, ...]] = {}
        self._paths = Paths(cluster, connection, namespace, way)
        query = {"labelSelector": layout.selector(owner)}
        self._pods = Mirror(cluster, layout.pods_path(namespace), query, self._changed)

    def start(self) -> "Reach":
        self._pods.start()
        return self

    def stop(self) -> None:
        self._pods.stop()

    def of(self, name: str) -> tuple[Endpoint, ...]:
        return self._known.get(name, ())

    def _changed(self, pod: Object | None) -> None:
        if self._pods.problem:
            return  # what was ready last is the best that is known
        by_name: dict[str, list[Endpoint]] = {}
        for each in self._pods.all():
            name = each["metadata"]["labels"].get(layout.WORKLOAD, "")
            if is_ready(each) and (found := self._paths.to(each, name)):
                by_name.setdefault(name, []).append(found)
        self._known = {name: tuple(dict.fromkeys(found)) for name, found in by_name.items()}


class Paths:
    """From a pod to where it is reached; what was found out on the way is kept, as long as this is."""

    def __init__(self, cluster: Cluster, connection: Connection, namespace: str, way: str) -> None:
        self._cluster, self._connection, self._namespace = cluster, connection, namespace
        self._way = way
        self._node_ports: dict[str, int] = {}
        self._pods_answer: bool | None = None
        self._tried = 0.0
        self._tls: ssl.SSLContext | None = None

    def to(self, pod: Object, name: str) -> Endpoint | None:
        """Of a ready pod of the workload `name`; None where it is not known."""
        way = self._way_to(pod)
        if way == NODE_PORT:
            return self._on_node(pod, name)
        return (
            through_api_server(self._cluster, self._connection, self._context(), pod) if way == PROXY else direct(pod)
        )

    def _way_to(self, pod: Object) -> str:
        if self._way != AUTO:
            return self._way
        if self._connection.in_cluster:
            return PODS
        if self._pods_answer is None or (not self._pods_answer and time.monotonic() - self._tried > _TRY_AGAIN_S):
            self._tried = time.monotonic()
            self._pods_answer = leads_to(pod["status"]["podIP"])
            how = "straight" if self._pods_answer else "through the API server, which is slower"
            log.info("pods of namespace %s are reached %s", self._namespace, how)
        return PODS if self._pods_answer else PROXY

    def _on_node(self, pod: Object, name: str) -> Endpoint | None:
        try:
            if name not in self._node_ports:
                service = self._cluster.get(layout.path_of("Service", self._namespace, name))
                self._node_ports[name] = service["spec"]["ports"][0]["nodePort"]
        except (DriverError, Missing, KeyError) as exc:
            log.warning("the port of %s on its nodes is not known: %s", name, exc)
            return None
        host, port = pod["status"]["hostIP"], self._node_ports[name]
        return Endpoint(host, port, _authority(host, port))

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = tls_context(self._connection)
        return self._tls


def is_ready(pod: Object) -> bool:
    """Whether requests may be sent to it: ready, with an address, and not about to go."""
    status = pod.get("status", {})
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions", []))
    return ready and bool(status.get("podIP")) and "deletionTimestamp" not in pod["metadata"]


def direct(pod: Object) -> Endpoint:
    host = pod["status"]["podIP"]
    return Endpoint(host, layout.PORT, _authority(host, layout.PORT))


def through_api_server(cluster: Cluster, connection: Connection, tls: ssl.SSLContext, pod: Object) -> Endpoint:
    server = urlsplit(cluster.server)
    metadata = pod["metadata"]
    prefix = server.path.rstrip("/") + layout.proxy_path(metadata["namespace"], metadata["name"])
    headers = f"authorization: Bearer {connection.token}\r\n".encode() if connection.token else b""
    name = connection.tls_server_name or server.hostname
    return Endpoint(server.hostname or "", server.port or 443, server.netloc, tls, name, prefix.encode(), headers)


def leads_to(pod: str) -> bool:
    """Whether the network leads to the pod's address. One that refuses, because it is just ending, is reached too."""
    try:
        socket.create_connection((pod, layout.PORT), timeout=_TRY_S).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return True


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
