"""The whole way on a real cluster: attach, deploy, score, update, scale, break, delete, and nothing is left."""

import os
import secrets
from contextlib import contextmanager

import httpx
import pytest

from tests import a_cluster
from tests.a_cluster import kubectl
from tests.journeys.clusters import Account, Caller, eventually
from tests.journeys.conftest import Command
from tests.proxy import Proxy
from tests.running import RunningStudio

SCORE = """
import json, os, time
def init():
    time.sleep({init_s})
def run(raw):
    data = json.loads(raw)
    if data == "die":
        os._exit(9)
    if data == "work":
        until = time.process_time() + 0.05
        while time.process_time() < until:
            pass
    return {{"says": {says!r}, "replica": os.environ["HOSTNAME"]}}
"""
QUICK = {"SLIPWAY_LEASE_S": "3", "SLIPWAY_RECONCILE_S": "1", "SLIPWAY_SCHEDULE_TIMEOUT_S": "3"}
SMALL = {
    "containerResourceRequirements": {"cpu": 0.1, "cpuLimit": 1, "memoryInGB": 0.25},
    "authEnabled": False,
    "scoringTimeoutMs": 5000,  # and so the time that an old revision is kept for what it still answers
}


@pytest.fixture(scope="module")
def studio(tmp_path_factory, docker_engine):
    """With the cluster attached as `prod`, through a line that can be cut (`studio.line`)."""
    a_cluster.required()
    running = RunningStudio(tmp_path_factory.mktemp("cluster") / "data", environ=QUICK).start()
    account = Account(f"slipway-journey-{os.getpid()}")
    host, port = a_cluster.connection().server.removeprefix("https://").split(":")
    slipway = Command(running, running.data.parent)
    try:
        with Proxy(int(port), to_host=host) as line:
            account.grant(slipway.done("computetarget", "rbac", "--namespace", account.namespace))
            file = running.data.parent / "kubeconfig"
            file.write_text(account.kubeconfig(f"https://127.0.0.1:{line.port}"))
            attach = ["computetarget", "attach", "kubernetes", "-n", "prod", "--kubeconfig", str(file)]
            slipway.done(*attach, "--namespace", account.namespace, "--registry", a_cluster.REGISTRY)
            running.account, running.line, running.kubeconfig = account, line, file
            yield running
    finally:
        running.stop()
        account.remove()


@pytest.fixture
def api(studio):
    with studio.api() as client:
        yield client


@pytest.fixture
def name(api, studio):
    """A service's name; what it left is deleted, and nothing of it stays in the namespace."""
    chosen = f"svc-{secrets.token_hex(3)}"
    yield chosen
    if api.delete(f"services/{chosen}").status_code == 202:
        eventually(lambda: api.get(f"services/{chosen}").status_code == 404, 60)
    left = [each for each in studio.account.objects() if chosen in each]
    eventually(lambda: not [each for each in studio.account.objects() if chosen in each], 40, lambda: left)


def deploy(api, name, says="one", init_s=0.0, overwrite=False, **config) -> dict:
    upload = api.post("uploads", json={}).json()["id"]
    api.put(f"uploads/{upload}/files/score.py", content=SCORE.format(says=says, init_s=init_s)).raise_for_status()
    dependencies = ["python=3.11", {"pip": ["idna==3.10"]}]
    environment = {"python": {"condaDependencies": {"dependencies": dependencies}}}
    asked = {
        "name": name,
        "target": "prod",
        "source_upload": upload,
        "inference_config": {"entryScript": "score.py", "environment": environment},
        "deployment_config": SMALL | config,
        "overwrite": overwrite,
    }
    answer = api.post("services", json=asked)
    assert answer.status_code == 202, answer.text
    return answer.json()


def ended(api, deployment: dict, within_s: float = 150) -> dict:
    def over():
        now = api.get(f"deployments/{deployment['id']}").json()
        return now if now["finished"] else None

    return eventually(over, within_s, lambda: api.get(f"deployments/{deployment['id']}/log.txt").text)


def live(api, name, **options) -> dict:
    now = ended(api, deploy(api, name, **options))
    assert now["status"] == "live", now["failure"]
    return now


def service(api, name) -> dict:
    return api.get(f"services/{name}").json()


def test_the_permissions_shown_are_enough_and_nothing_is_missing(studio, api):
    report = api.post("targets/prod/test", json={}).json()
    assert report["works"] and report["missing"] == [] and report["problems"] == []
    assert report["version"].startswith("v1.") and report["room"]["cpu_left"] is not None


