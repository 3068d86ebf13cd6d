"""What a cluster says of a workload that does not run, in words, and what is kept of one that died."""

import json
from dataclasses import replace

import pytest
from workbench import eventually, seen_as

from drivers.base import Phase, ReplicaState
from tests import a_cluster
from tests.a_cluster import kubectl

FILLING = """
import threading, time
def fill():
    time.sleep(2)
    with open("/tmp/much", "wb") as much:
        for _ in range(1200):
            much.write(bytes(2**20))
def init():
    threading.Thread(target=fill, daemon=True).start()
def run(raw):
    return 1
"""
SLOW_DYING = """
import os, threading
def init():
    print("last words", flush=True)
def run(raw):
    os._exit(9)
"""


def test_no_room_is_said_in_the_schedulers_words(kubernetes_bench):
    handle = kubernetes_bench.driver.apply(kubernetes_bench.workload(cpu=640))
    observed = kubernetes_bench.wait_phase(handle, Phase.UNSCHEDULABLE)
    assert observed.code == "unschedulable"
    assert observed.detail == "No room: 0/1 nodes are available: 1 Insufficient cpu."
    (waiting,) = observed.replicas
    assert waiting.state is ReplicaState.UNSCHEDULABLE


def test_an_image_that_cannot_be_pulled_is_named_with_the_reason(kubernetes_bench):
    package = kubernetes_bench.package()
    gone = f"{a_cluster.REGISTRY}/never-pushed@sha256:{'0' * 64}"
    workload = kubernetes_bench.workload(package=replace(package, location=gone))
    observed = kubernetes_bench.wait_phase(kubernetes_bench.driver.apply(workload), Phase.CRASHED, within_s=40)
    assert observed.code == "image-not-pulled"
    assert gone in observed.detail


def test_a_quota_that_is_used_up_is_said(kubernetes_bench, own_namespace):
    kubectl("create", "quota", "small", "--hard=requests.memory=64Mi", "-n", own_namespace.namespace)
    handle = own_namespace.apply(kubernetes_bench.workload())
    observed = eventually(lambda: seen_as(own_namespace, handle, Phase.UNSCHEDULABLE), 20)
    assert observed.code == "quota-exceeded"
    assert observed.detail.startswith("The namespace's quota is exceeded: ") and "small" in observed.detail


def test_an_admission_that_turns_pods_down_is_final(kubernetes_bench, own_namespace):
    limits = {"limits": [{"type": "Container", "max": {"cpu": "100m"}}]}
    rule = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "tiny"}, "spec": limits}
    kubectl("-n", own_namespace.namespace, "apply", "-f", "-", given=json.dumps(rule))
    handle = own_namespace.apply(kubernetes_bench.workload())
    observed = eventually(lambda: seen_as(own_namespace, handle, Phase.CRASHED), 20)
    assert observed.code == "target-refused"
    assert "maximum cpu usage per Container is 100m" in observed.detail


def test_a_replica_that_fills_its_disk_is_evicted_and_says_so(kubernetes_bench):
    handle = kubernetes_bench.running(FILLING)

    def evicted():
        replicas = kubernetes_bench.driver.observe(handle).replicas
        return [each for each in replicas if each.state is ReplicaState.EVICTED]

    (gone,) = eventually(evicted, 60)
    assert "tmp" in gone.detail and gone.detail.startswith("Evicted: ")
    kubernetes_bench.wait_ready(handle)  # another one has taken its place


def test_the_last_lines_of_a_replica_that_died_are_kept(kubernetes_bench):
    handle = kubernetes_bench.running(SLOW_DYING)
    with pytest.raises(OSError, match=r"."):
        kubernetes_bench.score(handle)
    eventually(lambda: kubernetes_bench.driver.observe(handle).restarts, 20)
    lines = list(kubernetes_bench.driver.logs(handle))
    assert [line.text for line in lines].count("last words") >= 1
    assert {line.replica for line in lines} == {each.name for each in kubernetes_bench.driver.observe(handle).replicas}
    (name,) = {line.replica for line in lines}
    assert list(kubernetes_bench.driver.logs(handle, replica="another")) == []
    assert list(kubernetes_bench.driver.logs(handle, replica=name)) == lines
