"""What goes wrong for users ends in a stated cause, in the API and on the command line, and harms nothing."""

import json
import secrets

import pytest

from tests.journeys.test_worker_killed import wait_for

GOOD = "def init():\n    pass\n\ndef run(raw_data):\n    return 'first'\n"
NOTHING = ["numpy"]


def deploy_script(api, name: str, script: str, *, pip=NOTHING, overwrite: bool = False, **more) -> dict:
    """Deploys the script alone to the process target; returns the deployment when it has ended."""
    upload = api.post("uploads", json={}).json()["id"]
    api.put(f"uploads/{upload}/files/score.py", content=script).raise_for_status()
    dependencies = ["python=3.11", {"pip": pip}]
    environment = {"python": {"condaDependencies": {"dependencies": dependencies}}}
    config = {"entryScript": "score.py", "environment": environment}
    asked = {"name": name, "target": "process", "source_upload": upload, "inference_config": config}
    answer = api.post("services", json=asked | {"overwrite": overwrite} | more)
    assert answer.status_code == 202, answer.text
    return wait_for(api, answer.json()["id"], lambda now: now["finished"])


@pytest.fixture
def name() -> str:
    return f"fails-{secrets.token_hex(4)}"


FAILURES = {
    "syntax error": ({"script": "def init(:\n"}, "entry-script-syntax", "score.py"),
    "init raises": (
        {"script": GOOD.replace("pass", "raise OSError('no such camera')")}, "init-failed", "no such camera",
    ),
    "missing import": ({"script": "import not_there\n" + GOOD}, "entry-script-import", "not_there"),
    "no run()": ({"script": "def init(): pass\n"}, "entry-script-contract", "run"),
    "unknown package": (
        {"script": GOOD, "pip": ["slipway-no-such-package==9"]}, "requirements-unsolvable", "slipway-no-such-package",
    ),
    "workload that ends": ({"script": GOOD.replace("pass", "import os; os._exit(9)")}, "workload-ended", "exit code 9"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failed_deployment_states_its_cause_and_what_served_goes_on_serving(kind, studio, name):
    how, code, words = FAILURES[kind]
    with studio.api() as api:
        assert deploy_script(api, name, GOOD)["status"] == "live"

        ended = deploy_script(api, name, overwrite=True, **how)

        assert ended["status"] == "failed"
        assert ended["failure"]["code"] == code, ended["failure"]
        assert words in ended["failure"]["detail"] and ended["failure"]["advice"]
        assert [step["outcome"] for step in ended["steps"]][-1] == "failed"
        service = api.get(f"services/{name}").json()
        assert (service["state"], service["revision"]) == ("Healthy", 1)
        assert api.post(f"services/{name}/try", content="{}").json()["body"] == '"first"'
        api.delete(f"services/{name}")


def test_the_traceback_of_init_is_shown_to_the_owner(studio, name):
    with studio.api() as api:
        ended = deploy_script(api, name, GOOD.replace("pass", "open('weights.bin')"))
        assert "FileNotFoundError" in ended["failure"]["traceback"]
        assert "open('weights.bin')" in ended["failure"]["traceback"]
        assert api.get(f"services/{name}").json()["state"] == "Failed"
        api.delete(f"services/{name}")


def test_a_model_file_that_does_not_load_is_named(studio, slipway, tmp_path, name):
    (tmp_path / "model.onnx").write_bytes(b"not a graph")
    slipway.done("model", "register", "-n", name, "-p", "model.onnx")
    ran = slipway("model", "deploy", "-n", name, "-m", f"{name}:1", "--cp", "process")
    assert ran.returncode == 1
    assert "model.onnx" in ran.stderr and "ERROR" in ran.stderr
    with studio.api() as api:
        api.delete(f"services/{name}")


def test_a_workload_that_never_gets_ready_is_given_up(tmp_path_factory, name):
    from tests.running import RunningStudio

    data = tmp_path_factory.mktemp("hurried") / "data"
    hurried = RunningStudio(data, environ={"SLIPWAY_START_TIMEOUT_S": "3"}).start()
    try:
        with hurried.api() as api:
            ended = deploy_script(api, name, GOOD.replace("pass", "import time; time.sleep(600)"))
        assert ended["failure"]["code"] == "not-ready-in-time"
        assert "3 s" in ended["failure"]["detail"]
        assert not list((hurried.data / "process").glob("slipway-*"))
    finally:
        hurried.stop()


def test_without_a_docker_engine_the_docker_target_says_so(tmp_path_factory, name):
    from tests.running import RunningStudio

    alone = RunningStudio(
        tmp_path_factory.mktemp("alone") / "data", environ={"DOCKER_HOST": "unix:///nowhere/docker.sock"}
    ).start()
    try:
        with alone.api() as api:
            assert [target["name"] for target in api.get("targets").json()["value"]] == ["process"]
            refused = api.post("services", json={"name": name, "target": "docker", "models": []})
            upload = api.post("uploads", json={}).json()["id"]
            api.put(f"uploads/{upload}/files/score.py", content=GOOD)
            config = {"entryScript": "score.py"}
            asked = {"name": name, "target": "docker", "source_upload": upload, "inference_config": config}
            refused = api.post("services", json=asked)
        assert refused.status_code == 503
        assert refused.json()["code"] == "target-unavailable"
        assert "docker" in refused.json()["detail"].lower() and refused.json()["advice"]
    finally:
        alone.stop()


def test_a_name_that_is_taken_is_refused_on_the_command_line(studio, slipway, tmp_path, name):
    with studio.api() as api:
        deploy_script(api, name, GOOD)
        (tmp_path / "score.py").write_text(GOOD)
        ran = slipway("model", "deploy", "-n", name, "--es", "score.py", "--cp", "process")
        assert ran.returncode == 1
        assert "already exists" in ran.stderr and "--overwrite" in ran.stderr
        api.delete(f"services/{name}")


def test_a_version_in_use_cannot_be_deleted_and_the_service_is_named(studio, slipway, tmp_path, name):
    (tmp_path / "notes.txt").write_text("a file")
    (tmp_path / "score.py").write_text(GOOD)
    slipway.done("model", "register", "-n", name, "-p", "notes.txt")
    slipway.done("model", "deploy", "-n", name, "-m", f"{name}:1", "--es", "score.py", "--cp", "process")

    refused = slipway("model", "delete", "-i", f"{name}:1")

    assert refused.returncode == 1
    assert f"service {name}" in refused.stderr
    slipway.done("service", "delete", "-n", name)
    slipway.done("model", "delete", "-i", f"{name}:1")


def test_a_tag_with_a_colon_is_explained(slipway, tmp_path):
    (tmp_path / "notes.txt").write_text("a file")
    ran = slipway("model", "register", "-n", "notes", "-p", "notes.txt", "--tag", "area: mnist")
    assert ran.returncode != 0
    assert "write area=mnist" in ran.stderr


def test_json_output_is_json_alone(studio, slipway, tmp_path, name):
    (tmp_path / "score.py").write_text(GOOD)
    out = slipway.done("model", "deploy", "-n", name, "--es", "score.py", "--cp", "process", "-o", "json")
    assert json.loads(out)["state"] == "Healthy"
    slipway.done("service", "delete", "-n", name)
