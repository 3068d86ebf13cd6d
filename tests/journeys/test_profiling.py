"""Profiles on the real targets: everything is measured there, nothing is left there, and a lost worker costs a load."""

import json
import os
import secrets

import psutil
import pytest

from tests import a_cluster
from tests.journeys.clusters import Account, eventually
from tests.journeys.conftest import QUICK, Command
from tests.running import RunningStudio

SCORE = """
import json, os, time
HELD = []
def init():
    time.sleep(0)
def run(raw):
    asked = json.loads(raw)
    if asked.get("hold"):
        HELD.append(b"x" * (asked["hold"] << 20))
    until = time.process_time() + 0.002
    while time.process_time() < until:
        pass
    return {"held": len(HELD)}
"""
# So small that a test can wait for it.
SMALL = {"cpu": 0.3, "memory_gb": 0.25, "concurrency": [1, 2], "share": 1.0, "samples": "{}\n{}\n{}", "try_onnx": False}


def start(api, target: str, requirement: str = "idna==3.10", **wanted) -> str:
    upload = api.post("uploads", json={}).json()["id"]
    api.put(f"uploads/{upload}/files/score.py", content=SCORE).raise_for_status()
    dependencies = ["python=3.11", {"pip": [requirement]}]
    environment = {"python": {"condaDependencies": {"dependencies": dependencies}}}
    asked = {
        "name": f"profile-{secrets.token_hex(3)}",
        "models": [],
        "target": target,
        "source": upload,
        "inference_config": {"entryScript": "score.py", "environment": environment},
        **SMALL,
        **wanted,
    }
    answer = api.post("profiles", json=asked)
    assert answer.status_code == 202, answer.text
    return answer.json()["name"]


def shown(api, name: str) -> dict:
    return api.get(f"profiles/{name}").json()


def ended(api, name: str, within_s: float = 180) -> dict:
    def over():
        now = shown(api, name)
        return now if now["finished"] else None

    return eventually(over, within_s, lambda: api.get(f"profiles/{name}/log").text)


def assert_measured(now: dict, source_limits: bool) -> None:
    assert now["status"] == "succeeded", now["failure"]
    (size,) = now["sizes"]
    assert [(point["mode"], point["concurrency"]) for point in size["points"]][:2] == [("closed", 1), ("closed", 2)]
    for point in size["points"]:
        assert point["throughput"] > 0 == point["errors"], point
        assert point["p50_ms"] <= point["p95_ms"] <= point["p99_ms"] <= point["p999_ms"]
        assert point["cpu"] > 0 and (not source_limits or point["cpu"] < 0.45), point
        assert point["memory_bytes"] > 5 << 20
        assert point["stages"]["model"] > 1  # the script works for two milliseconds
        assert (point["throttled"] is not None) is source_limits
    assert size["peak_memory_bytes"] > 5 << 20
    assert size["cold_start"]["first_ms"] > 0
    assert now["package"]["image_bytes"] > 1 << 20
    assert now["recommendation"]["memory_gb"] == 0.125


@pytest.mark.parametrize("target", ["process", "docker"])
def test_a_script_is_measured_on_this_machine(target, sqlite_studio, docker_engine):
    with sqlite_studio.api() as api:
        name = start(api, target)
        now = ended(api, name)
        assert_measured(now, source_limits=target == "docker")
        told = api.get(f"profiles/{name}/result").json()
        assert told["recommendedMemoryInGB"] == told["memoryInGB"] == 0.125
    assert not left_by(sqlite_studio, docker_engine)


def left_by(studio, engine) -> list[str]:
    """What profiles of the studio run now."""
    mark = f"{studio.data}/process/slipway-profile-"
    processes = [p for p in psutil.process_iter(["cmdline"]) if any(mark in part for part in p.info["cmdline"] or [])]
    containers = [each.name for each in engine.containers.list(all=True) if each.name.startswith("slipway-profile-")]
    return [*map(str, processes), *containers, *map(str, (studio.data / "process").glob("slipway-profile-*"))]


