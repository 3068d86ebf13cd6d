"""How many replicas of a workload there are, when one is started again, and where in a cluster they may go."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scale:
    """How many replicas: `minimum`, or with a `maximum` as many up to it as keep the use of CPU near
    `utilization` percent of what each replica requests."""

    minimum: int = 1
    maximum: int | None = None
    utilization: int = 70


ONE = Scale()


@dataclass(frozen=True, slots=True)
class Probe:
    """When a replica that no longer answers is started again. Times are in seconds."""

    period_s: int = 10
    initial_delay_s: int = 310
    timeout_s: int = 2
    failures: int = 3


@dataclass(frozen=True, slots=True)
class Placement:
    """Where in a cluster replicas may go, and what is noted on them; a toleration is Kubernetes' own object."""

    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Mapping[str, object], ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
