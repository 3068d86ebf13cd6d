"""A real target, the real scoring runtime, and entry scripts small enough to start in a moment."""

import hashlib
import io
import os
import shutil
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import docker

from drivers.base import (
    Driver,
    EnvironmentRef,
    EnvironmentSpec,
    Handle,
    Observed,
    PackageFile,
    PackageRef,
    PackageSpec,
    Phase,
    Workload,
)
from drivers.docker import DockerDriver
from drivers.kubernetes import Connection, KubernetesDriver, Registry
from tests import a_cluster

RUNTIME = Path(__file__).parents[2] / "scoring"
PYTHON = "3.11"
MB = 2**20

ECHO = """
import os
def init():
    print("model folder:", sorted(os.listdir(os.environ["AZUREML_MODEL_DIR"])))
def run(raw):
    return {"heard": raw, "pid": os.getpid(), "greeting": os.environ.get("GREETING")}
"""
BROKEN = "import a_module_nobody_wrote\n"
HUNGRY = """
import time
def init():
    global hoard
    hoard = bytearray(400 * 2**20)
    for at in range(0, len(hoard), 4096):
        hoard[at] = 1
    time.sleep(60)
def run(raw):
    return 1
"""
DYING = """
import os, threading
def init():
    print("last words", flush=True)
    threading.Timer(0.05, os._exit, [7]).start()
def run(raw):
    return 1
"""


def quiet(_stream: str, _text: str) -> None:
    """A log nobody reads."""


def file(path: str, content: bytes | str) -> PackageFile:
    content = content.encode() if isinstance(content, str) else content
    return PackageFile(path, len(content), hashlib.sha256(content).hexdigest(), lambda: io.BytesIO(content))


# Tests that run beside these have the same engine, and must not take its images from them.
OURS = file("src/tested-by", str(os.getpid()))


def package_spec(script: str = ECHO, **changes: object) -> PackageSpec:
    files = (file("src/score.py", script), file("azureml-models/tiny/1/model.bin", b"\x00weights"), OURS)
    facts = {
        "files": files,
        "model_dir": "azureml-models/tiny/1",
        "framework": "Custom",
        "entry_script": "src/score.py",
        "source_directory": "src",
    }
    return PackageSpec(**(facts | changes))


class Bench:
    """One target and what a test made on it; `clear` leaves nothing of that behind."""

    def __init__(self, driver: Driver, home: Path) -> None:
        self.driver = driver
        self.home = home
        self.owner = f"test-{uuid.uuid4().hex[:8]}"
        self._packages: list[PackageRef] = []
        self._environments: set[str] = set()
        self._reach = None

    def environment(self, *requirements: str, log=quiet) -> EnvironmentRef:
        made = self.driver.prepare_environment(EnvironmentSpec(PYTHON, requirements), log)
        if requirements:  # the one without is every test's and kept
            self._environments.add(made.location)
        return made

    def package(self, script: str = ECHO, **changes: object) -> PackageRef:
        package = self.driver.build_package(package_spec(script, **changes), self.environment(), quiet)
        package = self.driver.deliver(package, quiet)
        self._packages.append(package)
        return package

    def workload(self, script: str = ECHO, **changes: object) -> Workload:
        facts = {
            "name": f"slipway-{uuid.uuid4().hex[:8]}",
            "owner": self.owner,
            "labels": {"slipway.service": "tiny"},
            "cpu": 0.5,
            "memory_bytes": 256 * MB,
        }
        package = changes.pop("package", None) or self.package(script)
        facts |= changes
        if self.driver.scales and "cpu_limit" not in facts and facts["cpu"] <= 2:
            # What a cluster sets aside is taken from other tests' workloads, which run there at the same time.
            facts |= {"cpu": 0.05, "cpu_limit": facts["cpu"]}
        return Workload(package=package, **facts)

    def running(self, script: str = ECHO, **changes: object) -> Handle:
        handle = self.driver.apply(self.workload(script, **changes))
        self.wait_ready(handle)
        return handle

    def wait_ready(self, handle: Handle, within_s: float = 15) -> str:
        """The address of the workload, once its runtime says that its model is loaded."""

        def ready() -> str | None:
            observed = self.driver.observe(handle)
            address = self.address_of(handle, observed)
            if not address or observed.ready is False:
                return None
            return address if status(f"{address}/ready") == 200 else None

        return eventually(ready, within_s, lambda: "\n".join(line.text for line in self.driver.logs(handle)))

    def wait_phase(self, handle: Handle, phase: Phase, within_s: float = 20) -> Observed:
        def seen() -> Observed | None:
            observed = self.driver.observe(handle)
            return observed if observed.phase is phase else None

        return eventually(seen, within_s, lambda: self.driver.observe(handle))

    def address_of(self, handle: Handle, observed: Observed) -> str | None:
        """`http://host:port`; where a name stands for several replicas, of a ready one."""
        if not observed.address or observed.address.startswith("http:"):
            return observed.address
        self._reach = self._reach or self.driver.reach(self.owner)
        return next((f"http://{each.authority}" for each in self._reach.of(handle.name)), None)

    def score(self, handle: Handle, body: bytes = b"{}") -> bytes:
        address = eventually(lambda: self.address_of(handle, self.driver.observe(handle)), 10)
        with urllib.request.urlopen(f"{address}/score", body, timeout=5) as answer:
            return answer.read()

    def clear(self) -> None:
        if self._reach:
            self._reach.stop()
        for handle in self.driver.list(self.owner):
            self.driver.delete(handle, grace_s=1)
        for package in self._packages:
            self.driver.remove_package(package.location)
        for location in self._environments:
            if isinstance(self.driver, DockerDriver | KubernetesDriver):
                docker.from_env().images.remove(location)
            else:
                shutil.rmtree(location)


def status(url: str) -> int | None:
    """HTTP status, or None when nobody listens."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status
    except urllib.error.HTTPError as exc:
        return exc.code
    except OSError:
        return None


def eventually(ask, within_s: float, otherwise=lambda: ""):
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := ask():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {within_s} s: {otherwise()}")


def kubernetes_target(
    namespace: str, home: Path, connection: Connection | None = None, way: str = "auto"
) -> KubernetesDriver:
    """A target on the tests' cluster, as its administrator unless said otherwise."""
    facts = {"cache": home, "runtime": RUNTIME, "base_image": "python:{python}-slim", "way": way}
    return KubernetesDriver(connection or a_cluster.connection(), Registry(a_cluster.REGISTRY), namespace, **facts)


def seen_as(driver: Driver, handle: Handle, phase: Phase) -> Observed | None:
    observed = driver.observe(handle)
    return observed if observed.phase is phase else None
