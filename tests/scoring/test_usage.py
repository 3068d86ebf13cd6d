"""What a server has used and done, as /usage tells it."""

import threading
import time

import pytest
from slipway_scoring import usage

from tests.scoring.scripts import ECHO
from tests.scoring.test_metrics import counted

WAITS = "import time\ndef init(): ...\ndef run(raw):\n    time.sleep(float(raw))\n    return 1\n"
GATED = """
import os, time
def init(): ...
def run(raw):
    while not os.path.exists(os.environ["GATE"]):
        time.sleep(0.01)
    return 1
"""
FAILS = "import time\ndef init(): ...\ndef run(raw):\n    time.sleep(0.05)\n    raise ValueError(raw)\n"


def told(server) -> dict:
    return server.client.get(server.url("/usage")).json()


def test_requests_and_their_seconds_are_sums(serve_script):
    server = serve_script(WAITS).ready()
    for _ in range(3):
        assert server.score("0.05").json() == 1
    found = told(server)
    assert (found["requests"], found["errors"], sum(found["buckets"]["counts"])) == (3, 0, 3)
    assert 0.15 <= found["model_seconds"] <= found["request_seconds"] - found["queue_seconds"]
    assert found["load_seconds"] > 0
    assert len(found["buckets"]["counts"]) == len(found["buckets"]["bounds"]) + 1


@pytest.fixture
def held(serve_script, tmp_path):
    """held(callers) is a server whose script has so many requests, and the way to let them go."""
    gate, callers = tmp_path / "gate", []
    server = serve_script(GATED, GATE=str(gate)).ready()

    def release():
        gate.touch()
        for caller in callers:
            caller.join()

    def hold(count: int):
        callers.extend(threading.Thread(target=server.score, args=("x",)) for _ in range(count))
        for caller in callers:
            caller.start()
        server.until(lambda: counted(server)["slipway_queue_requests", "0"] == count)
        return server, release

    yield hold
    release()


def test_who_waits_for_the_model_is_in_the_queue(held):
    server, release = held(2)
    began = time.perf_counter()
    told(server)
    waited = time.perf_counter() - began
    release()
    found = told(server)
    assert waited < found["queue_seconds"] < found["request_seconds"]


def test_it_is_told_while_the_model_is_busy(held):
    server, release = held(1)
    assert told(server)["requests"] == 0
    release()
    assert told(server)["requests"] == 1


def test_failures_count_and_so_does_the_time_they_took(serve_script):
    server = serve_script(FAILS).ready()
    assert server.score("x").status_code == 500
    assert server.score(b"\xff").status_code == 400
    found = told(server)
    assert (found["requests"], found["errors"]) == (2, 1)
    assert 0.05 <= found["model_seconds"] < found["request_seconds"]


def test_what_is_not_scored_is_no_request(serve_script):
    server = serve_script(ECHO).ready()
    server.client.get(server.url("/nowhere"))
    server.client.get(server.url("/swagger.json"))
    assert told(server)["requests"] == 0


def test_workers_are_summed(serve_script):
    server = serve_script(ECHO, WORKER_COUNT="2").ready()
    for _ in range(10):
        server.score("x", headers={"connection": "close"})
    assert told(server)["requests"] == 10


def test_prometheus_is_told_the_same(serve_script):
    server = serve_script(ECHO).ready()
    server.score("x")
    found, metrics = told(server), counted(server)
    assert metrics["slipway_queue_seconds_total",] == found["queue_seconds"] > 0
    assert metrics["slipway_model_seconds_total",] == found["model_seconds"] > 0


@pytest.mark.parametrize("variables", [{}, {"SLIPWAY_OWN_CGROUP": "off"}], ids=["by default", "off"])
def test_a_control_group_of_others_is_not_taken_for_its_own(serve_script, variables):
    found = told(serve_script(ECHO, **variables).ready())
    assert [found[name] for name in ("cpu_seconds", "memory_bytes", "throttled_seconds")] == [None] * 3
    assert found["source"] == "" and found["at"] > 0


def test_its_own_control_group_is_told(serve_script):
    """Here those of the tests themselves; in a container, tests/drivers/test_usage.py."""
    server = serve_script(ECHO, SLIPWAY_OWN_CGROUP="on").ready()
    here = usage.of_cgroup()
    found = told(server)
    assert found["source"] == here.source
    if here.cpu_seconds is not None:
        assert found["cpu_seconds"] >= here.cpu_seconds
    assert found["at"] > here.at


CPUACCT, CPU, MEMORY = (f"sys/fs/cgroup/{each}/" for each in ("cpuacct", "cpu", "memory"))
V2 = "sys/fs/cgroup/"
FIRST = {"cpuacct.usage": "2500000000", "cpu.stat": "nr_periods 9\nthrottled_time 750000000"}
FIRST_MEMORY = {"memory.usage_in_bytes": "1000", "memory.stat": "inactive_file 7\ntotal_inactive_file 400"}
SECOND = {
    "cpu.stat": "usage_usec 2500000\nuser_usec 1\nthrottled_usec 750000",
    "memory.current": "1000",
    "memory.stat": "anon 9\ninactive_file 400",
}
GROUPS = "3:memory:/docker/1\n2:cpuacct:/docker/1\n1:cpu:/docker/1\n0::/docker/1"


def below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {folder + name: text for name, text in files.items()}


def first(place: str) -> dict[str, str]:
    files = below(CPUACCT + place, {"cpuacct.usage": FIRST["cpuacct.usage"]})
    return files | below(CPU + place, {"cpu.stat": FIRST["cpu.stat"]}) | below(MEMORY + place, FIRST_MEMORY)


@pytest.mark.parametrize(("groups", "files", "source"), [
    (GROUPS, first(""), "cgroup v1"),
    (GROUPS, first("") | below(CPUACCT + "docker/1/", {"cpuacct.usage": "2500000000"}), "cgroup v1"),
    ("4:cpu,cpuacct:/x\n2:memory:/x", below("sys/fs/cgroup/cpu,cpuacct/x/", FIRST) | below(MEMORY + "x/", FIRST_MEMORY),
     "cgroup v1"),
    ("0::/", below(V2, SECOND), "cgroup v2"),
    ("0::/system.slice/docker-1.scope", below(V2 + "system.slice/docker-1.scope/", SECOND), "cgroup v2"),
    ("0::/../../pod1/1", below(V2, SECOND), "cgroup v2"),
], ids=["v1 at the top", "v1 in place", "v1 together", "v2 at the top", "v2 in place", "v2 outside"])  # fmt: skip
def test_control_groups_are_read_in_both_versions(file_system, groups, files, source):
    found = usage.of_cgroup(file_system({"proc/self/cgroup": groups, **files}))
    assert (found.cpu_seconds, found.memory_bytes, found.throttled_seconds) == (2.5, 600, 0.75)
    assert found.source == source


@pytest.mark.parametrize("files", [
    {},
    {"proc/self/cgroup": "0::/"},
    {"proc/self/cgroup": "0::/", V2 + "cpu.stat": "", V2 + "memory.current": "1000"},
], ids=["no groups", "no files", "an empty file"])  # fmt: skip
def test_what_cannot_be_read_is_null(file_system, files):
    found = usage.of_cgroup(file_system(files))
    assert (found.cpu_seconds, found.memory_bytes, found.throttled_seconds, found.source) == (None, None, None, "")


def test_what_holds_nobody_back_counts_nothing(file_system):
    files = below(V2, SECOND | {"cpu.stat": "usage_usec 2500000"})
    assert usage.of_cgroup(file_system({"proc/self/cgroup": "0::/", **files})).throttled_seconds is None