@pytest.mark.parametrize(
    ("step", "kind"),
    [("preparing", "sqlite_studio"), ("measuring", "sqlite_studio"), ("measuring", "server_studio")],
)
def test_a_profile_goes_on_although_its_worker_was_killed(step, kind, request, docker_engine):
    studio = request.getfixturevalue(kind)
    with studio.api() as api:
        # An environment that nobody made before, so that there is a while to be killed in.
        name = start(api, "process", "idna==3.9" if step == "preparing" else "idna==3.10", concurrency=[1, 2, 4])
        if step == "preparing":
            eventually(lambda: shown(api, name)["status"] == step, 60)
            before = []
        else:
            eventually(
                lambda: shown(api, name)["sizes"][0]["points"], 120, lambda: api.get(f"profiles/{name}/log").text
            )
            before = shown(api, name)["sizes"][0]["points"]

        studio.kill("worker")

        now = ended(api, name)
        assert now["status"] == "succeeded", now["failure"]
        points = now["sizes"][0]["points"]
        assert points[: len(before)] == before
        assert [point["concurrency"] for point in points if point["mode"] == "closed"][:2] == [1, 2]
    assert not left_by(studio, docker_engine)
    generators = [p for p in psutil.process_iter(["cmdline"]) if "profiling.load" in (p.info["cmdline"] or [])]
    assert not generators


def test_a_profile_is_stopped_at_once(sqlite_studio, docker_engine):
    with sqlite_studio.api() as api:
        name = start(api, "process", concurrency=[1, 2, 4, 8, 16])
        eventually(lambda: shown(api, name)["sizes"][0]["points"], 120)
        api.post(f"profiles/{name}/cancel").raise_for_status()
        now = ended(api, name, within_s=10)
        assert now["status"] == "cancelled"
        assert 1 <= len(now["sizes"][0]["points"]) < 5
    assert not left_by(sqlite_studio, docker_engine)


def test_memory_that_is_not_enough_is_told_and_the_larger_size_measured(sqlite_studio, docker_engine):
    with sqlite_studio.api() as api:
        sizes = {"memory_gb": [1.0, 0.125], "concurrency": [1], "samples": json.dumps({"hold": 1}), "cpu": 0.1}
        now = ended(api, start(api, "docker", **sizes))
        by_memory = {size["memory_gb"]: size for size in now["sizes"]}
        assert by_memory[0.125]["state"] == "failed", now
        assert by_memory[0.125]["failure"]["code"] == "out-of-memory"
        assert "It ended" in by_memory[0.125]["failure"]["detail"]
    assert not left_by(sqlite_studio, docker_engine)


@pytest.fixture(scope="module")
def cluster_studio(tmp_path_factory, docker_engine):
    """With the cluster attached as `prod`, by an account with the permissions the studio asks for."""
    a_cluster.required()
    running = RunningStudio(tmp_path_factory.mktemp("profiles") / "data", environ=QUICK).start()
    account = Account(f"slipway-profiles-{os.getpid()}")
    slipway = Command(running, running.data.parent)
    try:
        account.grant(slipway.done("computetarget", "rbac", "--namespace", account.namespace))
        file = running.data.parent / "kubeconfig"
        file.write_text(account.kubeconfig())
        attach = ["computetarget", "attach", "kubernetes", "-n", "prod", "--kubeconfig", str(file)]
        slipway.done(*attach, "--namespace", account.namespace, "--registry", a_cluster.REGISTRY)
        running.account = account
        yield running
    finally:
        running.stop()
        account.remove()


def test_a_script_is_measured_on_a_cluster(cluster_studio):
    with cluster_studio.api() as api:
        now = ended(api, start(api, "prod"), within_s=240)
        assert_measured(now, source_limits=True)
        eventually(lambda: not [each for each in cluster_studio.account.objects() if "slipway-profile" in each], 40)


def test_a_size_the_cluster_has_no_room_for_is_told(cluster_studio):
    with cluster_studio.api() as api:
        refused = api.post(
            "profiles", json={"models": [], "target": "prod", "samples": "{}", "cpu": 200, "inference_config": None}
        )
        assert refused.status_code in {400, 422}
        assert "entry script" in refused.text or "cannot be measured" in refused.text
