import os
from pathlib import Path

import docker
import pytest
from workbench import RUNTIME, Bench, kubernetes_target

from drivers.docker import DockerDriver
from drivers.kubernetes import KubernetesDriver
from drivers.process import ProcessDriver
from tests import a_cluster


def make_process(home: Path) -> ProcessDriver:
    return ProcessDriver(home, RUNTIME)


def make_docker(home: Path) -> DockerDriver:
    return DockerDriver(home, RUNTIME)


def make_kubernetes(home: Path) -> KubernetesDriver:
    return kubernetes_target(f"slipway-test-{os.getpid()}", home)


@pytest.fixture(scope="session")
def cluster(engine):
    """The Kubernetes of this machine. Where tests must be complete, a missing one is a failure."""
    a_cluster.required()


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
    return {make: tmp_path_factory.mktemp(make.__name__) for make in (make_process, make_docker, make_kubernetes)}


@pytest.fixture(scope="session")
def kubernetes_driver(homes, cluster):
    """One for all tests: it keeps its watches. Its namespace goes with it."""
    driver = make_kubernetes(homes[make_kubernetes])
    yield driver
    a_cluster.kubectl("delete", "namespace", driver.namespace, "--ignore-not-found", "--wait=false")
    driver.close()


def bench_of(make, homes, driver=None):
    bench = Bench(driver or make(homes[make]), homes[make])
    yield bench
    bench.clear()


@pytest.fixture(params=[make_process, make_docker, make_kubernetes], ids=["process", "docker", "kubernetes"])
def bench(request, homes):
    if request.param is make_docker:
        request.getfixturevalue("engine")
    shared = request.getfixturevalue("kubernetes_driver") if request.param is make_kubernetes else None
    yield from bench_of(request.param, homes, shared)


@pytest.fixture(params=[make_process, make_docker], ids=["process", "docker"])
def building_bench(request, homes):
    """Of those that make environments themselves: a cluster's are the Docker engine's."""
    if request.param is make_docker:
        request.getfixturevalue("engine")
    yield from bench_of(request.param, homes)


@pytest.fixture
def process_bench(homes):
    yield from bench_of(make_process, homes)


@pytest.fixture
def kubernetes_bench(homes, kubernetes_driver):
    yield from bench_of(make_kubernetes, homes, kubernetes_driver)


@pytest.fixture
def docker_bench(homes, engine):
    yield from bench_of(make_docker, homes)


@pytest.fixture
def own_namespace(kubernetes_bench, cluster):
    """A target of a namespace that other tests leave alone."""
    name = f"slipway-own-{kubernetes_bench.owner.removeprefix('test-')}"
    a_cluster.kubectl("create", "namespace", name)
    driver = kubernetes_target(name, kubernetes_bench.home)
    yield driver
    driver.close()
    a_cluster.kubectl("delete", "namespace", name, "--wait=false")
