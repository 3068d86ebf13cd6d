"""What drivers have in common that run one copy of a workload, on the machine that built its package."""

from collections.abc import Callable

from drivers import asking
from drivers.base import Handle, Log, Observed, PackageRef, Phase, Reply
from drivers.errors import DriverError
from drivers.scaling import Scale


class SingleReplica:
    """Needs `kind` and `observe` of the driver's own."""

    kind: str
    scales = False
    delivers = False

    def observe(self, handle: Handle) -> Observed:
        raise NotImplementedError

    def deliver(self, package: PackageRef, log: Log) -> PackageRef:
        return package

    def ask(self, handle: Handle, path: str) -> Reply:
        return asking.ask(self.observe(handle).address, path)

    def direct(self, handle: Handle) -> str | None:
        observed = self.observe(handle)
        return observed.address if observed.phase is Phase.RUNNING else None

    def scale(self, handle: Handle, scale: Scale) -> None:
        if scale != Scale():
            raise DriverError(
                f"The {self.kind} target runs one replica of a service.",
                advice="Deploy it to a Kubernetes target to run several.",
            )

    def watch(self, owner: str, changed: Callable[[str], None]) -> None:
        pass
