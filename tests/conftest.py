"""Fixtures every room's tests may use."""

import os

import pytest

from tests import objects
from tests.running import RunningStudio
from tests.stored import bucket, s3_server, store  # noqa: F401


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    """A running studio on SQLite and files, shared by the tests of a run."""
    running = RunningStudio(tmp_path_factory.mktemp("studio") / "data").start()
    yield running
    running.stop()


@pytest.fixture
def data_dir(settings, tmp_path):
    """A data folder of the test's own."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return settings.DATA_DIR


@pytest.fixture
def place(db, data_dir):
    """Workspace "vision"."""
    return objects.workspace()


@pytest.fixture
def owner(place):
    return objects.member("owner", place, "olga")


@pytest.fixture
def contributor(place):
    return objects.member("contributor", place, "carl")


@pytest.fixture
def reader(place):
    return objects.member("reader", place, "rita")


@pytest.fixture
def stranger(db):
    """A member of another workspace alone."""
    return objects.member("owner", objects.workspace("elsewhere"), "stan")


def missing(server: str) -> None:
    """A real server is not there: skip on a person's machine, fail in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{server} is missing, and in CI it must not be")
    pytest.skip(f"{server} is not here")
