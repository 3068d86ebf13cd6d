"""The connection to a Docker engine, and its refusals in the driver's own errors."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import docker
import requests
from docker.errors import APIError, DockerException

from drivers.disk import out_of_disk
from drivers.errors import DriverError, TargetUnavailable

_TIMEOUT_S = 60
_BUILD_TIMEOUT_S = 3600
"""Committing a layer of several gigabytes takes minutes, and the engine is silent meanwhile."""
_CHECK_TIMEOUT_S = 5
"""Pages wait for it."""


class Engine:
    """One client per thread and process: connections must not be shared, least of all across a fork."""

    def __init__(self, base_url: str | None) -> None:
        self._base_url = base_url
        self._local = threading.local()

    @property
    def api(self) -> docker.APIClient:
        """Raises TargetUnavailable when the engine does not answer."""
        return self._client(_TIMEOUT_S)

    @property
    def builder(self) -> docker.APIClient:
        """The same with the patience that builds need."""
        return self._client(_BUILD_TIMEOUT_S)

    @property
    def place(self) -> str:
        return self._base_url or os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"

    def info(self) -> dict:
        """The engine's facts about itself."""
        with answers(f"to tell about itself at {self.place}"):
            return self._client(_CHECK_TIMEOUT_S).info()

    def _client(self, timeout_s: float) -> docker.APIClient:
        if getattr(self._local, "pid", None) != os.getpid():
            self._local.pid, self._local.clients = os.getpid(), {}
        clients = self._local.clients
        if timeout_s not in clients:
            with answers(f"to be spoken to at {self.place}"):
                clients[timeout_s] = self._connect(timeout_s)
        return clients[timeout_s]

    def _connect(self, timeout_s: float) -> docker.APIClient:
        if self._base_url:
            return docker.DockerClient(base_url=self._base_url, version="auto", timeout=timeout_s).api
        return docker.from_env(version="auto", timeout=timeout_s).api


@contextmanager
def answers(what: str) -> Iterator[None]:
    """Turn what goes wrong while asking the engine for `what` into DriverErrors."""
    try:
        yield
    except APIError as exc:
        words = str(exc.explanation or exc)
        if "no space left on device" in words:
            raise out_of_disk("the Docker engine's images") from exc
        raise DriverError(f"Docker refused {what}: {words}") from exc
    except (requests.RequestException, DockerException) as exc:
        raise TargetUnavailable(f"The Docker engine does not answer: {exc}", advice=_advice(str(exc))) from exc


def _advice(words: str) -> str:
    if "Permission denied" in words or "PermissionError" in words:
        return "Allow the studio's account to use the engine's socket (add it to the group 'docker')."
    return "Start Docker on this machine, or set DOCKER_HOST to an engine that runs, then deploy again."
