import functools

import pytest

from profiling import run
from profiling.measuring import Method
from tests import objects
from tests.deployments.conftest import driver, quick, rings, runtime  # noqa: F401
from tests.profiling.measured import started

QUICK = functools.partial(
    Method, warm_up_s=0.02, window_s=0.05, max_window_s=0.2, window_requests=5, agree=2, within=1.0, max_windows=3
)


@pytest.fixture
def quickly(monkeypatch):
    """Loads are measured for as long as a test can wait."""
    monkeypatch.setattr(run, "Method", QUICK)


@pytest.fixture
def start(place, contributor, driver, rings):  # noqa: F811
    """`start(cpu=1)`: a profile of a new model on the process target, which is a fake."""
    objects.target(place)
    return functools.partial(started, place, contributor)
