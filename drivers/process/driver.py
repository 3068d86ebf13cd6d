"""The process target behind the driver protocol."""

import platform
from collections.abc import Iterator
from pathlib import Path

import psutil

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
    Usage,
    Workload,
)
from drivers.disk import remove_folder
from drivers.naming import checked_workload_name
from drivers.process import environments, packages
from drivers.process.workloads import Workloads
from drivers.single import SingleReplica


class ProcessDriver(SingleReplica):
    """`root` is the data folder with environments/, packages/ and process/; `runtime` goes on PYTHONPATH."""

    kind = "process"

    def __init__(self, root: Path, runtime: Path) -> None:
        self._environments = root.absolute() / "environments"
        self._packages = root.absolute() / "packages"
        self._runtime = runtime.absolute()
        self._workloads = Workloads(root.absolute() / "process", self._runtime)

    def check(self) -> Capacity:
        detail = f"this machine: {platform.system()} {platform.machine()}, Python {platform.python_version()}"
        return Capacity(float(psutil.cpu_count() or 1), psutil.virtual_memory().total, detail)

    def prepare_environment(self, spec: EnvironmentSpec, log: Log) -> EnvironmentRef:
        return environments.prepare(spec, environments=self._environments, runtime=self._runtime, log=log)

    def build_package(self, spec: PackageSpec, environment: EnvironmentRef, log: Log) -> PackageRef:
        return packages.build(spec, environment, packages=self._packages, log=log)

    def apply(self, workload: Workload) -> Handle:
        checked_workload_name(workload.name)
        self._workloads.apply(workload)
        return Handle(self.kind, workload.name)

    def observe(self, handle: Handle) -> Observed:
        return self._workloads.observe(checked_workload_name(handle.name))

    def logs(self, handle: Handle, since: float = 0.0, replica: str = "") -> Iterator[LogRecord]:
        return self._workloads.logs(checked_workload_name(handle.name), since)

    def usage(self, handle: Handle) -> tuple[Usage, ...]:
        return self._workloads.usage(checked_workload_name(handle.name))

    def delete(self, handle: Handle, grace_s: float = 10.0) -> None:
        self._workloads.delete(checked_workload_name(handle.name), grace_s)

    def list(self, owner: str) -> list[Handle]:
        return [Handle(self.kind, name) for name in self._workloads.owned_by(owner)]

    def remove_package(self, location: str) -> None:
        remove_folder(Path(location))
