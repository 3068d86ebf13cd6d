"""REST of services and deployments, as a program speaks it."""

import json
import time

import pytest

from deployments import transitions
from deployments.models import Deployment, Service, Workload
from deployments.states import Status
from drivers.base import LogRecord
from drivers.errors import TargetUnavailable
from tests import objects

pytestmark = pytest.mark.django_db
W = "/api/v1/workspaces/vision"


@pytest.fixture
def api(place, contributor, driver, rings):
    objects.target(place)
    objects.version(place, contributor)
    return objects.with_token(contributor)


def send(api, method: str, path: str, body=None):
    return api.generic(method, f"{W}/{path}", "" if body is None else json.dumps(body), "application/json")


def deploy(api, **options):
    return send(api, "POST", "services", {"name": "reader", "models": ["digits:1"], **options})


def test_a_deployment_is_asked_for_watched_cancelled_and_retried(api):
    asked = deploy(api)
    assert asked.status_code == 202
    first = asked.json()
    assert set(first) == {
        "id", "service", "revision", "models", "target", "status", "finished", "failure", "steps", "cancel_requested",
        "created_by", "created_time", "started_time", "finished_time",
    }  # fmt: skip
    assert (first["service"], first["models"]) == ("reader", ["digits:1"])
    assert (first["status"], first["finished"]) == ("queued", False)
    assert send(api, "GET", f"deployments/{first['id']}").json() == first
    assert send(api, "POST", f"deployments/{first['id']}/cancel").json()["status"] == "cancelled"
    second = send(api, "POST", f"deployments/{first['id']}/retry")
    assert second.status_code == 202 and second.json()["id"] != first["id"] and second.json()["revision"] == 1
    listed = send(api, "GET", "deployments").json()
    assert [row["id"] for row in listed["value"]] == [second.json()["id"], first["id"]]
    assert send(api, "GET", "deployments?service=other").json()["value"] == []
    page = send(api, "GET", "deployments?limit=1").json()
    assert send(api, "GET", f"deployments?limit=1&cursor={page['next']}").json()["value"][0]["id"] == first["id"]


def test_a_deployment_tells_its_steps_and_its_failure(api):
    number = deploy(api).json()["id"]
    transitions.claim(number, "w")
    transitions.begin_step(number, "environment")
    failure = {"code": "x", "detail": "y", "advice": "z", "step": "environment", "traceback": ""}
    transitions.move(number, Status.QUEUED, Status.FAILED, worker="w", failure=failure)
    said = send(api, "GET", f"deployments/{number}").json()
    assert said["finished"] and said["failure"] == failure
    step = said["steps"][0]
    assert (step["name"], step["title"], step["outcome"]) == ("environment", "Prepare environment", "failed")


def test_a_service_is_shown_listed_and_deleted(api, settings):
    number = deploy(api, description="Reads digits", tags={"area": "mnist"}).json()["id"]
    waiting = send(api, "GET", "services/reader").json()
    assert (waiting["state"], waiting["revision"], waiting["models"]) == ("Transitioning", None, ["digits:1"])
    objects.live(Deployment.objects.get(pk=number))
    shown = send(api, "GET", "services/reader").json()
    assert (shown["state"], shown["revision"]) == ("Healthy", 1)
    assert (shown["compute_type"], shown["target"]) == ("process", "process")
    assert shown["scoring_uri"] == f"{settings.GATEWAY_URL}/services/vision/reader/score"
    assert shown["swagger_uri"].endswith("/services/vision/reader/swagger.json")
    assert (shown["auth_enabled"], shown["description"], shown["tags"]) == (True, "Reads digits", {"area": "mnist"})
    assert shown["deployment"]["id"] == number and shown["created_by"] == "carl"
    listed = send(api, "GET", "services").json()["value"]
    assert [row["name"] for row in listed] == ["reader"] and "deployment" not in listed[0]
    deleted = send(api, "DELETE", "services/reader")
    assert (deleted.status_code, deleted.json()["state"]) == (202, "Deleting")
    assert send(api, "DELETE", "services/reader").status_code == 202


def test_keys_are_shown_and_made_anew(api):
    deploy(api)
    before = send(api, "GET", "services/reader/keys").json()
    after = send(api, "POST", "services/reader/keys/regenerate", {"key": "Primary"}).json()
    assert set(before) == {"primary_key", "secondary_key"}
    assert after["secondary_key"] == before["secondary_key"] and after["primary_key"] != before["primary_key"]
    assert send(api, "GET", "services/reader/keys").json() == after