def test_register_deploy_score_update_under_load_scale_and_delete(studio, api, name):
    first = live(api, name)
    assert [step["name"] for step in first["steps"]] == ["environment", "package", "push", "start", "check", "switch"]
    uri = service(api, name)["scoring_uri"]
    with Caller(uri) as caller:
        eventually(lambda: len(caller.answers) > 20, 20, lambda: caller.failures)
        api.post(f"services/{name}/scale", json={"replicas": 2}).raise_for_status()
        eventually(lambda: len(caller.heard("replica")) == 2, 60, lambda: service(api, name)["replicas"])
        second = live(api, name, says="two", overwrite=True)
        assert second["revision"] == 2
        eventually(lambda: "two" in caller.heard("says"), 10)
        # The old revision's replicas drain and go while everybody keeps calling.
        eventually(lambda: not [each for each in studio.account.objects() if f"{name}-r1" in each], 60)
        api.post(f"services/{name}/scale", json={"replicas": 3}).raise_for_status()
        eventually(lambda: ready(api, name) == 3, 60)
        api.post(f"services/{name}/scale", json={"replicas": 1}).raise_for_status()
        eventually(lambda: ready(api, name) == 1, 60)
    assert caller.failures == []
    lines = api.get(f"services/{name}/logs").json()["content"]
    assert "Ready" in lines


def ready(api, name) -> int:
    return [each["state"] for each in service(api, name)["replicas"]].count("ready")


def test_a_crash_is_seen_and_the_cluster_brings_the_replica_back(api, name):
    live(api, name)
    uri = service(api, name)["scoring_uri"]
    httpx.post(uri, content='"die"', timeout=30, trust_env=False)
    seen = eventually(lambda: next((r for r in service(api, name)["replicas"] if r["restarts"]), None), 30)
    assert seen["restarts"] >= 1
    eventually(lambda: service(api, name)["state"] == "Healthy" and ready(api, name) == 1, 60)
    assert "Ready" in api.get(f"services/{name}/logs").json()["content"]
    answer = eventually(lambda: httpx.post(uri, content='"hello"', trust_env=False).status_code == 200, 20)
    assert answer


def test_the_log_is_of_every_replica_live_and_with_the_run_before_a_crash(api, name):
    live(api, name, numReplicas=2)
    uri, log = service(api, name)["scoring_uri"], f"services/{name}/log"
    eventually(lambda: len({line["step"] for line in api.get(log).json()["lines"]}) == 2, 30)
    httpx.post(uri, content='"die"', timeout=30, trust_env=False)
    died = eventually(lambda: next((r["name"] for r in service(api, name)["replicas"] if r["restarts"]), None), 30)
    eventually(lambda: said(api, log, "slipway - Ready", died) == 2, 60, lambda: api.get(log).json())
    assert said(api, log, "slipway - Ready") == 3
    seen = api.get(log, params={"tail": 1}).json()["last_seq"]
    with api.stream("GET", f"{log}/stream", params={"after_seq": seen}) as stream:
        eventually(lambda: httpx.post(uri, content='"hello"', trust_env=False).status_code == 200, 20)
        assert next(line for line in stream.iter_lines() if "POST /score 200" in line)


def said(api, log, words, replica="") -> int:
    lines = api.get(log, params={"replica": replica}).json()["lines"]
    assert not replica or {line["step"] for line in lines} <= {replica}
    return sum(words in line["text"] for line in lines)


def test_no_room_is_a_state_with_the_schedulers_reason_and_fails_in_time(studio, api, name):
    deployment = deploy(api, name, containerResourceRequirements={"cpu": 500, "memoryInGB": 0.25})
    seen = eventually(lambda: state_is(api, name, "Unschedulable"), 60, lambda: service(api, name))
    assert "Insufficient cpu" in seen["state_detail"]
    over = ended(api, deployment)
    assert (over["status"], over["failure"]["code"], over["failure"]["step"]) == ("failed", "unschedulable", "check")
    assert "0/1 nodes are available: 1 Insufficient cpu." in over["failure"]["detail"]
    assert service(api, name)["state"] == "Unschedulable"
    eventually(lambda: not [each for each in studio.account.objects() if name in each], 30)


def state_is(api, name, state):
    found = service(api, name)
    return found if found["state"] == state else None


def test_out_of_memory_is_said_with_the_limit(api, name):
    upload = api.post("uploads", json={}).json()["id"]
    script = "def init():\n    global hoard\n    hoard = b'x' * (400 * 2**20)\ndef run(data):\n    return 1\n"
    api.put(f"uploads/{upload}/files/score.py", content=script).raise_for_status()
    config = SMALL | {"containerResourceRequirements": {"cpu": 0.1, "cpuLimit": 1, "memoryInGB": 0.125}}
    environment = {"python": {"condaDependencies": {"dependencies": ["python=3.11", {"pip": ["idna==3.10"]}]}}}
    inference = {"entryScript": "score.py", "environment": environment}
    asked = {"name": name, "target": "prod", "source_upload": upload, "inference_config": inference}
    over = ended(api, api.post("services", json=asked | {"deployment_config": config}).json())
    assert over["status"] == "failed"
    assert "out of memory: limit 128 MB" in over["failure"]["detail"]
    assert over["failure"]["advice"] == "Give it more memory."


