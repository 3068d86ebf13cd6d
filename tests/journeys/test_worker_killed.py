"""A worker that dies by SIGKILL at any moment leaves nothing undone and nothing behind."""

import secrets
import time

import psutil
import pytest

SCORE = """
import time
def init():
    time.sleep({init_s})
def run(raw_data):
    return "answered"
"""


def deploy(api, name: str, *, requirement: str, init_s: float) -> int:
    """A service without a model, whose environment nobody made before; returns the deployment's id."""
    upload = api.post("uploads", json={}).json()["id"]
    api.put(f"uploads/{upload}/files/score.py", content=SCORE.format(init_s=init_s)).raise_for_status()
    dependencies = ["python=3.11", {"pip": [requirement, "pandas"]}]
    environment = {"python": {"condaDependencies": {"dependencies": dependencies}}}
    config = {"entryScript": "score.py", "environment": environment}
    asked = {"name": name, "target": "process", "source_upload": upload, "inference_config": config}
    answer = api.post("services", json=asked)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def wait_for(api, deployment: int, wanted) -> dict:
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline:
        now = api.get(f"deployments/{deployment}").json()
        if wanted(now):
            return now
        time.sleep(0.05)
    raise AssertionError(f"never came: {now}")


def step_running(name: str):
    return lambda now: any(step["name"] == name and step["outcome"] == "running" for step in now["steps"])


@pytest.mark.parametrize("step", ["environment", "check"])
def test_a_deployment_goes_live_although_its_worker_was_killed(step, any_studio):
    name = f"killed-{step[:5]}-{secrets.token_hex(3)}"
    requirement = f"idna==3.{7 if step == 'environment' else 8}"
    with any_studio.api() as api:
        deployment = deploy(api, name, requirement=requirement, init_s=0.5 if step == "environment" else 4)
        wait_for(api, deployment, step_running(step))

        any_studio.kill("worker")

        ended = wait_for(api, deployment, lambda now: now["finished"])
        assert ended["status"] == "live", ended
        assert [found["outcome"] for found in ended["steps"]] == ["done"] * 5
        assert_one_workload_and_nothing_left(any_studio, name)
        assert api.post(f"services/{name}/try", content="{}").json()["body"] == '"answered"'
        assert_no_line_lost_or_doubled(api, deployment)

        api.delete(f"services/{name}")
        wait_until_gone(api, any_studio, name)


def keepers_of(studio, name: str) -> list[psutil.Process]:
    """Processes that stand for workloads of the service, in this studio's folder."""
    mark = f"{studio.data}/process/slipway-{name}-"
    return [p for p in psutil.process_iter(["cmdline"]) if any(mark in part for part in p.info["cmdline"] or [])]


def assert_one_workload_and_nothing_left(studio, name: str) -> None:
    assert len(keepers_of(studio, name)) == 1
    assert len(list((studio.data / "process").glob(f"slipway-{name}-*"))) == 1
    installers = [p for p in psutil.process_iter(["cmdline"]) if str(studio.data) in " ".join(p.info["cmdline"] or [])]
    assert not [p for p in installers if "uv" in (p.info["cmdline"] or [""])[0].rsplit("/", 1)[-1]]


def assert_no_line_lost_or_doubled(api, deployment: int) -> None:
    lines = api.get(f"deployments/{deployment}/log", params={"limit": 5000}).json()["lines"]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))


def wait_until_gone(api, studio, name: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if api.get(f"services/{name}").status_code == 404:
            assert not keepers_of(studio, name)
            assert not list((studio.data / "process").glob(f"slipway-{name}-*"))
            return
        time.sleep(0.1)
    raise AssertionError(f"service {name} is still there")


def test_a_workload_that_is_killed_comes_back(sqlite_studio):
    name = f"shot-{secrets.token_hex(3)}"
    with sqlite_studio.api() as api:
        wait_for(api, deploy(api, name, requirement="idna==3.7", init_s=0), lambda now: now["status"] == "live")
        for process in keepers_of(sqlite_studio, name):
            process.kill()

        deadline = time.monotonic() + 60
        while len(api.get("deployments", params={"service": name}).json()["value"]) < 2:
            assert time.monotonic() < deadline, "nobody noticed"
            time.sleep(0.1)
        restored = api.get("deployments", params={"service": name}).json()["value"][0]
        assert wait_for(api, restored["id"], lambda now: now["finished"])["status"] == "live"
        assert api.post(f"services/{name}/try", content="{}").json()["body"] == '"answered"'
        assert_one_workload_and_nothing_left(sqlite_studio, name)
        api.delete(f"services/{name}")
        wait_until_gone(api, sqlite_studio, name)


def test_a_service_comes_back_with_its_studio(sqlite_studio):
    name = f"back-{secrets.token_hex(3)}"
    with sqlite_studio.api() as api:
        wait_for(api, deploy(api, name, requirement="idna==3.7", init_s=0), lambda now: now["status"] == "live")
    sqlite_studio.stop()
    assert not keepers_of(sqlite_studio, name)

    sqlite_studio.start()

    deadline = time.monotonic() + 60
    with sqlite_studio.api() as api:
        while api.get(f"services/{name}").json()["state"] != "Healthy" and time.monotonic() < deadline:
            time.sleep(0.2)
        assert api.post(f"services/{name}/try", content="{}").json()["body"] == '"answered"'
