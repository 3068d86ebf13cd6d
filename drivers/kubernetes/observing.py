"""What a cluster says of a workload, in words: from its objects as they are to `Observed`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from drivers.base import Observed, Phase, Replica, ReplicaState
from drivers.kubernetes import layout, manifests
from drivers.kubernetes.cluster import Object
from drivers.runtime import BOOT_FAILED
from drivers.timestamps import seconds_of

UNSCHEDULABLE, QUOTA, REFUSED = "unschedulable", "quota-exceeded", "target-refused"
IMAGE, CRASHED, MEMORY, EVICTED = "image-not-pulled", "workload-crashed", "out-of-memory", "evicted"
# Kept on trying by the cluster; twice is often enough to know that it ends the same each time.
_ENOUGH_RESTARTS = 2
_IMAGE = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ImageInspectError", "ErrImageNeverPull",
          "RegistryUnavailable"}  # fmt: skip
_BROKEN = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
_MOST_WORDS = 600
_LAST_LINES = 20


@dataclass(frozen=True, slots=True)
class _Seen:
    """A pod: as a replica, with what decides about the whole. `final`: waiting will not mend it."""

    replica: Replica
    code: str = ""
    final: bool = False
    exit_code: int | None = None
    digest: str = ""


def observe(deployment: Object | None, pods: Iterable[Object], events: Iterable[Object], address: str) -> Observed:
    """`pods` and `events` are those of this workload; `address` is what it is known by to the gateway."""
    if deployment is None:
        return Observed(Phase.GONE)
    told = _last_events(events)
    limits = _memory_limit(deployment)
    seen = [_look(pod, told.get(pod["metadata"]["name"]), limits) for pod in pods]
    living = [each for each in seen if each.replica.state is not ReplicaState.STOPPING]
    ready = [each for each in living if each.replica.state is ReplicaState.READY]
    digest = deployment["metadata"].get("annotations", {}).get(layout.DIGEST)
    worst = _worst(living) or _refused(deployment)
    phase = _phase(ready, living, worst)
    return Observed(
        phase,
        ready_replicas=len(ready),
        detail=_detail(worst, living),
        address=address if phase in (Phase.STARTING, Phase.RUNNING) else None,
        exit_code=worst.exit_code if worst else None,
        restarts=max((each.replica.restarts for each in living), default=0),
        ready=any(each.digest == digest for each in ready),
        code=worst.code if worst else "",
        wanted=deployment["spec"].get("replicas", 1),
        scale=manifests.read_scale(deployment["metadata"]["annotations"][manifests.SCALE]),
        replicas=tuple(sorted((each.replica for each in seen), key=lambda each: (each.started or 0, each.name))),
    )


def _phase(ready: list[_Seen], living: list[_Seen], worst: _Seen | None) -> Phase:
    if ready:
        return Phase.RUNNING
    if worst and worst.final:
        return Phase.CRASHED
    if worst and worst.code in (UNSCHEDULABLE, QUOTA):
        return Phase.UNSCHEDULABLE
    running = any(each.replica.state is ReplicaState.RUNNING for each in living)
    return Phase.RUNNING if running else Phase.STARTING


def _worst(living: list[_Seen]) -> _Seen | None:
    """The replica whose trouble is to be told: one that is beyond waiting before one that is not."""
    troubled = [each for each in living if each.code]
    return max(troubled, key=lambda each: (each.final, each.replica.restarts), default=None)


def _detail(worst: _Seen | None, living: list[_Seen]) -> str:
    if worst:
        return worst.replica.detail
    return next((each.replica.detail for each in living if each.replica.detail), "")


def _refused(deployment: Object) -> _Seen | None:
    """Why the Deployment makes no pods at all: a quota, or an admission that turns them down."""
    for condition in deployment.get("status", {}).get("conditions", []):
        if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
            said = _short(condition.get("message", ""))
            quota = "exceeded quota" in said
            words = "The namespace's quota is exceeded" if quota else "The cluster refuses the pods"
            replica = Replica("", ReplicaState.WAITING, f"{words}: {said}")
            return _Seen(replica, QUOTA if quota else REFUSED, final=not quota)
    return None


def _look(pod: Object, event: str | None, limits: int) -> _Seen:
    metadata, status = pod["metadata"], pod.get("status", {})
    container = next((c for c in status.get("containerStatuses", []) if c["name"] == layout.CONTAINER), {})
    facts = {
        "name": metadata["name"],
        "restarts": container.get("restartCount", 0),
        "started": seconds_of(status.get("startTime") or metadata["creationTimestamp"]),
        "node": pod["spec"].get("nodeName", ""),
    }
    digest = metadata.get("annotations", {}).get(layout.DIGEST, "")

    def seen(state: ReplicaState, detail: str = "", code: str = "", **more: object) -> _Seen:
        return _Seen(Replica(state=state, detail=_short(detail), **facts), code, digest=digest, **more)

    if "deletionTimestamp" in metadata:
        return seen(ReplicaState.STOPPING, "It answers what it has begun, then ends.")
    if status.get("reason") == "Evicted":
        return seen(ReplicaState.EVICTED, f"Evicted: {status.get('message', 'its node needed the room')}", EVICTED)
    if (unplaced := _unplaced(status)) is not None:
        return seen(ReplicaState.UNSCHEDULABLE, unplaced, UNSCHEDULABLE)
    state = container.get("state", {})
    ended = state.get("terminated") or container.get("lastState", {}).get("terminated")
    if "running" in state:
        if container.get("ready"):
            return seen(ReplicaState.READY)
        again = f"Started again after: {_cause(ended, limits)}" if ended else ""
        return seen(ReplicaState.RUNNING, again or _not_ready(event or ""))
    waiting = state.get("waiting", {})
    reason = waiting.get("reason", "")
    if reason in _IMAGE:
        final = reason != "ErrImagePull"  # the first attempt; the next one may do better
        return seen(ReplicaState.CRASHED, _not_pulled(pod, waiting), IMAGE, final=final)
    if reason in _BROKEN:
        said = waiting.get("message", "no reason given")
        # A node that is slow to fetch the Secret tries again; anything else stays as it is.
        final = "timed out" not in said
        return seen(ReplicaState.CRASHED, f"The container cannot be made: {said}", REFUSED, final=final)
    if ended and (reason == "CrashLoopBackOff" or "terminated" in state):
        code, exit_code = _end_of(ended)
        final = exit_code == BOOT_FAILED or (facts["restarts"] >= _ENOUGH_RESTARTS and bool(waiting))
        return seen(ReplicaState.CRASHED, _cause(ended, limits), code, final=final, exit_code=exit_code)
    if status.get("phase") == "Failed":
        said = status.get("message") or status.get("reason") or "no reason given"
        return seen(ReplicaState.CRASHED, f"The pod failed: {said}", CRASHED)
    if event and event.startswith("Pulling image"):
        return seen(ReplicaState.PULLING, "Its image is being pulled.")
    return seen(ReplicaState.STARTING, event or "")


def _not_ready(event: str) -> str:
    """What its probes say while it runs and takes no requests."""
    probe, failed, answer = event.partition(" probe failed: ")
    if not failed:
        return "The model is being loaded."
    if probe == "Readiness" and "statuscode: 503" in answer:
        return "The model is being loaded: its readiness probe is answered with 503."
    if "connection refused" in answer:
        return "Its server is being started: the readiness probe is not answered yet."
    return f"{probe} probe failed: {answer}"


def _unplaced(status: Object) -> str | None:
    for condition in status.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return f"No room: {condition.get('message') or condition.get('reason', 'no reason given')}"
    return None


def _not_pulled(pod: Object, waiting: Object) -> str:
    (container,) = (each for each in pod["spec"]["containers"] if each["name"] == layout.CONTAINER)
    said = waiting.get("message", "no reason given")
    return f"The image {container['image']} cannot be pulled: {said}"


def _end_of(ended: Object) -> tuple[str, int]:
    return (MEMORY if ended.get("reason") == "OOMKilled" else CRASHED), ended.get("exitCode", -1)


def _cause(ended: Object, limit_bytes: int) -> str:
    """How a container ended, in words; its own last lines are in the log."""
    code, exit_code = _end_of(ended)
    if code == MEMORY:
        return f"out of memory: limit {limit_bytes / 2**20:.0f} MB"
    if exit_code == BOOT_FAILED:
        return f"the model or its entry script could not be loaded (exit code {BOOT_FAILED})"
    said = [line for line in ended.get("message", "").strip().splitlines() if line.strip()][-_LAST_LINES:]
    last = f"; its last line: {said[-1].strip()}" if said else ""
    return f"exit code {exit_code}{last}"


def _memory_limit(deployment: Object) -> int:
    containers = deployment["spec"]["template"]["spec"]["containers"]
    (found,) = (each for each in containers if each["name"] == layout.CONTAINER)
    return int(bytes_of(found["resources"]["limits"]["memory"]))


_UNITS = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
          "m": 1e-3, "u": 1e-6, "n": 1e-9}  # fmt: skip
_QUANTITY = re.compile(r"([0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]{0,2})")


def bytes_of(quantity: str) -> float:
    """A Kubernetes quantity (`1536Mi`, `250m`, `2`) as a number. Raises ValueError."""
    found = _QUANTITY.fullmatch(str(quantity))
    if not found or found[2] not in _UNITS:
        raise ValueError(f"{quantity!r} is not a quantity")
    return float(found[1]) * _UNITS[found[2]]


def _last_events(events: Iterable[Object]) -> dict[str, str]:
    """The newest message of each pod."""
    last: dict[str, tuple[str, str]] = {}
    for event in events:
        name = event["involvedObject"].get("name", "")
        at = event.get("lastTimestamp") or event.get("eventTime") or event["metadata"]["creationTimestamp"]
        if name not in last or last[name][0] <= at:
            last[name] = (at, event.get("message", ""))
    return {name: message for name, (_, message) in last.items()}


def _short(text: str) -> str:
    return text if len(text) <= _MOST_WORDS else f"{text[: _MOST_WORDS - 1]}…"
