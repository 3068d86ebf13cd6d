"""A deployment's way from queued to live, on a fake target: whatever happens, its end has a stated cause."""

import inspect
import json

import pytest

from deployments import reconcile
from deployments.models import Workload
from deployments.states import Status, Step
from drivers import base
from drivers.errors import RequirementsUnsolvable, TargetUnavailable
from tests import objects
from tests.deployments.fakes import FakeDriver
from tests.deployments.working import redeploy, texts, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]


def boot_failed(code: str, message: str, traceback: str = "") -> str:
    return "SLIPWAY-BOOT-FAILED " + json.dumps({"code": code, "message": message, "traceback": traceback})


def test_the_fake_keeps_the_drivers_contract():
    for name, method in inspect.getmembers(base.Driver, inspect.isfunction):
        if not name.startswith("_"):
            mine = inspect.signature(getattr(FakeDriver, name))
            assert list(mine.parameters) == list(inspect.signature(method).parameters), name


def test_a_deployment_goes_live_step_by_step(driver, queued):
    work(queued)
    assert queued.status == Status.LIVE and queued.failure is None
    steps = list(queued.steps.values_list("name", "outcome"))
    assert steps == [(step.value, "done") for step in Step if step != Step.PUSH]
    assert all(step.ended_time >= step.started_time and step.detail for step in queued.steps.all())
    assert [event.to for event in queued.events.all()] == ["building", "starting", "checking", "live"]
    assert queued.started_time and queued.finished_time and not queued.lease_owner
    service = queued.revision.service
    service.refresh_from_db()
    assert (service.state, service.serving_revision) == ("Healthy", queued.revision)
    workload = Workload.objects.get()
    assert list(driver.running) == [workload.name] and workload.address == driver.runtime.address


def test_the_workload_gets_what_the_configuration_says(driver, place, contributor, rings):
    source = objects.upload(place, contributor, {"src/score.py": b"..."})
    config = {"containerResourceRequirements": {"cpu": 0.5, "memoryInGB": 1.5}, "environmentVariables": {"A": "1"}}
    deployment = objects.deployment(
        place, contributor, source=source, deployment_config=config,
        inference_config={"entryScript": "score.py", "sourceDirectory": "src"},
    )  # fmt: skip
    work(deployment)
    workload = next(iter(driver.running.values()))
    assert (workload.cpu, workload.memory_bytes) == (0.5, int(1.5 * 2**30))
    assert workload.variables["A"] == "1" and workload.variables["SERVICE_NAME"] == "reader"
    assert (driver.package.entry_script, driver.package.source_directory) == ("src/score.py", "src")
    assert {file.path for file in driver.package.files} == {"azureml-models/digits/1/model.pkl", "src/score.py"}
    assert driver.package.model_dir == "azureml-models/digits/1"


def test_the_log_has_every_line_of_the_build_and_of_the_start(driver, queued):
    driver.writes = ("loading weights", "listening")
    work(queued)
    lines = texts(queued)
    assert "reader revision 1: digits:1 on process" in lines and "installing scikit-learn" in lines
    assert lines.index("loading weights") < lines.index("listening")
    assert list(queued.lines.values_list("seq", flat=True)) == list(range(1, len(lines) + 1))


@pytest.mark.parametrize(("exit_code", "detail", "code", "advice"), [
    (137, "killed: out of memory", "workload-ended", "more memory"),
    (1, "", "workload-ended", "log above"),
])  # fmt: skip
def test_a_workload_that_dies_before_it_is_ready_fails_the_deployment(driver, queued, exit_code, detail, code, advice):
    driver.dies_after_start(exit_code, detail)
    work(queued)
    assert (queued.status, queued.failure["code"], queued.failure["step"]) == (Status.FAILED, code, "check")
    assert str(exit_code) in queued.failure["detail"] and advice in queued.failure["advice"]
    assert not driver.running and not Workload.objects.exists()
    assert queued.steps.get(name="check").outcome == "failed"


def test_a_cause_the_runtime_states_is_the_deployments_cause(driver, queued):
    said = boot_failed("init-failed", "init() raised KeyError: 'w'", "Traceback ...\nKeyError: 'w'")
    driver.dies_after_start(3, "", "about to load", said)
    work(queued)
    assert queued.failure["code"] == "init-failed" and "KeyError: 'w'" in queued.failure["traceback"]
    assert "AZUREML_MODEL_DIR" in queued.failure["advice"]
    assert "about to load" in texts(queued) and not any("BOOT-FAILED" in line for line in texts(queued))
    assert texts(queued)[-1] == "Failed: init() raised KeyError: 'w'"


@pytest.mark.parametrize("text", ["SLIPWAY-BOOT-FAILED", "SLIPWAY-BOOT-FAILED {", "SLIPWAY-BOOT-FAILED [1]"])
def test_a_half_stated_cause_is_just_a_line(driver, queued, text):
    driver.dies_after_start(3, "", text)
    work(queued)
    assert queued.failure["code"] == "workload-ended" and text in texts(queued)


def test_a_cause_with_characters_no_database_takes_is_kept_without_them(driver, queued):
    driver.dies_after_start(3, "", 'SLIPWAY-BOOT-FAILED {"code": "init-failed", "message": "bad \\u0000 \\ud800 end"}')
    work(queued)
    assert queued.status == Status.FAILED and queued.failure["detail"].endswith(" end")
    assert "\x00" not in queued.failure["detail"]


