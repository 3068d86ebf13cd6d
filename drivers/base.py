"""The driver protocol: what a compute target must be able to do.

The deployment pipeline knows only this module and `drivers.errors`. One contract test suite
(`tests/drivers/test_contract.py`) runs over every driver on the real thing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import BinaryIO, Protocol

from drivers.scaling import ONE, Placement, Probe, Scale

Log = Callable[[str, str], None]
"""`log(stream, text)`: one line without its newline; `stream` is "stdout", "stderr" or "slipway"."""

MODELS_DIR = "azureml-models"
"""Folder below the app root that holds `<name>/<version>/…` (Azure ML v1 contract, §1.7)."""


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """What a workload's Python must hold; everything that decides the result is in here.

    `requirements` are PEP 508 lines, the user's and the framework's. The scoring runtime's own
    pinned dependencies are added by the driver. `base_image` None means the target's default.
    """

    python: str
    requirements: tuple[str, ...]
    base_image: str | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentRef:
    """A prepared environment: where it is on this target and whether it was there already."""

    fingerprint: str
    location: str
    reused: bool
    size_bytes: int


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One file of a package; `path` is relative to the app root, with forward slashes."""

    path: str
    size: int
    sha256: str
    open: Callable[[], BinaryIO] = field(compare=False)


@dataclass(frozen=True, slots=True)
class PackageSpec:
    """Model versions and inference configuration, ready to be laid on an environment.

    Paths are relative to the app root. `model_dir` is what AZUREML_MODEL_DIR points at.
    """

    files: tuple[PackageFile, ...]
    model_dir: str
    framework: str
    entry_script: str | None = None
    source_directory: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackageRef:
    """A built package: a folder (process), an image by its tag (docker), or by tag and digest in the registry that
    it was delivered to (kubernetes)."""

    location: str
    environment: EnvironmentRef
    digest: str
    reused: bool
    size_bytes: int = 0
    """What running it needs on disk: environment and package; where that is an image, the image, base and all."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What shall run. `name` is deterministic, so applying it twice leaves one copy.

    `cpu` (cores) and `memory_bytes` are set aside for each replica, the limits are what it may use: None, the
    same. A target without replicas to choose from gives one the limits."""

    name: str
    owner: str
    labels: Mapping[str, str]
    package: PackageRef
    cpu: float
    memory_bytes: int
    variables: Mapping[str, str] = field(default_factory=dict)
    cpu_limit: float | None = None
    memory_limit_bytes: int | None = None
    gpus: int = 0
    scale: Scale = ONE
    liveness: Probe = field(default_factory=Probe)
    placement: Placement = field(default_factory=Placement)
    drain_s: float = 30.0
    """How long a replica that is to go may take to answer what it has begun."""
    background: bool = False
    """Others come first where processors are short. A cluster has nothing that it may use for that."""

    @property
    def most_cpu(self) -> float:
        return self.cpu_limit or self.cpu

    @property
    def most_memory_bytes(self) -> int:
        return self.memory_limit_bytes or self.memory_bytes


@dataclass(frozen=True, slots=True)
class Handle:
    """Names a workload on its target, across restarts of everything."""

    kind: str
    name: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


class Phase(StrEnum):
    STARTING = "starting"
    UNSCHEDULABLE = "unschedulable"
    RUNNING = "running"
    CRASHED = "crashed"
    GONE = "gone"


