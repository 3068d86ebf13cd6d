"""Objects of a cluster as they are now: listed once, then followed by a watch, listed again now and then.

The client's own informer tries again without a pause while the API server is away, and never lists anew after the
server has lost its past; both happen here."""

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping

from drivers.errors import DriverError, TargetUnavailable
from drivers.kubernetes.cluster import Cluster, Missing, Object

log = logging.getLogger("slipway.kubernetes")

RESYNC_S = 300.0
_WATCH_S = 60
_SILENCE_S = _WATCH_S + 15
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 8.0
_LOOK_S = 0.1
_GONE = 410


class Mirror:
    """One kind of objects, on a thread of its own. `changed(object)` is called on that thread for each that was made,
    changed or deleted; `changed(None)` when the connection was lost or is there again."""

    def __init__(
        self,
        cluster: Cluster,
        path: str,
        query: Mapping[str, str],
        changed: Callable[[Object | None], None] = lambda _: None,
    ) -> None:
        self._cluster, self._path, self._query, self._changed = cluster, path, dict(query), changed
        self._objects: dict[str, Object] = {}
        self._lock = threading.Lock()
        self._listed = threading.Event()
        self._stopped = threading.Event()
        self._problem: DriverError | None = None
        self._thread = threading.Thread(target=self._follow, name=f"mirror of {path}", daemon=True)

    def start(self) -> "Mirror":
        self._thread.start()
        return self

    def stop(self) -> None:
        """The thread ends with its next line, at the latest with its watch."""
        self._stopped.set()

    @property
    def problem(self) -> DriverError | None:
        """Why what is here may be old; None while the watch stands."""
        return self._problem

    def wait(self, timeout_s: float) -> None:
        """Until everything was listed once. Raises what is in the way, TargetUnavailable when it takes too long."""
        until = time.monotonic() + timeout_s
        while not self._listed.wait(_LOOK_S):
            if self._problem:
                raise self._problem
            if time.monotonic() > until:
                raise TargetUnavailable("The cluster takes too long to list what runs in it.")

    def all(self) -> list[Object]:
        with self._lock:
            return list(self._objects.values())

    def get(self, name: str) -> Object | None:
        with self._lock:
            return self._objects.get(name)

    def put(self, made: Object) -> None:
        """What was just written, before the watch tells of it."""
        with self._lock:
            known = self._objects.get(made["metadata"]["name"])
            if known is None or _version(known) < _version(made):
                self._objects[made["metadata"]["name"]] = made

    def drop(self, name: str) -> None:
        """What was just deleted."""
        with self._lock:
            self._objects.pop(name, None)

    def _follow(self) -> None:
        pause = _FIRST_PAUSE_S
        while not self._stopped.is_set():
            try:
                for _ in self._once():
                    pause = _FIRST_PAUSE_S
            except (DriverError, Missing, ValueError, KeyError) as exc:
                self._lost(exc)
                self._stopped.wait(pause * random.uniform(0.5, 1))
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _once(self) -> Iterator[None]:
        """List and watch until it is time to list again; yields whenever the server has answered."""
        begun = time.monotonic()
        version = self._list()
        yield
        while version and time.monotonic() - begun < RESYNC_S and not self._stopped.is_set():
            version = self._watch(version)
            yield

    def _list(self) -> str:
        found = self._cluster.get(self._path, self._query)
        fresh = {each["metadata"]["name"]: each for each in found["items"]}
        with self._lock:
            old, self._objects = self._objects, fresh
        back, self._problem = self._problem is not None, None
        self._listed.set()
        if back:
            log.warning("%s: the API server answers again", self._path)
            self._changed(None)
        for name in old.keys() | fresh.keys():
            now = fresh.get(name)
            if now is None or name not in old or _version(old[name]) != _version(now):
                self._changed(now or old[name])
        return found["metadata"]["resourceVersion"]

    def _watch(self, version: str) -> str:
        """The version it came to, empty when the server no longer knows the one to go on from."""
        query = self._query | {"watch": "true", "resourceVersion": version, "allowWatchBookmarks": "true"}
        for line in self._cluster.lines(self._path, query | {"timeoutSeconds": str(_WATCH_S)}, silence_s=_SILENCE_S):
            if self._stopped.is_set():
                return ""
            event = json.loads(line)
            kind, told = event["type"], event["object"]
            if kind == "ERROR":
                if told.get("code") != _GONE:
                    raise TargetUnavailable(f"The watch of {self._path} ended: {told.get('message')}")
                return ""
            version = told["metadata"]["resourceVersion"]
            if kind != "BOOKMARK":
                self._take(kind, told)
        return version

    def _take(self, kind: str, told: Object) -> None:
        name = told["metadata"]["name"]
        with self._lock:
            if kind == "DELETED":
                self._objects.pop(name, None)
            elif name not in self._objects or _version(self._objects[name]) <= _version(told):
                self._objects[name] = told
        self._changed(told)

    def _lost(self, exc: Exception) -> None:
        if isinstance(exc, Missing):
            exc = TargetUnavailable(f"The cluster does not know {self._path}.")
        first = self._problem is None
        self._problem = (
            exc if isinstance(exc, DriverError) else TargetUnavailable(f"The API server answers badly: {exc}")
        )
        if first:
            log.warning("%s: %s", self._path, self._problem)
            self._changed(None)


def _version(told: Object) -> int:
    """Grows with every change of an object; see "resource versions" in the Kubernetes API's concepts."""
    return int(told["metadata"]["resourceVersion"])
