"""What a workload's replicas wrote: each one's run now and, where it was started again, the one before."""

import heapq
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from drivers.base import LogRecord
from drivers.errors import Refused
from drivers.kubernetes import layout
from drivers.kubernetes.cluster import Cluster, Missing, Object
from drivers.timestamps import seconds_of

_MOST_LINES = 5000
_MOST_BYTES = 8 * 2**20


def read(cluster: Cluster, namespace: str, name: str, since: float, replica: str) -> Iterator[LogRecord]:
    with suppress(Missing):
        found = cluster.get(layout.pods_path(namespace), {"labelSelector": f"{layout.WORKLOAD}={name}"})
        pods = [pod for pod in found["items"] if replica in ("", pod["metadata"]["name"])]
        yield from heapq.merge(*(_of_pod(cluster, namespace, pod, since) for pod in pods), key=lambda line: line.at)


def _of_pod(cluster: Cluster, namespace: str, pod: Object, since: float) -> Iterator[LogRecord]:
    name = pod["metadata"]["name"]
    statuses = pod.get("status", {}).get("containerStatuses", [])
    status = next((each for each in statuses if each["name"] == layout.CONTAINER), {})
    if status.get("lastState", {}).get("terminated"):
        yield from _lines(cluster, namespace, name, since, previous=True)
    if status.get("containerID"):
        yield from _lines(cluster, namespace, name, since, previous=False)


def _lines(cluster: Cluster, namespace: str, pod: str, since: float, *, previous: bool) -> Iterator[LogRecord]:
    query = {"container": layout.CONTAINER, "timestamps": "true", "limitBytes": _MOST_BYTES, "tailLines": _MOST_LINES}
    if previous:
        query["previous"] = "true"
    if since:
        # Whole seconds on the wire; what is too old is dropped below.
        query["sinceTime"] = datetime.fromtimestamp(int(since), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        text = cluster.read(f"{layout.pods_path(namespace, pod)}/log", query)
    except (Missing, Refused):
        return  # not started yet, or its node has tidied up meanwhile
    for line in text.decode("utf-8", "replace").split("\n"):
        stamp, _, words = line.partition(" ")
        try:
            at = seconds_of(stamp)
        except ValueError:
            continue  # cut off by the limit, or the node's own words
        if at > since:
            yield LogRecord(at, "stdout", words.rstrip("\r"), pod)