def test_targets_are_listed_with_what_they_offer(api):
    target = send(api, "GET", "targets").json()["value"][0]
    assert (target["name"], target["kind"], target["available"], target["cpu"]) == ("process", "process", True, 4)


def test_the_log_of_a_service_has_the_lines_asked_for(api):
    number = deploy(api).json()["id"]
    deployment = Deployment.objects.get(pk=number)
    for seq in range(1, 6):
        deployment.lines.create(seq=seq, at=deployment.created_time, step="start", stream="stdout", text=str(seq))
    assert send(api, "GET", "services/reader/logs").json() == {"content": "1\n2\n3\n4\n5"}
    assert send(api, "GET", "services/reader/logs?tail=2").json() == {"content": "4\n5"}
    assert send(api, "GET", "services/reader/logs?tail=0").json() == {"content": "5"}


def test_the_lines_of_a_service_are_asked_for_page_by_page_or_from_the_end(api, driver):
    objects.live(Deployment.objects.get(pk=deploy(api).json()["id"]))
    name = Workload.objects.get().name
    driver.running[name] = None
    for text in "abcde":
        driver.write(name, text)
    log = "services/reader/log"
    first = send(api, "GET", f"{log}?limit=2").json()
    assert ([line["text"] for line in first["lines"]], first["finished"]) == (["a", "b"], False)
    rest = send(api, "GET", f"{log}?after_seq={first['last_seq']}").json()
    assert [line["text"] for line in rest["lines"]] == ["c", "d", "e"]
    assert send(api, "GET", f"{log}?tail=2").json()["lines"] == rest["lines"][1:]
    none = {"lines": [], "last_seq": rest["last_seq"], "finished": False}
    assert send(api, "GET", f"{log}?after_seq={rest['last_seq']}").json() == none
    text = send(api, "GET", f"{log}.txt")
    assert text["Content-Disposition"] == 'attachment; filename="reader.log"'
    assert [line.split(" ", 1)[1] for line in text.content.decode().splitlines()] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("form", ["logs", "log", "log.txt"])
def test_one_replica_can_be_asked_for(api, driver, form):
    objects.live(Deployment.objects.get(pk=deploy(api).json()["id"]))
    name = Workload.objects.get().name
    driver.running[name] = None
    driver.written[name] = [LogRecord(time.time(), "stdout", f"of {each}", each) for each in ("r-a", "r-b")]
    said = send(api, "GET", f"services/reader/{form}?replica=r-b").content
    assert b"of r-b" in said and b"of r-a" not in said


def test_the_lists_cost_the_same_however_long_they_are(api, place, contributor, django_assert_max_num_queries):
    for number in range(5):
        objects.live(objects.deployment(place, contributor, f"service-{number}", models=["digits:1"]))
    with django_assert_max_num_queries(9):
        assert len(send(api, "GET", "deployments").json()["value"]) == 5
    with django_assert_max_num_queries(9):
        assert len(send(api, "GET", "services").json()["value"]) == 5


def test_configurations_may_be_texts_or_objects(api, contributor, place):
    source = objects.upload(place, contributor, {"score.py": b"..."})
    asked = deploy(
        api, source_upload=str(source.pk), inference_config="entryScript: score.py\n",
        deployment_config={"containerResourceRequirements": {"cpu": 0.5}},
    )  # fmt: skip
    assert asked.status_code == 202
    revision = Service.objects.get().revisions.get()
    assert revision.inference_config["entry_script"] == "score.py" and revision.deployment_config["cpu"] == 0.5


