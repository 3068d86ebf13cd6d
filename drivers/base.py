"""The driver protocol: what a compute target must be able to do.

The deployment pipeline knows only this module and `drivers.errors`. One contract test suite
(`tests/drivers/test_contract.py`) runs over every driver on the real thing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import BinaryIO, Protocol

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
    """A built package: a folder (process) or an image, by its tag (docker)."""

    location: str
    environment: EnvironmentRef
    digest: str
    reused: bool


@dataclass(frozen=True, slots=True)
class Workload:
    """What shall run. `name` is deterministic, so applying it twice leaves one copy."""

    name: str
    owner: str
    labels: Mapping[str, str]
    package: PackageRef
    cpu: float
    memory_bytes: int
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Handle:
    """Names a workload on its target, across restarts of everything."""

    kind: str
    name: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


class Phase(StrEnum):
    STARTING = "starting"
    RUNNING = "running"
    CRASHED = "crashed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Observed:
    """What runs now. `address` is `http://host:port`, known while STARTING or RUNNING.

    RUNNING means the process exists; whether the model is loaded is asked of the runtime itself.
    CRASHED: it ended and is not being restarted, or keeps ending; `detail` says how in words.
    """

    phase: Phase
    ready_replicas: int = 0
    detail: str = ""
    address: str | None = None
    exit_code: int | None = None
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One line a workload wrote. `at` is seconds since the epoch."""

    at: float
    stream: str
    text: str


@dataclass(frozen=True, slots=True)
class Stats:
    """CPU in cores in use now, memory in bytes resident now."""

    cpu: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a target has in all, and its own words about itself (version, where)."""

    cpu: float
    memory_bytes: int
    detail: str


class Driver(Protocol):
    """Every method may be called twice, by another process, after a crash of the first caller."""

    kind: str

    def check(self) -> Capacity:
        """What the target offers. Raises TargetUnavailable with the reason when it does not answer."""

    def prepare_environment(self, spec: EnvironmentSpec, log: Log) -> EnvironmentRef:
        """Make the environment, or find the one made before under its fingerprint.

        Appears whole or not at all: an attempt that dies leaves nothing a later one could mistake
        for a finished environment. Raises RequirementsUnsolvable, PythonUnavailable, BaseImageMissing,
        OutOfDisk, PackageIndexUnreachable, TargetUnavailable."""

    def build_package(self, spec: PackageSpec, environment: EnvironmentRef, log: Log) -> PackageRef:
        """Lay models, source and runtime on the environment; whole or not at all, reused by digest."""

    def apply(self, workload: Workload) -> Handle:
        """Make `workload` run, or change the copy already running under its name to match.

        A name held by something that is not `workload.owner`'s raises NameTaken and touches nothing."""

    def observe(self, handle: Handle) -> Observed:
        """What runs now. A workload that does not exist is Phase.GONE, not an error."""

    def logs(self, handle: Handle, since: float = 0.0) -> Iterator[LogRecord]:
        """Lines written after `since` (seconds since the epoch), oldest first, then ends.

        The lines of earlier, crashed runs of the same workload are included. Gone: no lines."""

    def stats(self, handle: Handle) -> Stats | None:
        """Use right now; None when it does not run."""

    def delete(self, handle: Handle, grace_s: float = 10.0) -> None:
        """End it within `grace_s` seconds, by force if need be. Already gone counts as done."""

    def list(self, owner: str) -> list[Handle]:
        """Every workload of `owner` on this target, for finding orphans."""

    def remove_package(self, location: str) -> None:
        """Free the space of the package at `PackageRef.location`, which no workload of the caller's uses.

        Already gone counts as done. Raises DriverError when the target refuses, as Docker does while
        somebody else's container runs on it."""
