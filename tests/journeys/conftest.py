"""What the journeys share: the real command, the four models, a studio on real servers."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import docker
import pytest

from tests.conftest import missing
from tests.journeys import servers
from tests.running import RunningStudio

QUICK = {"SLIPWAY_LEASE_S": "3", "SLIPWAY_RECONCILE_S": "1"}


@pytest.fixture(scope="session")
def docker_engine():
    """A client of the machine's own Docker engine."""
    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException:
        missing("A Docker engine")
    return client


@pytest.fixture(scope="session")
def sqlite_studio(tmp_path_factory):
    """SQLite and a broker of files; takes over a dead worker's deployments after 3 s."""
    running = RunningStudio(tmp_path_factory.mktemp("quick") / "data", environ=QUICK).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def server_studio(tmp_path_factory):
    """PostgreSQL and Redis."""
    if servers.postgres_bin() is None:
        missing("PostgreSQL")
    if shutil.which("redis-server") is None:
        missing("Redis")
    folder = tmp_path_factory.mktemp("servers")
    with servers.postgresql(folder / "postgresql") as database_url, servers.redis() as redis_url:
        environ = {**QUICK, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
        running = RunningStudio(folder / "data", environ=environ).start()
        yield running
        running.stop()


@pytest.fixture(params=["sqlite_studio", "server_studio"])
def any_studio(request) -> RunningStudio:
    """Each of the two kinds of studio in turn."""
    return request.getfixturevalue(request.param)


class Command:
    """The installed `slipway` command, on one studio."""

    def __init__(self, studio: RunningStudio, folder: Path) -> None:
        self._studio, self._folder = studio, folder

    def __call__(self, *args: str, timeout_s: float = 280) -> subprocess.CompletedProcess:
        return subprocess.run(
            [Path(sys.executable).with_name("slipway"), *args],
            cwd=self._folder,
            env={**os.environ, "SLIPWAY_CONFIG": str(self._studio.config_path)},
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def done(self, *args: str) -> str:
        """Its standard output; the command must succeed."""
        ran = self(*args)
        assert ran.returncode == 0, f"slipway {' '.join(args)}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout


@pytest.fixture
def slipway(studio, tmp_path) -> Command:
    return Command(studio, tmp_path)
