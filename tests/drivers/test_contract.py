"""What every driver promises of packages and workloads (`drivers/base.py`), on the real thing."""

import json
import os
import re
import signal
import threading
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from workbench import BROKEN, DYING, HUNGRY, MB, eventually, file, package_spec, quiet

from drivers.base import Handle, Phase
from drivers.docker import DockerDriver
from drivers.errors import DriverError, NameTaken

THREADS = "import os\ndef init(): ...\ndef run(raw): return os.environ['OMP_NUM_THREADS']\n"


def test_a_package_is_built_once(bench):
    made, found = bench.package("# a script of its own\n"), bench.package("# a script of its own\n")
    assert (made.reused, found.reused) == (False, True)
    assert (made.location, made.digest) == (found.location, found.digest)


def test_a_file_that_is_not_what_was_registered_leaves_no_package(bench):
    wrong = replace(file("azureml-models/tiny/1/model.bin", b"other!!!"), sha256="0" * 64)
    for _ in range(2):  # twice: the first attempt must not leave a package for the second to find
        with pytest.raises(DriverError, match=r"model\.bin"):
            bench.package(files=(wrong,))


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/../../b", ""])
def test_a_file_cannot_leave_the_package(bench, path):
    with pytest.raises(DriverError, match="inside the package"):
        bench.package(files=(file(path, b"x"),))


def test_a_removed_package_is_built_anew(bench):
    package = bench.package("# removed\n")
    bench.driver.remove_package(package.location)
    bench.driver.remove_package(package.location)
    assert not bench.package("# removed\n").reused


def test_a_workload_scores(bench):
    handle = bench.running()
    assert json.loads(bench.score(handle, b"[1, 2]"))["heard"] == "[1, 2]"


def test_a_workload_is_told_its_variables(bench):
    package = bench.package(variables={"GREETING": 'a "quoted"\nline $HOME', "AML_APP_ROOT": "/elsewhere"})
    handle = bench.running(package=package)
    assert json.loads(bench.score(handle))["greeting"] == 'a "quoted"\nline $HOME'


def test_a_workloads_own_variables_go_over_its_packages(bench):
    package = bench.package(variables={"GREETING": "from the package"})
    handle = bench.running(package=package, variables={"GREETING": "from the workload"})
    assert json.loads(bench.score(handle))["greeting"] == "from the workload"


@pytest.mark.parametrize(("cpu", "workers", "threads"), [(1.5, "1", "2"), (1.5, "auto", "2"), (2, "auto", "1")])
def test_processes_and_their_threads_follow_the_cpu_limit(bench, cpu, workers, threads):
    handle = bench.running(THREADS, cpu=cpu, variables={"WORKER_COUNT": workers})
    assert json.loads(bench.score(handle)) == threads


def test_applying_twice_leaves_the_one_workload_running(bench):
    workload = bench.workload()
    first = bench.driver.apply(workload)
    bench.wait_ready(first)
    before = bench.score(first)
    assert bench.driver.apply(workload) == first
    assert bench.score(first) == before  # the same process answers
    assert bench.driver.list(bench.owner) == [first]


