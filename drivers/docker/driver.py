"""The docker target behind the driver protocol."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from docker.errors import ImageNotFound

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
from drivers.docker import environments, layout, observing, packages, workloads
from drivers.docker.engine import Engine, answers
from drivers.naming import checked_python, checked_workload_name
from drivers.single import SingleReplica


class DockerDriver(SingleReplica):
    """`cache` holds what is kept between builds, `runtime` the code laid into packages. `base_image` is for
    specs that name none; `base_url` None leaves the engine's address to DOCKER_HOST and its default. Packages are
    images of the name `repository`."""

    kind = "docker"

    def __init__(
        self,
        cache: Path,
        runtime: Path,
        base_image: str = "python:{python}-slim",
        base_url: str | None = None,
        repository: str = layout.PACKAGE_REPOSITORY,
    ) -> None:
        self._cache = cache.absolute()
        self._runtime = runtime.absolute()
        self._base_image = base_image
        self._engine = Engine(base_url)
        self._repository = repository

    def check(self) -> Capacity:
        info = self._engine.info()
        detail = f"Docker {info['ServerVersion']} on {info['OperatingSystem']}, {self._engine.place}"
        return Capacity(float(info["NCPU"]), info["MemTotal"], detail)

    def prepare_environment(self, spec: EnvironmentSpec, log: Log) -> EnvironmentRef:
        base = self._base_image.format(python=checked_python(spec.python))
        with answers("to build the environment"):
            return environments.prepare(
                self._engine.builder, spec, base=base, cache=self._cache, runtime=self._runtime, log=log
            )

    def build_package(self, spec: PackageSpec, environment: EnvironmentRef, log: Log) -> PackageRef:
        with answers("to build the package"):
            return packages.build(
                self._engine.builder,
                spec,
                environment,
                cache=self._cache,
                runtime=self._runtime,
                log=log,
                repository=self._repository,
            )

    def apply(self, workload: Workload) -> Handle:
        checked_workload_name(workload.name)
        with answers(f"to run {workload.name}"):
            workloads.apply(self._engine.api, workload)
        return Handle(self.kind, workload.name)

    def observe(self, handle: Handle) -> Observed:
        with answers(f"to look at {handle.name}"):
            return observing.observe(self._engine.api, checked_workload_name(handle.name))

    def logs(self, handle: Handle, since: float = 0.0, replica: str = "") -> Iterator[LogRecord]:
        with answers(f"the log of {handle.name}"):
            yield from observing.logs(self._engine.api, checked_workload_name(handle.name), since)

    def usage(self, handle: Handle) -> tuple[Usage, ...]:
        with answers(f"the use of {handle.name}"):
            return observing.usage(self._engine.api, checked_workload_name(handle.name))

    def delete(self, handle: Handle, grace_s: float = 10.0) -> None:
        with answers(f"to remove {handle.name}"):
            if container := workloads.inspect(self._engine.api, checked_workload_name(handle.name)):
                workloads.remove(self._engine.api, container["Id"], grace_s=grace_s)

    def list(self, owner: str) -> list[Handle]:
        with answers("the list of containers"):
            asked = {"label": f"{layout.OWNER}={owner}"}
            found = self._engine.api.containers(all=True, filters=asked)
        return [Handle(self.kind, each["Names"][0].lstrip("/")) for each in found]

    def remove_package(self, location: str) -> None:
        with answers("to remove the package"), suppress(ImageNotFound):
            self._engine.api.remove_image(location)
