"""Processors are counted as they are granted, not as the machine has them."""

import math
import os

import pytest
from slipway_scoring import cpus, settings
from slipway_scoring.errors import BootFailure

HERE = len(os.sched_getaffinity(0))


@pytest.fixture
def machine(file_system):
    """`machine("0::/a/b", {"a/cpu.max": "..."})` is a file system with these control groups."""
    return lambda groups, files: file_system({"proc/self/cgroup": groups, **files})


V2, V1 = "sys/fs/cgroup/", "sys/fs/cgroup/cpu,cpuacct/"
QUOTA, PERIOD = "cpu.cfs_quota_us", "cpu.cfs_period_us"


@pytest.mark.parametrize(("groups", "files", "granted"), [
    ("0::/", {V2 + "cpu.max": "50000 100000"}, 0.5),
    ("0::/", {V2 + "cpu.max": "max 100000"}, math.inf),
    ("0::/", {}, math.inf),
    ("0::/a/b", {V2 + "a/b/cpu.max": "max 100000", V2 + "a/cpu.max": "75000 50000"}, 1.5),
    ("0::/a/b", {V2 + "a/b/cpu.max": "25000 100000", V2 + "a/cpu.max": "50000 100000"}, 0.25),
    ("0::/docker/1234", {V2 + "cpu.max": "150000 100000"}, 1.5),
    ("4:cpu,cpuacct:/x\n1:name=systemd:/", {V1 + "x/" + QUOTA: "20000", V1 + "x/" + PERIOD: "100000"}, 0.2),
    ("4:cpu,cpuacct:/", {V1 + QUOTA: "-1", V1 + PERIOD: "100000"}, math.inf),
    ("4:cpu,cpuacct:/", {V1 + QUOTA: "garbage", V1 + PERIOD: "0"}, math.inf),
])  # fmt: skip
def test_a_control_groups_quota_counts(machine, groups, files, granted):
    assert cpus.limit(machine(groups, files)) == min(HERE, granted)


def test_where_nothing_is_granted_or_told_the_machine_counts(tmp_path):
    assert cpus.limit(tmp_path) == HERE
    assert 0 < cpus.limit() <= HERE


@pytest.mark.parametrize(("variables", "workers", "threads"), [
    ({}, 1, math.ceil(cpus.limit())),
    ({"SLIPWAY_CPUS": "0.5"}, 1, 1),
    ({"SLIPWAY_CPUS": "1000"}, 1, math.ceil(cpus.limit())),
    ({"WORKER_COUNT": "auto"}, max(1, math.floor(cpus.limit())), 1),
    ({"WORKER_COUNT": "AUTO", "SLIPWAY_CPUS": "0.5"}, 1, 1),
    ({"WORKER_COUNT": "7"}, 7, 1),
])  # fmt: skip
def test_workers_and_their_threads_share_what_is_granted(variables, workers, threads):
    chosen = settings.from_environment(variables)
    assert chosen.worker_count == workers
    found = {"MKL_NUM_THREADS": "9"}
    cpus.settle_threads(chosen.cpus / chosen.worker_count, found)
    assert found.pop("MKL_NUM_THREADS") == "9"
    assert "OMP_NUM_THREADS" in found and set(found.values()) == {str(threads)}


@pytest.mark.parametrize("variables", [
    {"SLIPWAY_CPUS": "0"}, {"SLIPWAY_CPUS": "many"}, {"SLIPWAY_CPUS": "nan"}, {"SLIPWAY_CPUS": "inf"},
    {"WORKER_COUNT": "0"}, {"WORKER_COUNT": "automatic"},
], ids=str)  # fmt: skip
def test_what_is_no_number_of_processors_is_refused(variables):
    with pytest.raises(BootFailure, match=f"{next(iter(variables))} cannot be"):
        settings.from_environment(variables)


def test_a_script_finds_the_threads_it_has(serve_script):
    script = "import os\ndef init(): ...\ndef run(raw): return os.environ['OMP_NUM_THREADS']\n"
    assert serve_script(script, SLIPWAY_CPUS="1").ready().score({}).json() == "1"
