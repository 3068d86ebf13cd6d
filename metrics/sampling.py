"""CPU, memory and replicas of what serves, looked at by the worker's clock at the end of each slot.

Every place (this machine's processes, Docker, each cluster) is asked by a thread of its own: one that is slow keeps
only itself waiting. Several workers may look at once; of a slot the first row that is written stays.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from itertools import groupby

from deployments.models import Service, Target, Workload
from deployments.recipes import gigabytes
from deployments.targets import driver_of
from drivers.base import Handle, ReplicaState, Usage
from metrics.ladder import FINEST, slot_just_ended
from metrics.models import UsageSample

log = logging.getLogger("slipway.metrics")

PATIENCE_S = 4.0
"""How long a round waits for slow places; what they tell later is written by the next one."""


class Sampler:
    def __init__(self) -> None:
        # By workload and replica. Kept by the threads, each for the workloads of its place.
        self._before: dict[str, dict[str, Usage]] = {}
        self._asking: dict[str, threading.Thread] = {}
        self._seen: list[UsageSample] = []
        self._lock = threading.Lock()

    def look(self) -> None:
        at_s = slot_just_ended(time.time())
        serving = list(_serving())
        self._forget({workload.name for workload in serving})
        for place, workloads in _by_place(serving):
            if place not in self._asking or not self._asking[place].is_alive():
                thread = threading.Thread(target=self._ask, args=(workloads, at_s), name=f"usage: {place}", daemon=True)
                self._asking[place] = thread
                thread.start()
        until = time.monotonic() + PATIENCE_S
        for thread in self._asking.values():
            thread.join(max(0.0, until - time.monotonic()))
        self._write()

    def _ask(self, workloads: list[Workload], at_s: int) -> None:
        for _, of_service in groupby(workloads, lambda workload: workload.revision.service_id):
            try:
                samples = [self._sample(workload, at_s) for workload in of_service]
            except Exception as exc:  # the place does not answer, or somebody just took the workload away
                log.info("nothing was measured: %s", exc)
                continue
            if None not in samples:
                with self._lock:
                    self._seen.append(_together(samples))

    def _sample(self, workload: Workload, at_s: int) -> UsageSample | None:
        """None the first time: there is nothing yet to compare cumulative seconds with."""
        target = workload.revision.target
        usages = driver_of(target).usage(Handle(target.kind, workload.name))
        before = self._before.get(workload.name)
        self._before[workload.name] = {usage.replica: usage for usage in usages}
        if before is None and usages:
            return None
        cpu = cores_used(before or {}, usages)
        return UsageSample(
            service_id=workload.revision.service_id,
            step_s=FINEST.step_s,
            at_s=at_s,
            cpu=cpu,
            cpu_samples=int(cpu is not None),
            memory_bytes=sum(usage.memory_bytes for usage in usages) if usages else None,
            replicas=_ready(workload),
            wanted_replicas=workload.wanted_replicas,
            **_limits(workload, replicas=len(usages) or workload.wanted_replicas),
        )

    def _write(self) -> None:
        with self._lock:
            seen, self._seen = self._seen, []
        there = set(Service.objects.filter(pk__in={row.service_id for row in seen}).values_list("pk", flat=True))
        UsageSample.objects.bulk_create([row for row in seen if row.service_id in there], ignore_conflicts=True)

    def _forget(self, serving: set[str]) -> None:
        for name in self._before.keys() - serving:
            self._before.pop(name, None)


def cores_used(before: dict[str, Usage], now: Iterable[Usage]) -> float | None:
    """The mean since `before`, of all replicas that were there then; None when that says nothing."""
    found = [cores for usage in now if (cores := _cores(before.get(usage.replica), usage)) is not None]
    return sum(found) if found else None


def _cores(before: Usage | None, now: Usage) -> float | None:
    elapsed = now.at - before.at if before else 0.0
    if elapsed <= 0:
        return None
    used = now.cpu_seconds - before.cpu_seconds
    # Fewer than before: it was started again in between, and all it has used is since then.
    return (used if used >= 0 else now.cpu_seconds) / elapsed


def _serving() -> Iterator[Workload]:
    serving = Workload.objects.filter(revision__traffic__gt=0, retire_time=None, revision__service__deleting=False)
    yield from serving.select_related("revision__target").order_by("revision__service_id", "pk")


def _by_place(workloads: list[Workload]) -> Iterator[tuple[str, list[Workload]]]:
    """Those of a service stay beside one another."""
    places: dict[str, list[Workload]] = {}
    for workload in workloads:
        places.setdefault(workload.revision.target.place, []).append(workload)
    yield from places.items()


def _ready(workload: Workload) -> int:
    """As it was last seen; see deployments.watching."""
    if workload.revision.target.kind != Target.Kind.KUBERNETES:
        return int(workload.healthy)
    return sum(replica["state"] == ReplicaState.READY for replica in workload.replicas)


def _limits(workload: Workload, replicas: int) -> dict[str, float | None]:
    config = workload.revision.deployment_config
    cpu = config.get("cpu_limit") or config["cpu"]
    memory_gb = config.get("memory_limit_gb") or config["memory_gb"]
    # Processes may use more CPU than was asked for: nothing holds them back.
    enforced = workload.revision.target.kind != Target.Kind.PROCESS
    return {
        "cpu_limit": cpu * replicas if enforced else None,
        "memory_limit_bytes": gigabytes(memory_gb) * replicas,
    }


def _together(samples: list[UsageSample]) -> UsageSample:
    """Of a service whose traffic several revisions share."""
    first, *others = samples
    for other in others:
        for name in ("cpu", "memory_bytes", "cpu_limit", "memory_limit_bytes", "replicas", "wanted_replicas"):
            known = [value for value in (getattr(first, name), getattr(other, name)) if value is not None]
            setattr(first, name, sum(known) if known else None)
        first.cpu_samples = max(first.cpu_samples, other.cpu_samples)
    return first


_sampler = Sampler()


def look() -> None:
    """One round, of this process's sampler."""
    _sampler.look()
