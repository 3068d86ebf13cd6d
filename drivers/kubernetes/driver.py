"""The kubernetes target behind the driver protocol: images from a Docker engine, workloads in a namespace."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from drivers import asking
from drivers.base import (
    Capacity,
    EnvironmentRef,
    EnvironmentSpec,
    Handle,
    Log,
    LogRecord,
    Observed,
    PackageRef,
    PackageSpec,
    Reply,
    Usage,
    Workload,
)
from drivers.docker import DockerDriver
from drivers.docker import layout as image
from drivers.docker.engine import Engine, answers
from drivers.errors import DriverError, NoAnswer
from drivers.kubernetes import applying, capacity, images, layout, logs, observing, permissions, usage
from drivers.kubernetes.cluster import Cluster, Missing, Object
from drivers.kubernetes.connection import Connection, Registry
from drivers.kubernetes.manifests import Surroundings
from drivers.kubernetes.mirror import Mirror
from drivers.kubernetes.reach import NODE_PORT, Paths, Reach, is_ready
from drivers.naming import checked_workload_name
from drivers.scaling import Scale

_CHECK_S = 5.0
_CAPACITY_AGE_S = 30.0
_LIST_S = 15.0


@dataclass(frozen=True, slots=True)
class Report:
    """What a test of the connection found. `problems` keep it from working; `missing` says which permissions do."""

    version: str
    namespace: str
    room: capacity.Room | None
    missing: tuple[permissions.Missing, ...]
    problems: tuple[DriverError, ...]

    @property
    def works(self) -> bool:
        return not self.problems and not any(not each.optional for each in self.missing)


class KubernetesDriver:
    """`namespace` holds every workload of the target; `way` is one of `reach.WAYS`. The rest as for Docker."""

    kind = "kubernetes"
    scales = True
    delivers = True

    def __init__(
        self,
        connection: Connection,
        registry: Registry,
        namespace: str,
        *,
        cache: Path,
        runtime: Path,
        base_image: str,
        way: str,
    ) -> None:
        self._builder = DockerDriver(
            cache, runtime, base_image, repository=f"{registry.base}/{image.PACKAGE_REPOSITORY}"
        )
        self._engine = Engine(None)
        self._cluster = Cluster(connection)
        self._connection, self._way = connection, way
        self._where = Surroundings(namespace, registry, node_port=way == NODE_PORT)
        self._lock = threading.Lock()
        self._mirrors: _Mirrors | None = None
        self._capacity: tuple[float, Capacity] | None = None
        self._node_ports_seen: set[str] = set()

    @property
    def namespace(self) -> str:
        return self._where.namespace

    def check(self) -> Capacity:
        """From at most half a minute ago, unless the connection is known to be lost."""
        if self._mirrors and (problem := self._mirrors.problem):
            raise problem
        if self._capacity is None or time.monotonic() - self._capacity[0] > _CAPACITY_AGE_S:
            self._capacity = (time.monotonic(), self._ask_capacity())
        return self._capacity[1]

    def test(self) -> Report:
        """Everything that must work, looked at one by one. Raises TargetUnavailable when nothing can be asked."""
        version = capacity.version(self._cluster, _CHECK_S)
        problems: list[DriverError] = []
        missing = tuple(permissions.missing(self._cluster, self.namespace))
        try:
            with answers("the registry"):
                images.check(self._engine.api, self._where.registry)
        except DriverError as exc:
            problems.append(exc)
        return Report(version, self.namespace, capacity.room(self._cluster), missing, tuple(problems))

    def prepare_environment(self, spec: EnvironmentSpec, log: Log) -> EnvironmentRef:
        return self._builder.prepare_environment(spec, log)

    def build_package(self, spec: PackageSpec, environment: EnvironmentRef, log: Log) -> PackageRef:
        return self._builder.build_package(spec, environment, log)

    def deliver(self, package: PackageRef, log: Log) -> PackageRef:
        with answers(f"to push {package.location}"):
            located = images.push(self._engine.builder, package.location, self._where.registry, log)
        return replace(package, location=located)

    def apply(self, workload: Workload) -> Handle:
        checked_workload_name(workload.name)
        made = applying.apply(self._cluster, workload, self._where)
        if self._mirrors:
            self._mirrors.deployments.put(made)
        return Handle(self.kind, workload.name)

    def observe(self, handle: Handle) -> Observed:
        """From what the watch has seen. Raises TargetUnavailable while the API server is away."""
        name = checked_workload_name(handle.name)
        mirrors = self._watching()
        if problem := mirrors.problem:
            raise problem
        seen = mirrors.observe(name, f"kubernetes://{self.namespace}/{name}")
        if seen.ready and self._where.node_port and not self._node_port_answers(name, mirrors):
            return replace(seen, ready=False, detail="Its port on the nodes does not answer yet.")
        return seen

    def _node_port_answers(self, name: str, mirrors: "_Mirrors") -> bool:
        """Nodes learn of a port a moment after the pod is ready; asked until it answered once."""
        if name not in self._node_ports_seen:
            with suppress(Missing, KeyError, NoAnswer):
                service = self._cluster.get(layout.path_of("Service", self.namespace, name))
                port = service["spec"]["ports"][0]["nodePort"]
                hosts = {pod["status"]["hostIP"] for pod in mirrors.pods_of(name) if is_ready(pod)}
                # By HTTP: a node may hold the port open before it knows where to lead what comes there.
                if hosts and all(asking.ask(f"http://{host}:{port}", "/ready").status == 200 for host in hosts):
                    self._node_ports_seen.add(name)
        return name in self._node_ports_seen

    def ask(self, handle: Handle, path: str) -> Reply:
        """Through the API server, which reaches pods wherever they are."""
        name = checked_workload_name(handle.name)
        query = {"labelSelector": f"{layout.WORKLOAD}={name}"}
        try:
            pods = self._cluster.get(layout.pods_path(self.namespace), query)["items"]
            for pod in filter(is_ready, pods):
                place = layout.proxy_path(self.namespace, pod["metadata"]["name"])
                return Reply(200, self._cluster.read(place + path, timeout_s=_CHECK_S).decode("utf-8", "replace"))
        except Missing as exc:
            raise NoAnswer(f"{name} does not know {path}.") from exc
        raise NoAnswer(f"No replica of {name} is ready.")

    def scale(self, handle: Handle, scale: Scale) -> None:
        applying.scale(self._cluster, self.namespace, checked_workload_name(handle.name), scale)

    def watch(self, owner: str, changed: Callable[[str], None]) -> None:
        self._watching().tell(owner, changed)

    def logs(self, handle: Handle, since: float = 0.0, replica: str = "") -> Iterator[LogRecord]:
        yield from logs.read(self._cluster, self.namespace, checked_workload_name(handle.name), since, replica)

    def usage(self, handle: Handle) -> tuple[Usage, ...]:
        return usage.read(self._cluster, self._ready_pods(handle))

    def direct(self, handle: Handle) -> str | None:
        paths = Paths(self._cluster, self._connection, self.namespace, self._way)
        found = (paths.to(pod, handle.name) for pod in self._ready_pods(handle))
        return next((f"http://{each.authority}" for each in found if each and not each.tls), None)

    def _ready_pods(self, handle: Handle) -> list[Object]:
        return list(filter(is_ready, self._watching().pods_of(checked_workload_name(handle.name))))

    def delete(self, handle: Handle, grace_s: float = 10.0) -> None:
        name = checked_workload_name(handle.name)
        applying.delete(self._cluster, self.namespace, name, grace_s)
        self._node_ports_seen.discard(name)
        if self._mirrors:
            self._mirrors.deployments.drop(name)

    def list(self, owner: str) -> list[Handle]:
        return [Handle(self.kind, name) for name in applying.list_names(self._cluster, self.namespace, owner)]

    def remove_package(self, location: str) -> None:
        with answers("to remove the package"):
            images.remove(self._engine.api, location)

    def leave(self, owner: str) -> None:
        """Remove the namespace when it was made for this owner and is empty; stop watching."""
        self.close()
        applying.remove_namespace(self._cluster, self.namespace, owner)

    def close(self) -> None:
        """Stop watching; for a driver whose connection was replaced."""
        with self._lock:
            if self._mirrors:
                self._mirrors.stop()
            self._mirrors = None

    def reach(self, owner: str) -> Reach:
        """Where the ready replicas of `owner`'s workloads are, from now on; see `drivers.kubernetes.reach`."""
        return Reach(self._cluster, self._connection, self.namespace, owner, self._way).start()

    def _watching(self) -> "_Mirrors":
        with self._lock:
            if self._mirrors is None:
                self._mirrors = _Mirrors(self._cluster, self.namespace)
            mirrors = self._mirrors
        mirrors.wait()
        return mirrors

    def _ask_capacity(self) -> Capacity:
        version = capacity.version(self._cluster, _CHECK_S)
        room = capacity.room(self._cluster)
        words = f"Kubernetes {version} at {self._cluster.server}, namespace {self.namespace}"
        if room is None:
            return Capacity(0.0, 0, words)
        nodes = f"{room.ready} of {room.nodes} nodes ready"
        left = (
            "" if room.cpu_left is None else f", {room.cpu_left:g} CPU and {room.memory_left_bytes / 2**30:.1f} GB free"
        )
        return Capacity(room.cpu, room.memory_bytes, f"{words}, {nodes}{left}")


