"""A real gateway under uvicorn, real upstream servers, httpx and bare sockets as the callers."""

import socket
from collections.abc import Callable, Iterator

import httpx
import pytest
from upstreams import KEY, PATIENCE_S, Replicas, Routes, Scripted, Served, Workload, http

from gateway.app import Gateway
from gateway.table import RouteSource


@pytest.fixture(scope="module")
def database() -> Routes:
    return Routes()


@pytest.fixture(scope="module")
def cluster() -> Replicas:
    return Replicas()


@pytest.fixture(scope="module")
def modules_gateway(database, cluster) -> Iterator[Served]:
    served = Served(Gateway(RouteSource(database.version, database.load), cluster))
    yield served
    served.stop()


@pytest.fixture
def routes(database) -> Routes:
    database.clear()
    return database


@pytest.fixture
def replicas(cluster, routes) -> Replicas:
    """Those of default/iris; none at first."""
    cluster.set()
    routes.set_named()
    routes.settle()
    return cluster


@pytest.fixture
def gateway(modules_gateway, routes) -> Served:
    """A gateway whose routes are empty at first. One a module: starting and stopping takes half a second."""
    http.get(f"{modules_gateway.address}/services/default/iris/score")  # has it read the routes again
    return modules_gateway


@pytest.fixture
def make_workload(gateway) -> Iterator[Callable[..., Workload]]:
    made: list[Workload] = []

    def make(name: str = "workload") -> Workload:
        made.append(Workload(name))
        return made[-1]

    yield make
    for workload in made:
        workload.gate.set()
        workload.served.ask_to_stop()


@pytest.fixture
def scripted(gateway) -> Iterator[Callable[[bytes], Scripted]]:
    made: list[Scripted] = []

    def make(reply: bytes) -> Scripted:
        made.append(Scripted(reply))
        return made[-1]

    yield make
    for each in made:
        each.stop()


@pytest.fixture
def workload(make_workload, routes) -> Workload:
    """One live workload behind the service default/iris."""
    workload = make_workload()
    routes.set("iris", workload.address)
    return workload


@pytest.fixture
def iris(gateway) -> Iterator[httpx.Client]:
    """A caller of default/iris who has the key."""
    url = f"{gateway.address}/services/default/iris/"
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_S, verify=False) as client:
        yield client


@pytest.fixture
def bare(gateway) -> Callable[[bytes], bytes]:
    """Send bytes as they are, get all bytes that come back until the gateway closes or falls silent."""

    def exchange(data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=PATIENCE_S) as connection:
            connection.sendall(data)
            connection.settimeout(1.0)
            received = b""
            try:
                while part := connection.recv(65536):
                    received += part
            except TimeoutError:
                pass
            return received

    return exchange