def test_load_brings_replicas_and_takes_them_away(api, name):
    scaler = {"autoscaleEnabled": True, "minReplicas": 1, "maxReplicas": 3, "targetUtilization": 50}
    live(api, name, autoScaler=scaler)
    with Caller(service(api, name)["scoring_uri"], "work") as caller:
        eventually(lambda: ready(api, name) >= 2, 120, lambda: service(api, name)["replicas"])
        eventually(lambda: len(caller.heard("replica")) >= 2, 30)
    assert caller.failures == []
    eventually(lambda: ready(api, name) == 1, 150, lambda: service(api, name)["replicas"])


@pytest.mark.parametrize("step", ["environment", "package", "push", "start", "check"])
def test_the_worker_may_be_killed_at_every_step(studio, api, name, step):
    deployment = deploy(api, name, says=f"killed at {step} {name}", init_s=3)
    eventually(lambda: is_at(api, deployment, step), 60)
    studio.kill("worker")
    over = ended(api, deployment)
    assert over["status"] == "live", over["failure"]
    answer = httpx.post(service(api, name)["scoring_uri"], content='"hello"', trust_env=False)
    assert answer.json()["says"] == f"killed at {step} {name}"
    deployments = [each for each in studio.account.objects() if each.startswith("deployment") and name in each]
    assert len(deployments) == 1


def is_at(api, deployment, step) -> bool:
    """Or past it: some are over in a moment."""
    now = api.get(f"deployments/{deployment['id']}").json()
    return any(each["name"] == step for each in now["steps"])


def test_scoring_goes_on_while_the_api_server_is_away(studio, api, name):
    live(api, name)
    uri = service(api, name)["scoring_uri"]
    with Caller(uri) as caller:
        with cut(studio.line):
            told = eventually(lambda: told_of(api, name, "does not answer"), 30, lambda: service(api, name))
            assert told["state"] == "Healthy"
            before = len(caller.answers)
            eventually(lambda: len(caller.answers) > before + 20, 20, lambda: caller.failures[-3:])
        eventually(lambda: service(api, name)["state_detail"] == "", 60, lambda: service(api, name))
    assert caller.failures == []
    eventually(lambda: api.get("targets/prod").json()["available"], 60)


@contextmanager
def cut(line):
    line.break_off()
    try:
        yield
    finally:
        line.mend()


def told_of(api, name, words):
    found = service(api, name)
    return found if words in found["state_detail"] else None


def test_what_somebody_deleted_in_the_cluster_comes_back(studio, api, name):
    live(api, name)
    kubectl("-n", studio.account.namespace, "delete", "deployment,service,secret", "-l", f"slipway.io/service={name}")
    eventually(lambda: len(api.get("deployments", params={"service": name}).json()["value"]) == 2, 40)
    again = api.get("deployments", params={"service": name}).json()["value"][0]
    assert ended(api, again)["status"] == "live"
    answer = httpx.post(service(api, name)["scoring_uri"], content='"hello"', trust_env=False)
    assert answer.status_code == 200


def test_a_token_that_expires_is_told_and_can_be_replaced(studio, api, name):
    live(api, name)
    studio.account.revoke()
    told = eventually(lambda: not api.get("targets/prod").json()["available"] and api.get("targets/prod").json(), 90)
    assert "does not accept the credentials (401)" in told["detail"]
    assert service(api, name)["state"] == "Healthy"  # it still serves
    assert httpx.post(service(api, name)["scoring_uri"], content='"hello"', trust_env=False).status_code == 200
    slipway = Command(studio, studio.data.parent)
    studio.account.grant(slipway.done("computetarget", "rbac", "--namespace", studio.account.namespace))
    studio.kubeconfig.write_text(studio.account.kubeconfig(f"https://127.0.0.1:{studio.line.port}"))
    slipway.done("computetarget", "update", "-n", "prod", "--kubeconfig", str(studio.kubeconfig))
    eventually(lambda: api.get("targets/prod").json()["available"], 60)
    eventually(lambda: service(api, name)["state_detail"] == "", 60, lambda: service(api, name))
    assert studio.account.token not in studio.output


def test_a_target_with_services_is_not_detached(studio, api, name):
    live(api, name)
    refused = api.delete("targets/prod")
    assert (refused.status_code, refused.json()["code"]) == (409, "target-in-use")
    assert name in refused.json()["detail"]
