"""A deployment's way from queued to live, on a fake target: whatever happens, its end has a stated cause."""

import inspect
import json
import threading
import time

import pytest
from django.db import connection

from deployments import pipeline, services, tasks, transitions
from deployments.models import Deployment, DeploymentStep, LogLine, Service, Workload
from deployments.states import FINAL, Status, Step
from drivers import base
from drivers.errors import DriverError, RequirementsUnsolvable, TargetUnavailable
from tests import objects
from tests.deployments.fakes import FakeDriver

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]


def work(deployment: Deployment, worker: str = "first") -> Deployment:
    """What the worker does when it is rung."""
    if transitions.claim(deployment.pk, worker):
        pipeline.run(deployment.pk, worker)
    deployment.refresh_from_db()
    return deployment


def texts(deployment) -> list[str]:
    return list(deployment.lines.values_list("text", flat=True))


def boot_failed(code: str, message: str, traceback: str = "") -> str:
    return "SLIPWAY-BOOT-FAILED " + json.dumps({"code": code, "message": message, "traceback": traceback})


def redeploy(service: Service, by, **options) -> Deployment:
    version = objects.version(service.workspace, by)
    return services.deploy(
        workspace=service.workspace, name=service.name, by=by, models=[version.reference], overwrite=True, **options
    )


def test_the_fake_keeps_the_drivers_contract():
    for name, method in inspect.getmembers(base.Driver, inspect.isfunction):
        if not name.startswith("_"):
            mine = inspect.signature(getattr(FakeDriver, name))
            assert list(mine.parameters) == list(inspect.signature(method).parameters), name


def test_a_deployment_goes_live_step_by_step(driver, queued):
    work(queued)
    assert queued.status == Status.LIVE and queued.failure is None
    steps = list(queued.steps.values_list("name", "outcome"))
    assert steps == [(step.value, "done") for step in Step]
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


def test_a_deployment_cancelled_while_it_builds_ends_at_its_next_line(driver, queued):
    def cancelled_meanwhile(log):
        services.cancel_deployment(deployment=queued)
        for _ in range(100):
            log("stdout", "still building")
            time.sleep(0.05)

    driver.while_building = cancelled_meanwhile
    work(queued)
    assert queued.status == Status.CANCELLED and queued.failure is None
    assert texts(queued)[-1] == "Cancelled." and len(texts(queued)) < 60
    assert queued.steps.get(name="environment").outcome == "cancelled"


def test_a_deployment_cancelled_while_its_workload_loads_leaves_no_workload(driver, queued, runtime, settings):
    settings.START_TIMEOUT_S = 30
    runtime.ready = False
    threading.Timer(0.3, lambda: (services.cancel_deployment(deployment=queued), connection.close())).start()
    work(queued)
    assert queued.status == Status.CANCELLED
    assert not driver.running and not Workload.objects.exists()


def test_a_cancelled_first_deployment_leaves_a_failed_service_and_a_later_one_what_served(driver, queued, contributor):
    service = work(queued).revision.service
    second = redeploy(service, contributor)
    services.cancel_deployment(deployment=second)
    service.refresh_from_db()
    assert (service.state, service.serving_revision.number) == ("Healthy", 1)


def test_a_deployment_whose_worker_was_lost_is_cancelled_with_its_workload(driver, queued, runtime):
    """Between two workers nobody holds it, yet a workload may run: the next worker ends both."""
    stopped_at(queued, Status.CHECKING, driver)
    services.release_lease(deployment=queued)
    services.cancel_deployment(deployment=queued)
    assert queued.status == Status.CHECKING
    work(queued, "second")
    assert queued.status == Status.CANCELLED and not driver.running and not Workload.objects.exists()


def test_a_workload_that_cannot_be_removed_now_is_removed_later(driver, queued):
    driver.dies_after_start(1)
    driver.trouble["delete"] = TargetUnavailable("the engine is away")
    work(queued)
    assert queued.status == Status.FAILED and "the engine is away" in texts(queued)[-2]
    from deployments import reconcile

    driver.trouble.clear()
    reconcile.retire_idle()
    assert not driver.running and not Workload.objects.exists()


def stopped_at(deployment: Deployment, status: Status, driver, worker: str = "lost") -> None:
    """As if `worker` had been killed just after it reached `status`."""

    class Killed(BaseException):
        pass

    reached = transitions.move

    def dying(pk, frm, to, **options):
        done = reached(pk, frm, to, **options)
        if to == status:
            raise Killed
        return done

    assert transitions.claim(deployment.pk, worker)
    transitions.move = dying
    try:
        pipeline.run(deployment.pk, worker)
    except Killed:
        pass
    finally:
        transitions.move = reached
    deployment.refresh_from_db()
    assert deployment.status == status


