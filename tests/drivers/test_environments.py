"""What every driver promises of environments (`drivers/base.py`), on the real thing."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from workbench import MB, PYTHON, RUNTIME, quiet

from drivers.base import EnvironmentSpec
from drivers.errors import DriverError, PythonUnavailable, RequirementsUnsolvable

TINY = "iniconfig==2.1.0"
"""A package of 6 kB: its environment is made in a moment, and removed after each test that made it."""


def test_an_environment_is_made_once(bench):
    made, found = bench.environment(TINY), bench.environment(TINY)
    assert (made.reused, found.reused) == (False, True)
    assert (made.location, made.fingerprint, made.size_bytes) == (
        found.location,
        found.fingerprint,
        found.size_bytes,
    )
    assert made.size_bytes > MB


def test_the_order_of_requirements_makes_no_other_environment(bench):
    assert bench.environment("six", "Idna").fingerprint == bench.environment("idna", "six").fingerprint


@pytest.fixture
def bench(building_bench):
    return building_bench


def test_an_environment_whose_making_was_stopped_is_made_anew(bench):
    def cancel(_stream, text):
        if "Installed" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.environment(TINY, log=cancel)
    assert not bench.environment(TINY).reused


def test_an_environment_whose_worker_was_killed_is_made_anew(bench):
    killed_while_making(bench, TINY)
    assert not bench.environment(TINY).reused
    assert bench.environment(TINY).reused


def killed_while_making(bench, requirement):
    script = f"""
import sys, time
from pathlib import Path
from drivers.base import EnvironmentSpec
from {type(bench.driver).__module__} import {type(bench.driver).__name__} as Driver
def log(stream, text):
    print(text, flush=True)
    if "Installed" in text:
        time.sleep(60)
Driver(Path({str(bench.home)!r}), Path({str(RUNTIME)!r})).prepare_environment(
    EnvironmentSpec({PYTHON!r}, ({requirement!r},)), log)
"""
    worker = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=Path(RUNTIME).parent
    )
    with worker:
        for line in worker.stdout:
            if "Installed" in line:
                break
        worker.send_signal(signal.SIGKILL)
    assert worker.returncode == -signal.SIGKILL


def test_two_workers_making_the_same_environment_make_it_once(bench):
    made = []
    workers = [threading.Thread(target=lambda: made.append(bench.environment(TINY))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(each.reused for each in made) == [False, True]


@pytest.mark.parametrize("requirement", ["a-package-nobody-published==1.0", "six==99.0"])
def test_a_requirement_that_does_not_exist_is_named(bench, requirement):
    with pytest.raises(RequirementsUnsolvable, match=requirement.split("==")[0]) as refused:
        bench.environment(requirement)
    assert refused.value.advice


def test_requirements_that_exclude_each_other_are_named(bench):
    with pytest.raises(RequirementsUnsolvable, match="jinja2"):
        bench.environment("jinja2==3.1.6", "markupsafe<2")


def test_what_the_installer_says_is_logged_line_by_line(bench):
    lines = []
    bench.environment(TINY, log=lambda stream, text: lines.append((stream, text)))
    assert ("stdout", " + iniconfig==2.1.0") in lines
    assert all("\n" not in text for _, text in lines)


def test_a_python_that_is_not_there_is_said(bench):
    with pytest.raises(DriverError) as refused:
        bench.driver.prepare_environment(EnvironmentSpec("3.4", ()), quiet)
    assert "3.4" in str(refused.value)
    assert refused.value.advice


def test_a_python_version_that_is_none_is_refused(bench):
    with pytest.raises(PythonUnavailable):
        bench.driver.prepare_environment(EnvironmentSpec("3.11 --help", ()), quiet)
