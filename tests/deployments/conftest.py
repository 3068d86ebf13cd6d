import pytest

from deployments import doorbell, live_log, services, targets
from drivers.errors import TargetUnavailable
from tests import objects
from tests.deployments.fakes import FakeDriver, Runtime


@pytest.fixture
def runtime():
    server = Runtime()
    yield server
    server.stop()


@pytest.fixture
def driver(runtime, monkeypatch):
    """The process target is a fake, and no Docker engine answers."""
    fake = FakeDriver(runtime)
    no_engine = TargetUnavailable("No engine here.", advice="Start it.")
    absent = FakeDriver(runtime, kind="docker", trouble={"check": no_engine})
    monkeypatch.setattr(targets, "ProcessDriver", lambda **_: fake)
    monkeypatch.setattr(targets, "DockerDriver", lambda **_: absent)
    targets.forget_all()
    live_log._logs.clear()
    yield fake
    targets.forget_all()


@pytest.fixture
def rings(monkeypatch):
    """What was rung for instead of going through a broker."""
    heard = []
    monkeypatch.setattr(doorbell, "_ring", lambda task, pk: heard.append((task.rsplit(".", 1)[-1], pk)))
    return heard


@pytest.fixture
def quick(settings):
    """Leases and time-outs short enough to wait for."""
    settings.LEASE_S = 0.9
    settings.START_TIMEOUT_S = 0.5


@pytest.fixture
def queued(place, contributor, driver, rings):
    """A deployment that waits for a worker."""
    return objects.deployment(place, contributor)


@pytest.fixture
def deploy(place, contributor, driver, rings):
    objects.target(place)
    objects.version(place, contributor)

    def deploying(**options):
        asked = {"workspace": place, "name": "reader", "models": ["digits:1"], "by": contributor, **options}
        return services.deploy(**asked)

    return deploying