@pytest.mark.parametrize("status", [Status.BUILDING, Status.STARTING, Status.CHECKING])
def test_another_worker_goes_on_from_wherever_the_first_was_lost(driver, queued, status):
    stopped_at(queued, status, driver)
    assert not transitions.claim(queued.pk, "second"), "the lease still holds"
    time.sleep(1)
    work(queued, "second")
    assert queued.status == Status.LIVE
    assert len(driver.running) == 1 == Workload.objects.count()
    assert "The worker was lost; another one goes on from here." in texts(queued)
    assert [step.outcome for step in queued.steps.all()] == ["done"] * 5
    seqs = list(queued.lines.values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def test_lines_of_the_workload_that_the_lost_worker_copied_are_not_copied_again(driver, queued, runtime, settings):
    settings.START_TIMEOUT_S = 30
    runtime.ready = False
    driver.writes = ("loading weights",)
    threading.Timer(0.8, lambda: (services.release_lease(deployment=queued), connection.close())).start()
    work(queued)
    assert queued.status == Status.CHECKING and texts(queued).count("loading weights") == 1
    runtime.ready = True
    driver.writes = ()
    work(queued, "second")
    assert queued.status == Status.LIVE and texts(queued).count("loading weights") == 1


def test_a_worker_that_loses_its_lease_stops_and_touches_nothing(driver, queued, runtime, settings):
    settings.START_TIMEOUT_S = 30
    runtime.ready = False
    threading.Timer(0.3, lambda: (services.release_lease(deployment=queued), connection.close())).start()
    work(queued)
    assert queued.status == Status.CHECKING and queued.lease_owner == ""
    assert len(driver.running) == 1 and "delete" not in driver.calls


def test_a_worker_that_fails_after_it_lost_its_lease_leaves_the_workload_to_its_successor(driver, queued):
    def lost_meanwhile(handle):
        services.release_lease(deployment=queued)
        assert transitions.claim(queued.pk, "successor")
        raise DriverError("the engine hung up")

    driver.observe = lost_meanwhile
    work(queued)
    assert (queued.status, queued.lease_owner) == (Status.CHECKING, "successor")
    assert driver.running and Workload.objects.exists() and "delete" not in driver.calls


def test_two_workers_that_both_believe_they_hold_it_write_no_line_twice_and_no_number_twice(queued):
    from deployments.logs import LogWriter

    assert transitions.claim(queued.pk, "stale")
    stale = LogWriter(queued.pk, "stale")
    stale.line("stdout", "by the first")
    stale.flush()
    stale.line("stdout", "too late")
    services.release_lease(deployment=queued)
    assert transitions.claim(queued.pk, "fresh")
    fresh = LogWriter(queued.pk, "fresh")
    fresh.line("stdout", "by the second")
    stale.flush()
    fresh.flush()
    assert list(queued.lines.values_list("seq", "text")) == [(1, "by the first"), (2, "by the second")]


def test_a_slow_build_keeps_its_lease(driver, queued):
    driver.while_building = lambda log: time.sleep(2)
    thread = threading.Thread(target=lambda: (work(queued), connection.close()))
    thread.start()
    time.sleep(1.6)
    assert not transitions.claim(queued.pk, "second")
    thread.join()
    queued.refresh_from_db()
    assert queued.status == Status.LIVE


def test_a_message_that_comes_twice_runs_the_deployment_once(driver, queued):
    tasks.run_deployment(queued.pk)
    tasks.run_deployment(queued.pk)
    assert driver.calls.count("apply") == 1
    tasks.run_deployment(10**9)


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


def test_a_service_deleted_while_it_deploys_ends_with_no_workload(driver, queued):
    def deleted_meanwhile(log):
        services.delete_service(service=queued.revision.service)
        time.sleep(0.7)
        log("stdout", "one more line")

    driver.while_building = deleted_meanwhile
    work(queued)
    assert queued.status == Status.CANCELLED
    tasks.remove_service(queued.revision.service_id)
    assert not driver.running and not Service.objects.exists()
    assert not Deployment.objects.exists() and not LogLine.objects.exists() and not DeploymentStep.objects.exists()


def test_a_deployment_that_ended_is_never_claimed_again(queued):
    for status in FINAL:
        Deployment.objects.filter(pk=queued.pk).update(status=status)
        assert not transitions.claim(queued.pk, "anybody")
