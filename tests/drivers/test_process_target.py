"""What only the process target promises: a keeper that outlives workers and lets nothing outlive itself."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from workbench import ECHO, RUNTIME, eventually, status

from drivers.base import Handle, Phase
from drivers.keeper.identity import Identity
from drivers.keeper.state import State
from drivers.ports import is_free

SPAWNING = """
import os, subprocess, sys
def init():
    global child
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
def run(raw):
    return {"child": child.pid, "variables": dict(os.environ)}
"""


@pytest.fixture
def bench(process_bench):
    return process_bench


def state_of(bench, handle) -> State:
    return State.read(bench.home / "process" / handle.name)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_workload_does_not_see_the_studios_secrets(bench, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://user:secret@db/studio")
    monkeypatch.setenv("SLIPWAY_SECRET_KEY", "secret")
    handle = bench.running(SPAWNING)
    assert "secret" not in bench.score(handle).decode()
    keeper = Path(f"/proc/{state_of(bench, handle).keeper.pid}/environ").read_text(encoding="utf-8")
    assert "secret" not in keeper


def test_a_workload_survives_the_worker_that_started_it(bench):
    workload = bench.workload()
    script = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from drivers.base import *
from drivers.process import ProcessDriver
driver = ProcessDriver(Path({str(bench.home)!r}), Path({str(RUNTIME)!r}))
print(driver.apply({workload!r}), flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=RUNTIME.parent, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert workload.name in worker.stdout.readline()
        worker.kill()
    handle = Handle("process", workload.name)
    bench.wait_ready(handle)
    assert bench.driver.apply(workload) == handle  # and is not started a second time by the next worker
    assert bench.driver.observe(handle).restarts == 0


def test_a_runtime_dies_with_its_keeper(bench):
    workload = bench.workload()
    handle = bench.driver.apply(workload)
    address = bench.wait_ready(handle)
    runtime = json.loads(bench.score(handle))["pid"]
    os.kill(state_of(bench, handle).keeper.pid, signal.SIGKILL)
    eventually(lambda: not alive(runtime), 5)
    assert bench.driver.observe(handle).phase is Phase.GONE
    assert bench.driver.list(bench.owner) == [handle]
    bench.driver.apply(workload)
    assert bench.wait_ready(handle)
    assert status(address) in (None, 200)


def test_deleting_ends_what_a_workload_started(bench):
    handle = bench.running(SPAWNING)
    child = json.loads(bench.score(handle))["child"]
    bench.driver.delete(handle)
    eventually(lambda: not alive(child), 5)
    assert list((bench.home / "process").glob(f"*{handle.name}*")) == []


def test_deleting_ends_what_a_dead_keeper_left(bench):
    handle = bench.running(SPAWNING)
    child = json.loads(bench.score(handle))["child"]
    os.kill(state_of(bench, handle).keeper.pid, signal.SIGKILL)
    bench.driver.delete(handle)
    eventually(lambda: not alive(child), 5)


def test_another_process_with_the_keepers_pid_is_not_taken_for_it(bench):
    handle = bench.running()
    state = state_of(bench, handle)
    stranger = psutil.Process()
    keeper = state.keeper
    state.keeper = Identity(stranger.pid, stranger.create_time() - 3600)
    state.write(bench.home / "process" / handle.name)
    assert bench.driver.observe(handle).phase is Phase.GONE
    bench.driver.delete(handle, grace_s=0)  # would end this test run if it took the pid's word for it
    eventually(lambda: not alive(keeper.pid), 5)


def test_a_workload_whose_port_was_taken_while_it_was_down_gets_another(bench):
    handle = bench.running()
    before = state_of(bench, handle)
    os.kill(before.keeper.pid, signal.SIGSTOP)
    os.kill(before.runtime.pid, signal.SIGKILL)
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        eventually(lambda: is_free(before.port), 5)
        thief.bind(("127.0.0.1", before.port))
        thief.listen()
        os.kill(before.keeper.pid, signal.SIGCONT)
        eventually(lambda: state_of(bench, handle).restarts == 1, 5)
        bench.wait_ready(handle)
        assert state_of(bench, handle).port != before.port


def test_a_keeper_is_small(bench):
    handle = bench.running()
    assert psutil.Process(state_of(bench, handle).keeper.pid).memory_info().rss < 40 * 2**20


def test_an_idle_keeper_rests(bench):
    keeper = psutil.Process(state_of(bench, bench.running()).keeper.pid)
    before = sum(keeper.cpu_times()[:2])
    time.sleep(2)
    assert sum(keeper.cpu_times()[:2]) - before < 0.1


def test_a_folder_that_is_no_workload_keeps_its_name(bench):
    workload = bench.workload(ECHO)
    folder = bench.home / "process" / workload.name
    folder.mkdir(parents=True)
    with pytest.raises(Exception, match="not a workload"):
        bench.driver.apply(workload)
    folder.rmdir()