class _Mirrors:
    """The objects that states are read from, and who wants to hear of changes."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        ours = {"labelSelector": f"app.kubernetes.io/managed-by={layout.MANAGER}"}
        deployments = layout.path_of("Deployment", namespace)
        events = f"/api/v1/namespaces/{namespace}/events"
        self._listeners: dict[str, Callable[[str], None]] = {}
        self.deployments = Mirror(cluster, deployments, ours, self._changed).start()
        self._pods = Mirror(cluster, layout.pods_path(namespace), ours, self._changed).start()
        self._events = Mirror(cluster, events, {"fieldSelector": "involvedObject.kind=Pod"}).start()
        self._all = (self.deployments, self._pods, self._events)

    @property
    def problem(self) -> DriverError | None:
        return next((each.problem for each in self._all if each.problem), None)

    def wait(self) -> None:
        for each in self._all:
            each.wait(_LIST_S)

    def stop(self) -> None:
        for each in self._all:
            each.stop()

    def tell(self, owner: str, changed: Callable[[str], None]) -> None:
        self._listeners[owner] = changed

    def observe(self, name: str, address: str) -> Observed:
        pods = self.pods_of(name)
        names = {pod["metadata"]["name"] for pod in pods}
        events = [event for event in self._events.all() if event["involvedObject"].get("name") in names]
        return observing.observe(self.deployments.get(name), pods, events, address)

    def pods_of(self, name: str) -> list[Object]:
        return [pod for pod in self._pods.all() if pod["metadata"]["labels"].get(layout.WORKLOAD) == name]

    def _changed(self, told: Object | None) -> None:
        """`None`: everything may have changed."""
        living = self.deployments.all() if told is None else [told]
        for each in living:
            labels = each["metadata"].get("labels", {})
            heard = self._listeners.get(labels.get(layout.OWNER, ""))
            if heard:
                heard(labels.get(layout.WORKLOAD, ""))
