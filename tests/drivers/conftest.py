import os
from pathlib import Path

import docker
import pytest
from workbench import RUNTIME, Bench

from drivers.docker import DockerDriver
from drivers.process import ProcessDriver


def make_process(home: Path) -> ProcessDriver:
    return ProcessDriver(home, RUNTIME)


def make_docker(home: Path) -> DockerDriver:
    return DockerDriver(home, RUNTIME)


@pytest.fixture(scope="session")
def engine():
    """The Docker engine of this machine. Where tests must be complete, a missing one is a failure."""
    try:
        client = docker.from_env(timeout=60)
        client.ping()
    except docker.errors.DockerException as exc:
        if os.environ.get("CI"):
            pytest.fail(f"no Docker engine answers, and CI must have one: {exc}")
        pytest.skip(f"no Docker engine answers: {exc}")
    return client


@pytest.fixture(scope="session")
def homes(tmp_path_factory):
    """Folders of the targets. One for all tests, so that the environment is made once."""
    return {make: tmp_path_factory.mktemp(make.__name__) for make in (make_process, make_docker)}


def bench_of(make, homes):
    bench = Bench(make(homes[make]), homes[make])
    yield bench
    bench.clear()


@pytest.fixture(params=[make_process, make_docker], ids=["process", "docker"])
def bench(request, homes):
    if request.param is make_docker:
        request.getfixturevalue("engine")
    yield from bench_of(request.param, homes)


@pytest.fixture
def process_bench(homes):
    yield from bench_of(make_process, homes)


@pytest.fixture
def docker_bench(homes, engine):
    yield from bench_of(make_docker, homes)