class ReplicaState(StrEnum):
    """RUNNING is alive but not ready; what went wrong is in the replica's `detail`."""

    WAITING = "waiting"
    UNSCHEDULABLE = "unschedulable"
    PULLING = "pulling"
    STARTING = "starting"
    RUNNING = "running"
    READY = "ready"
    CRASHED = "crashed"
    EVICTED = "evicted"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Replica:
    """One copy of a workload; `started` is seconds since the epoch, `node` the machine it is on."""

    name: str
    state: ReplicaState
    detail: str = ""
    restarts: int = 0
    started: float | None = None
    node: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """What runs now. `address` is known while STARTING or RUNNING: `http://host:port`, or where the target has
    several replicas behind one name, that name, for the gateway to find the ready ones.

    RUNNING means that at least one replica runs; whether its model is loaded says `ready`, or where that is None
    the runtime itself. UNSCHEDULABLE: nothing runs because there is no room now; `detail` says what is missing.
    CRASHED: it ended and is not being restarted, or keeps ending; `detail` says how in words, `code` (empty, or of
    the kind that `DriverError.code` is) names causes that have a name.
    """

    phase: Phase
    ready_replicas: int = 0
    detail: str = ""
    address: str | None = None
    exit_code: int | None = None
    restarts: int = 0
    ready: bool | None = None
    code: str = ""
    wanted: int = 1
    scale: Scale = ONE
    replicas: tuple[Replica, ...] = ()


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One line a workload wrote. `at` is seconds since the epoch; `replica` is empty where there is only one."""

    at: float
    stream: str
    text: str
    replica: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a workload's runtime answered to a GET."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What one replica has used since it began, and holds now; from its cgroup, or where it has none, from the process
    table.

    `at` is in seconds of the clock that `cpu_seconds` was read by: only differences mean something, as those of
    `cpu_seconds` do, which start anew with the replica. `memory_bytes` is what cannot be reclaimed: without file pages
    that nobody has used lately, as Kubernetes counts it. `throttled_seconds`: held back by the CPU limit in all, None
    where nobody counts. `source`: "cgroup v1", "cgroup v2" or "processes"."""

    replica: str
    """Empty where there is only one."""
    at: float
    cpu_seconds: float
    memory_bytes: int
    throttled_seconds: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a target can give workloads in all, and its own words about itself (version, where)."""

    cpu: float
    memory_bytes: int
    detail: str


class Driver(Protocol):
    """Every method may be called twice, by another process, after a crash of the first caller."""

    kind: str
    scales: bool
    """Whether it can run more than one replica."""
    delivers: bool
    """Whether packages must be brought somewhere before they can run."""

    def check(self) -> Capacity:
        """What the target offers. Raises TargetUnavailable with the reason when it does not answer."""

    def prepare_environment(self, spec: EnvironmentSpec, log: Log) -> EnvironmentRef:
        """Make the environment, or find the one made before under its fingerprint.

        Appears whole or not at all: an attempt that dies leaves nothing a later one could mistake
        for a finished environment. Raises RequirementsUnsolvable, PythonUnavailable, BaseImageMissing,
        OutOfDisk, PackageIndexUnreachable, TargetUnavailable."""

    def build_package(self, spec: PackageSpec, environment: EnvironmentRef, log: Log) -> PackageRef:
        """Lay models, source and runtime on the environment; whole or not at all, reused by digest."""

    def deliver(self, package: PackageRef, log: Log) -> PackageRef:
        """Bring a built package to where workloads find it; what `apply` is then given. Without `delivers`, nothing
        is to be done. Raises RegistryUnavailable, RegistryRefused."""

    def apply(self, workload: Workload) -> Handle:
        """Make `workload` run, or change the copy already running under its name to match.

        A name held by something that is not `workload.owner`'s raises NameTaken and touches nothing. Of several
        replicas enough stay ready during a change; targets without them stop the old copy first."""

    def observe(self, handle: Handle) -> Observed:
        """What runs now. A workload that does not exist is Phase.GONE, not an error."""

    def ask(self, handle: Handle, path: str) -> Reply:
        """`GET path` of the runtime of one of its replicas. Raises NoAnswer."""

    def scale(self, handle: Handle, scale: Scale) -> None:
        """Run that many replicas from now on. Raises DriverError where `scales` is false."""

    def watch(self, owner: str, changed: Callable[[str], None]) -> None:
        """From now on call `changed(name)`, on a thread of the driver's, soon after something of the owner's workload
        `name` has changed. Calling it again changes nothing. Drivers that are not told of changes do nothing: their
        callers look again now and then anyway."""

    def logs(self, handle: Handle, since: float = 0.0, replica: str = "") -> Iterator[LogRecord]:
        """Lines written after `since` (seconds since the epoch), oldest first, then ends; of one replica, or of all.

        The lines of earlier, crashed runs are included, as far as the target keeps them: docker and process all, a
        cluster those of the run before. Gone: no lines."""

    def usage(self, handle: Handle) -> tuple[Usage, ...]:
        """One reading of each running replica that answers; none when nothing runs. Two of them make a rate."""

    def direct(self, handle: Handle) -> str | None:
        """`http://host:port` at which a ready replica is reached with nothing in between (no API server's proxy); None
        when there is no such way now. Where the target cannot tell what is ready, the runtime itself says it."""

    def delete(self, handle: Handle, grace_s: float = 10.0) -> None:
        """End it within `grace_s` seconds, by force if need be. Already gone counts as done."""

    def list(self, owner: str) -> list[Handle]:
        """Every workload of `owner` on this target, for finding orphans."""

    def remove_package(self, location: str) -> None:
        """Free the space of the package at `PackageRef.location`, which no workload of the caller's uses.

        Already gone counts as done. Raises DriverError when the target refuses, as Docker does while
        somebody else's container runs on it. What was delivered to a registry is the registry's to keep."""