def test_a_workload_that_never_gets_ready_fails_with_what_it_last_said(driver, queued, runtime):
    runtime.ready = False
    work(queued)
    assert (queued.status, queued.failure["code"]) == (Status.FAILED, "not-ready-in-time")
    assert "loading" in queued.failure["detail"] and not driver.running


@pytest.mark.parametrize(("method", "step"), [
    ("prepare_environment", "environment"), ("build_package", "package"), ("apply", "start"), ("observe", "check"),
])  # fmt: skip
def test_what_the_target_cannot_do_is_said_with_the_step(driver, queued, method, step):
    driver.trouble[method] = RequirementsUnsolvable("there is no such package: skit", advice="Check its name.")
    work(queued)
    assert queued.status == Status.FAILED
    assert queued.failure["code"] == "requirements-unsolvable" and queued.failure["step"] == step
    assert (queued.failure["detail"], queued.failure["advice"]) == ("there is no such package: skit", "Check its name.")
    service = queued.revision.service
    service.refresh_from_db()
    assert (service.state, service.state_detail) == ("Failed", "there is no such package: skit")


def test_a_fault_of_the_studio_itself_ends_in_words_too(driver, queued):
    driver.while_building = lambda log: 1 / 0
    work(queued)
    assert (queued.status, queued.failure["code"]) == (Status.FAILED, "studio-error")
    assert "ZeroDivisionError" in queued.failure["detail"]


def test_a_failed_deployment_leaves_the_old_revision_serving(driver, queued, contributor):
    service = work(queued).revision.service
    old = next(iter(driver.running))
    second = redeploy(service, contributor, deployment_config={"authEnabled": False})
    driver.dies_after_start(1)
    work(second)
    service.refresh_from_db()
    assert second.status == Status.FAILED and list(driver.running) == [old]
    assert (service.state, service.serving_revision.number) == ("Healthy", 1)
    assert "newest deployment failed" in service.state_detail
    assert service.auth_enabled, "what the failed revision wanted must not change what serves"


def test_a_new_revision_takes_all_traffic_and_the_old_workload_has_time_to_finish(driver, queued, contributor):
    service = work(queued).revision.service
    second = work(redeploy(service, contributor, deployment_config={"authEnabled": False}))
    service.refresh_from_db()
    assert service.serving_revision == second.revision and not service.auth_enabled
    assert service.revisions.get(number=1).traffic == 0
    assert len(driver.running) == 2
    retiring = Workload.objects.get(revision__number=1)
    assert retiring.retire_time > second.finished_time and Workload.objects.get(revision__number=2).retire_time is None


def test_a_workload_that_cannot_be_removed_now_is_removed_later(driver, queued):
    driver.dies_after_start(1)
    driver.trouble["delete"] = TargetUnavailable("the engine is away")
    work(queued)
    assert queued.status == Status.FAILED and "the engine is away" in texts(queued)[-2]
    driver.trouble.clear()
    reconcile.retire_idle()
    assert not driver.running and not Workload.objects.exists()


def test_secrets_are_masked_in_the_log_and_in_the_cause(driver, place, contributor, rings):
    config = {"environmentVariables": {"API_KEY": "hush-hush", "PLAIN": "visible"}}
    environment = {"name": "e", "environmentVariables": {"DB_PASSWORD": "open-sesame"}}
    source = objects.upload(place, contributor, {"score.py": b"..."})
    deployment = objects.deployment(
        place, contributor, source=source, deployment_config=config,
        inference_config={"entryScript": "score.py", "environment": environment},
    )  # fmt: skip
    said = boot_failed("init-failed", "cannot sign in with hush-hush", "password open-sesame")
    driver.dies_after_start(3, "", "using hush-hush and open-sesame on visible", said)
    work(deployment)
    everything = str(texts(deployment)) + str(deployment.failure) + str(list(deployment.events.values()))
    assert "hush-hush" not in everything and "open-sesame" not in everything
    assert "using •••••• and •••••• on visible" in texts(deployment)


@pytest.mark.parametrize(("example", "kept"), [
    ({"data": [[1.0, 2.0]]}, {"data": [[1.0, 2.0]]}),
    ({"data": [float("nan")]}, None),
    ({"data": "a\x00b"}, None),
    ({"data": "x" * 300_000}, None),
    ({}, None),
])  # fmt: skip
def test_the_runtimes_example_request_is_kept_when_it_can_be(driver, queued, runtime, example, kept):
    runtime.offer(example)
    work(queued)
    assert queued.status == Status.LIVE
    queued.revision.refresh_from_db()
    assert queued.revision.sample_request == kept


@pytest.mark.parametrize("document", [b"", b"[", b"[]", b'{"definitions": []}', b'"text"', b"\xff"])
def test_a_runtime_without_a_sensible_document_goes_live_too(driver, queued, runtime, document):
    runtime.swagger = document
    assert work(queued).status == Status.LIVE


def test_a_target_the_operator_turned_off_runs_nothing_more(driver, queued, settings):
    settings.PROCESS_TARGET = False
    work(queued)
    assert (queued.status, queued.failure["code"]) == (Status.FAILED, "target-unavailable")
    assert not driver.running
