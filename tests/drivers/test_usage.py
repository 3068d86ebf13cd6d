"""What every driver promises of a workload's use, of the straight way to it, and of what runs in the background."""

import json
import urllib.request
from dataclasses import replace

import psutil
import pytest
from workbench import ECHO, MB, eventually, file

from drivers.scaling import Scale

BUSY = """
import time
def init(): ...
def run(raw):
    until = time.process_time() + 0.4
    while time.process_time() < until: ...
    return 1
"""
PARENT = """
import subprocess, sys
def init(): ...
def run(raw):
    subprocess.run([sys.executable, "-c", "import time\\nwhile time.process_time() < 0.5: ..."])
    return 1
"""


def test_the_use_of_a_workload_is_measured(bench):
    handle = bench.running(BUSY)
    (before,) = bench.driver.usage(handle)
    bench.score(handle)
    (after,) = bench.driver.usage(handle)
    assert 5 * MB < after.memory_bytes < 256 * MB
    assert before.replica == after.replica
    assert after.at > before.at
    assert 0.3 <= after.cpu_seconds - before.cpu_seconds < 3


def test_the_use_of_processes_that_ended_is_not_lost(bench):
    handle = bench.running(PARENT)
    (before,) = bench.driver.usage(handle)
    bench.score(handle)
    (after,) = bench.driver.usage(handle)
    assert after.cpu_seconds - before.cpu_seconds >= 0.4  # of 0.5, counted in ticks of the kernel


def test_what_is_held_back_by_the_limit_is_counted_where_a_cgroup_holds_back(bench):
    handle = bench.running(BUSY, cpu=0.2)
    bench.score(handle)
    (used,) = bench.driver.usage(handle)
    assert used.source in ("processes", "cgroup v1", "cgroup v2")
    assert used.throttled_seconds is None if used.source == "processes" else used.throttled_seconds > 0


def test_the_runtime_tells_of_its_container_and_of_nothing_where_it_has_none(bench):
    handle = bench.running(BUSY)
    told = json.loads(bench.driver.ask(handle, "/usage").text)
    (used,) = bench.driver.usage(handle)
    if used.source == "processes":
        assert (told["cpu_seconds"], told["memory_bytes"], told["source"]) == (None, None, "")
    else:
        assert told["source"] == used.source
        assert 0 < told["cpu_seconds"] <= used.cpu_seconds
        assert 5 * MB < told["memory_bytes"] < 256 * MB


def test_a_running_workload_is_reached_with_nothing_in_between(bench):
    handle = bench.running()
    with urllib.request.urlopen(f"{bench.driver.direct(handle)}/ready", timeout=5) as answer:
        assert answer.status == 200


def test_a_workload_that_does_not_run_uses_nothing_and_is_not_reached(bench):
    handle = bench.driver.apply(bench.workload("import a_module_nobody_wrote\n"))
    eventually(lambda: bench.driver.observe(handle).exit_code, 20)
    eventually(lambda: bench.driver.usage(handle) == (), 10)
    eventually(lambda: bench.driver.direct(handle) is None, 10)


def test_each_replica_is_measured(kubernetes_bench):
    handle = kubernetes_bench.driver.apply(kubernetes_bench.workload(scale=Scale(2)))
    eventually(lambda: kubernetes_bench.driver.observe(handle).ready_replicas == 2, 30)
    names = [each.name for each in kubernetes_bench.driver.observe(handle).replicas]
    assert sorted(each.replica for each in kubernetes_bench.driver.usage(handle)) == sorted(names)


def test_a_package_knows_its_size(bench):
    files = (file("src/score.py", f"# of some size\n{ECHO}"), file("azureml-models/tiny/1/model.bin", b"x" * MB))
    made, found = bench.package(files=files), bench.package(files=files)
    assert made.size_bytes >= made.environment.size_bytes + MB
    assert (found.reused, found.size_bytes) == (True, made.size_bytes)


def test_what_is_in_the_background_scores_and_is_left_running(bench):
    workload = bench.workload(background=True)
    handle = bench.driver.apply(workload)
    bench.wait_ready(handle)
    before = bench.score(handle)
    bench.driver.apply(workload)
    assert bench.score(handle) == before  # the same process answers


@pytest.mark.parametrize(("background", "shares"), [(True, 128), (False, 0)])
def test_a_container_in_the_background_has_few_shares(docker_bench, engine, background, shares):
    handle = docker_bench.running(background=background)
    assert engine.containers.get(handle.name).attrs["HostConfig"]["CpuShares"] == shares


def test_a_container_brought_to_the_front_is_made_anew(docker_bench, engine):
    workload = docker_bench.workload(background=True)
    handle = docker_bench.driver.apply(workload)
    docker_bench.driver.apply(replace(workload, background=False))
    docker_bench.wait_ready(handle)
    assert engine.containers.get(handle.name).attrs["HostConfig"]["CpuShares"] == 0


def test_a_process_in_the_background_is_nice(process_bench):
    niceness = [
        psutil.Process(json.loads(process_bench.score(handle))["pid"]).nice()
        for handle in (process_bench.running(), process_bench.running(background=True))
    ]
    assert niceness[1] - niceness[0] == 10
