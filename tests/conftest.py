"""Fixtures every room's tests may use."""

import os

import pytest

from tests.running import RunningStudio


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    """A running studio on SQLite and files, shared by the tests of a run."""
    running = RunningStudio(tmp_path_factory.mktemp("studio") / "data").start()
    yield running
    running.stop()


def missing(server: str) -> None:
    """A real server is not there: skip on a person's machine, fail in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{server} is missing, and in CI it must not be")
    pytest.skip(f"{server} is not here")
