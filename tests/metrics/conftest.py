"""A service that serves, and what gateways and workers tell of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from deployments.models import Service
from metrics.histogram import BOUNDS_S
from metrics.models import UsageSample
from metrics.recording import record
from tests import objects

NOON_S = 1_900_000_800 - 1_900_000_800 % 3600
"""The beginning of an hour, long after anything in these tests was made."""


@dataclass
class Counted:
    """As gateway.counting.Counted; tests/gateway/test_gateway_counting.py holds the two together."""

    ok: int = 0
    client_errors: int = 0
    errors: int = 0
    seconds: float = 0.0
    ok_seconds: float = 0.0
    buckets: dict[str, int] = field(default_factory=dict)


def counted(*latencies_ms: float, client_errors: int = 0, errors: int = 0) -> Counted:
    buckets: dict[str, int] = {}
    for latency in latencies_ms:
        number = str(next(n for n, bound in enumerate(BOUNDS_S) if latency / 1000 <= bound))
        buckets[number] = buckets.get(number, 0) + 1
    seconds = sum(latencies_ms) / 1000
    return Counted(len(latencies_ms), client_errors, errors, seconds, seconds, buckets)


@pytest.fixture
def service(place, contributor) -> Service:
    return objects.live(objects.deployment(place, contributor))


@pytest.fixture
def count(service) -> Callable[..., None]:
    """`count(NOON_S, 3.0, 4.0, errors=1)`: a gateway counted these in the slot that begins then."""

    def write(at_s: int, *latencies_ms: float, writer: str = "a", revision: int = 1, **failed: int) -> None:
        key = (service.workspace.name, service.name, revision)
        record(writer, at_s, {key: counted(*latencies_ms, **failed)})

    return write


@pytest.fixture
def sampled(service) -> Callable[..., UsageSample]:
    """`sampled(NOON_S, cpu=0.5)`: the worker measured this in the slot."""

    def write(at_s: int, **seen: object) -> UsageSample:
        standard = {"cpu": 0.5, "memory_bytes": 90_000_000, "memory_limit_bytes": 1 << 30}
        row = standard | {"replicas": 1, "wanted_replicas": 1} | seen
        row["cpu_samples"] = int(row["cpu"] is not None)
        return UsageSample.objects.create(service=service, step_s=10, at_s=at_s, **row)

    return write
