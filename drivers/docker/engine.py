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

# Committing a layer of several gigabytes takes minutes.
_TIMEOUT_S = 600
_CHECK_TIMEOUT_S = 5


class Engine:
    """One client per thread and process: its connections must not be shared across a fork."""

    def __init__(self, base_url: str | None) -> None:
        self._base_url = base_url
        self._local = threading.local()

    @property
    def api(self) -> docker.APIClient:
        """Raises TargetUnavailable when the engine does not answer."""
        if getattr(self._local, "pid", None) != os.getpid():
            with answers(self.place):
                self._local.api = self._connect(_TIMEOUT_S)
            self._local.pid = os.getpid()
        return self._local.api

    @property
    def place(self) -> str:
        return self._base_url or os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"

    def info(self) -> dict:
        """The engine's facts about itself, asked with a short patience: pages wait for it."""
        with answers(self.place):
            api = self._connect(_CHECK_TIMEOUT_S)
            try:
                return api.info()
            finally:
                api.close()

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
        raise TargetUnavailable(
            f"The Docker engine does not answer: {exc}", advice=_advice(str(exc))
        ) from exc


def _advice(words: str) -> str:
    if "Permission denied" in words or "PermissionError" in words:
        return "Allow the studio's account to use the engine's socket (add it to the group 'docker')."
    return "Start Docker on this machine, or set DOCKER_HOST to an engine that runs, then deploy again."