def test_two_workers_applying_at_once_leave_one_workload(bench):
    workload = bench.workload()
    workers = [threading.Thread(target=bench.driver.apply, args=(workload,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    (handle,) = bench.driver.list(bench.owner)
    bench.wait_ready(handle)


def test_applying_a_change_replaces_the_workload(bench):
    workload = bench.workload()
    handle = bench.driver.apply(workload)
    bench.driver.apply(replace(workload, variables={"GREETING": "changed"}))
    bench.wait_ready(handle)
    assert json.loads(bench.score(handle))["greeting"] == "changed"
    assert bench.driver.list(bench.owner) == [handle]


def test_a_workload_listens_well_within_a_second(bench):
    workload = bench.workload()
    began = time.monotonic()
    bench.wait_ready(bench.driver.apply(workload))
    assert time.monotonic() - began < 5  # about 0.5 s on two idle cores; other tests may run beside


def test_a_workload_nobody_applied_is_gone(bench):
    missing = Handle(bench.driver.kind, "slipway-never-was")
    assert bench.driver.observe(missing).phase is Phase.GONE
    assert list(bench.driver.logs(missing)) == []
    assert bench.driver.usage(missing) == ()
    assert bench.driver.direct(missing) is None
    bench.driver.delete(missing)


def test_a_running_workload_is_observed_with_its_address(bench):
    handle = bench.running()
    observed = bench.driver.observe(handle)
    assert (observed.phase, observed.ready_replicas, observed.restarts) == (Phase.RUNNING, 1, 0)
    assert bench.address_of(handle, observed).startswith("http://")


def test_a_log_is_read_in_order_and_from_where_one_left_off(bench):
    handle = bench.running()
    lines = list(bench.driver.logs(handle))
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert "model folder: ['model.bin']" in [line.text for line in lines]
    assert list(bench.driver.logs(handle, since=lines[2].at)) == lines[3:]


def test_a_workload_that_keeps_ending_is_crashed_and_its_log_has_every_run(bench):
    handle = bench.driver.apply(bench.workload(DYING))
    crashed = bench.wait_phase(handle, Phase.CRASHED, within_s=60)
    # A cluster waits longer with every start, and keeps the lines of the last two runs alone.
    restarts, kept = (2, 2) if bench.driver.delivers else (3, 4)
    assert (crashed.exit_code, crashed.restarts) == (7, restarts)
    assert "exit code 7" in crashed.detail
    assert [line.text for line in bench.driver.logs(handle)].count("last words") == kept


def test_a_model_that_cannot_be_loaded_is_not_tried_over_and_over(bench):
    handle = bench.driver.apply(bench.workload(BROKEN))
    crashed = bench.wait_phase(handle, Phase.CRASHED)
    assert crashed.exit_code == 3
    text = "\n".join(line.text for line in bench.driver.logs(handle))
    assert "a_module_nobody_wrote" in text
    assert 1 <= text.count("SLIPWAY-BOOT-FAILED") <= 2
    assert bench.wait_phase(handle, Phase.CRASHED).exit_code == 3


def test_a_crashed_workload_applied_again_is_started_again(bench):
    workload = bench.workload(BROKEN)
    handle = bench.driver.apply(workload)
    bench.wait_phase(handle, Phase.CRASHED)
    bench.driver.apply(workload)
    assert bench.wait_phase(handle, Phase.CRASHED).exit_code == 3
    bench.driver.apply(replace(workload, package=bench.package()))
    bench.wait_ready(handle)


def test_a_workload_over_its_memory_limit_is_ended_and_says_so(bench):
    handle = bench.driver.apply(bench.workload(HUNGRY, memory_bytes=200 * MB))
    crashed = bench.wait_phase(handle, Phase.CRASHED, within_s=40)
    assert crashed.exit_code == 137
    assert crashed.detail == "out of memory: limit 200 MB"


def test_a_killed_workload_comes_back_at_the_same_address(bench, request):
    handle = bench.running()
    address = bench.wait_ready(handle)
    kill_runtime(bench, handle, request)
    eventually(lambda: bench.driver.observe(handle).restarts == 1, 10)
    assert bench.wait_ready(handle) == address
    assert bench.driver.observe(handle).phase is Phase.RUNNING


def kill_runtime(bench, handle, request):
    if isinstance(bench.driver, DockerDriver):
        container = request.getfixturevalue("engine").containers.get(handle.name)
        # The first column of `top` as asked for is the pid on this machine; the first row is init.
        os.kill(int(container.top(ps_args="-o pid")["Processes"][1][0]), signal.SIGKILL)
    else:
        pid = json.loads(bench.score(handle))["pid"]
        os.kill(in_container(handle, pid) if bench.driver.delivers else pid, signal.SIGKILL)


def in_container(handle, pid: int) -> int:
    """The number here of the process that has `pid` in the workload's pod: its host name is the pod's."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            numbers = re.search(r"^NSpid:\s*(.*)$", status.read_text(), re.MULTILINE)[1].split()
            variables = (status.parent / "environ").read_bytes()
        except (OSError, TypeError):
            continue
        if int(numbers[-1]) == pid and len(numbers) > 1 and f"HOSTNAME={handle.name}-".encode() in variables:
            return int(numbers[0])
    raise AssertionError(f"no process {pid} of {handle.name}")


def test_deleting_twice_succeeds(bench):
    handle = bench.running()
    address = bench.wait_ready(handle)
    bench.driver.delete(handle)
    bench.driver.delete(handle)
    assert bench.driver.observe(handle).phase is Phase.GONE
    assert bench.driver.list(bench.owner) == []
    with pytest.raises(OSError, match=r"refused|timed out|unreachable|No route"):
        urllib.request.urlopen(address, timeout=2)


def test_deleting_ends_a_workload_that_will_not_end_by_itself(bench):
    handle = bench.running(STUBBORN)
    began = time.monotonic()
    bench.driver.delete(handle, grace_s=1)
    assert time.monotonic() - began < 60  # by force, not when the thread ends
    assert bench.driver.observe(handle).phase is Phase.GONE


STUBBORN = """
import threading, time
def init():
    threading.Thread(target=time.sleep, args=[120]).start()   # keeps the process from ending
def run(raw):
    return 1
"""


def test_only_the_owners_workloads_are_listed(bench):
    handle = bench.driver.apply(bench.workload())
    assert bench.driver.list(bench.owner) == [handle]
    assert bench.driver.list(f"{bench.owner}-other") == []


def test_a_name_of_another_owner_is_not_taken_over(bench):
    workload = bench.workload()
    handle = bench.driver.apply(workload)
    with pytest.raises(NameTaken, match=workload.name):
        bench.driver.apply(replace(workload, owner="somebody-else"))
    bench.wait_ready(handle)
    assert bench.driver.list(bench.owner) == [handle]


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "-rm"])
def test_a_name_is_never_a_path(bench, name):
    with pytest.raises(DriverError, match="name"):
        bench.driver.apply(bench.workload(name=name))


def test_a_target_says_what_it_offers(bench):
    capacity = bench.driver.check()
    assert capacity.cpu >= 1
    assert capacity.memory_bytes > 512 * MB
    assert capacity.detail


def test_the_package_of_a_spec_without_a_script_is_built(bench):
    spec = package_spec(entry_script=None, source_directory=None)
    package = bench.driver.build_package(spec, bench.environment(), quiet)
    assert not package.reused
    bench.driver.remove_package(package.location)