GOOD = {"name": "second", "models": ["digits:1"]}
WRONG = [
    ("POST", "services", {}, 400, "invalid"),
    ("POST", "services", [], 400, "invalid"),
    ("POST", "services", {"name": "No"}, 422, "service-name-invalid"),
    ("POST", "services", {"name": "a\x00bc", "models": ["digits:1"]}, 400, "invalid"),
    ("POST", "services", {"name": "second", "models": ["digits:9"]}, 404, "model-version-not-found"),
    ("POST", "services", {"name": "second", "models": ["digits:x"]}, 422, "invalid"),
    ("POST", "services", {"name": "second", "models": "digits:1"}, 400, "invalid"),
    ("POST", "services", {"name": "second"}, 422, "entry-script-needed"),
    ("POST", "services", GOOD | {"target": "none"}, 404, "target-not-found"),
    ("POST", "services", GOOD | {"target": "docker"}, 503, "target-unavailable"),
    ("POST", "services", GOOD | {"inference_config": 7}, 400, "invalid"),
    ("POST", "services", GOOD | {"inference_config": "{"}, 422, "config-invalid"),
    ("POST", "services", GOOD | {"deployment_config": "cpu: 1"}, 422, "config-invalid"),
    ("POST", "services", GOOD | {"source_upload": "7"}, 400, "invalid"),
    ("POST", "services", GOOD | {"tags": {"": "x"}}, 422, "tag-invalid"),
    ("POST", "services", GOOD | {"tags": {"a\ud800": "x"}}, 422, "tag-invalid"),
    ("POST", "services", GOOD | {"deployment_config": {"environmentVariables": {"A": "x\x00y"}}},
        422, "config-invalid"),
    ("POST", "services", {"name": "reader", "models": ["digits:1"]}, 409, "service-exists"),
    ("POST", "services", {"name": "reader", "models": ["digits:1"], "overwrite": True}, 409, "service-busy"),
    ("GET", "services/none", None, 404, "service-not-found"),
    ("GET", "services/none/keys", None, 404, "service-not-found"),
    ("DELETE", "services/none", None, 404, "service-not-found"),
    ("POST", "services/reader/keys/regenerate", {"key": "Third"}, 422, "invalid"),
    ("POST", "services/reader/keys/regenerate", {}, 400, "invalid"),
    ("POST", "services/reader/try", {}, 409, "service-not-ready"),
    ("GET", "services/reader/logs?tail=x", None, 422, "invalid"),
    ("GET", "services/reader/log?after_seq=x", None, 422, "invalid"),
    ("GET", "services/reader/log?tail=-1", None, 422, "invalid"),
    ("GET", "services/reader/log/stream?after_seq=x", None, 422, "invalid"),
    ("GET", "services/none/log", None, 404, "service-not-found"),
    ("GET", "services/rea%00der", None, 422, "invalid"),
    ("GET", "deployments/999999", None, 404, "deployment-not-found"),
    ("GET", "deployments/" + "9" * 40, None, 404, "deployment-not-found"),
    ("GET", "deployments/x", None, 404, "no-such-address"),
    ("GET", "deployments?cursor=x", None, 422, "invalid"),
    ("GET", "deployments?limit=x", None, 422, "invalid"),
    ("GET", "deployments?service=%00", None, 422, "invalid"),
    ("POST", "deployments/NUMBER/retry", None, 409, "service-busy"),
    ("PUT", "deployments/NUMBER", {}, 405, "method-not-allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), WRONG)
def test_every_refusal_is_a_problem_with_words_and_advice(api, method, path, body, status, code):
    number = deploy(api).json()["id"]
    answer = send(api, method, path.replace("NUMBER", str(number)), body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    said = answer.json()
    assert (said["code"], said["status"]) == (code, status)
    assert said["type"] and said["title"] and said["detail"] and said["advice"]
    assert Service.objects.count() == 1 == Deployment.objects.count()


def test_a_configuration_that_cannot_be_followed_is_answered_with_its_line_and_key(api):
    said = deploy(api, deployment_config="computeType: aci\nauthEnable: true\n").json()
    assert "line 2" in said["detail"] and said["advice"] == "Did you mean authEnabled?"
    assert said["errors"] == {"authEnable": ["is not a known key"]}


def test_a_busy_service_says_which_deployment_it_waits_for(api):
    number = deploy(api).json()["id"]
    assert deploy(api, overwrite=True).json()["deployment"] == number


def test_a_body_too_big_to_try_is_refused(api):
    objects.live(Deployment.objects.get(pk=deploy(api).json()["id"]))
    answer = api.post(f"{W}/services/reader/try", b"x" * (17 << 20), "application/octet-stream")
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-big")
    assert answer["Content-Type"] == "application/problem+json" and answer.json()["advice"]


def test_a_log_on_a_target_that_is_away_is_the_operators_to_mend(api, driver):
    objects.live(Deployment.objects.get(pk=deploy(api).json()["id"]))
    driver.trouble["logs"] = TargetUnavailable("the engine is away")
    for form in ("logs", "log", "log.txt"):
        answer = send(api, "GET", f"services/reader/{form}")
        assert (answer.status_code, answer.json()["code"]) == (503, "target-unavailable")


def test_a_service_of_another_workspace_is_never_seen(api, stranger):
    elsewhere = objects.workspace("elsewhere")
    theirs = objects.deployment(elsewhere, stranger, "secret-one")
    assert send(api, "GET", "services").json()["value"] == []
    assert send(api, "GET", "deployments").json()["value"] == []
    for path in ("services/secret-one", f"deployments/{theirs.pk}", f"deployments/{theirs.pk}/log"):
        assert send(api, "GET", path).status_code == 404
    assert send(api, "POST", f"deployments/{theirs.pk}/cancel").status_code == 404
