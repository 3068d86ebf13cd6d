import io
from pathlib import Path

import pytest
from slipway import services


@pytest.fixture
def studio(fake, service):
    fake.on("GET", "/services", {"value": [service]})
    fake.on("GET", "/services/cancer", service)
    fake.on("GET", "/services/cancer/keys", {"primary_key": "a-token", "secondary_key": "two"})
    # The fake is scoring server too; its own token check stands for the gateway's.
    fake.on("POST", "/score", lambda request: request.json({"got": request.data}))
    return fake


def test_show_has_azures_keys(slipway, studio):
    found = slipway("service", "show", "-n", "cancer").json
    assert (found["computeType"], found["computeName"], found["authEnabled"]) == ("process", "here", True)
    assert found["scoringUri"].endswith("/score") and found["modelIds"] == ["cancer:2"]
    assert found["deployment"]["steps"][0]["endedTime"] and found["error"] is None


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ([], 1),
        (["-c", "PROCESS"], 1),
        (["-c", "docker"], 0),
        (["--model-name", "cancer"], 1),
        (["--model-name", "can"], 0),
        (["--model-id", "cancer:2"], 1),
        (["--model-id", "cancer:1"], 0),
        (["--tag", "team"], 1),
        (["--tag", "team=red", "--tag", "x"], 0),
        (["--tag", "team=blue"], 0),
    ],
)
def test_list_keeps_what_passes_every_filter(slipway, studio, filters, count):
    assert len(slipway("service", "list", *filters).json) == count


def test_a_list_that_tells_no_deployments_claims_nothing_about_errors(slipway, studio, service):
    del service["deployment"]
    assert "error" not in slipway("service", "list").json[0]


def test_run_sends_the_text_with_the_key_and_prints_the_answer(slipway, studio):
    ran = slipway("service", "run", "-n", "cancer", "-d", '{"data": [[1]]}')
    assert ran.json == {"got": {"data": [[1]]}}
    request = next(each for each in studio.requests if each.path == "/score")
    assert request.headers["Content-Type"] == "application/json"


def test_run_reads_a_file_or_standard_input(slipway, studio, monkeypatch):
    Path("sample.json").write_text("[1]")
    assert slipway("service", "run", "-n", "cancer", "-d", "@sample.json").json == {"got": [1]}
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[2]")))
    assert slipway("service", "run", "-n", "cancer", "-d", "@-").json == {"got": [2]}
    assert "nothing.json: No such file" in slipway("service", "run", "-n", "cancer", "-d", "@nothing.json").err


def test_an_error_of_the_service_is_shown_with_its_status(slipway, studio):
    studio.on("POST", "/score", lambda request: request.bytes(b"run() raised ValueError", 500, "text/plain"))
    ran = slipway("service", "run", "-n", "cancer", "-d", "{}")
    assert ran.code == 1 and "The service cancer answered 500: run() raised ValueError" in ran.err
    assert "get-logs -n cancer" in ran.err


def test_a_service_that_serves_nothing_yet_is_not_called(slipway, studio, service):
    service.update(revision=None, state="Transitioning", state_detail="Building.")
    ran = slipway("service", "run", "-n", "cancer", "-d", "{}")
    assert ran.code == 1 and "cannot be called yet: it is Transitioning. Building." in ran.err


def test_a_service_without_keys_is_called_without_asking_for_them(slipway, studio, service):
    service["auth_enabled"] = False
    slipway("service", "run", "-n", "cancer", "-d", "{}")
    assert studio.asked("GET", "/services/cancer/keys") == []


def test_get_keys_has_azures_names(slipway, studio):
    assert slipway("service", "get-keys", "-n", "cancer").json == {"primaryKey": "a-token", "secondaryKey": "two"}


def test_get_logs_prints_text_and_asks_for_so_many_lines(slipway, studio):
    studio.on("GET", "/services/cancer/logs", {"content": "one\ntwo\n"})
    assert slipway("service", "get-logs", "-n", "cancer").out == "one\ntwo\n"
    assert slipway("service", "get-logs", "-n", "cancer", "--num_lines", "7", "-o", "json").json == "one\ntwo\n"
    assert [each.query["tail"] for each in studio.asked("GET", "/services/cancer/logs")] == [["5000"], ["7"]]


def test_get_logs_of_one_replica(slipway, studio):
    studio.on("GET", "/services/cancer/logs", {"content": "one\n"})
    assert slipway("service", "get-logs", "-n", "cancer", "--replica", "r-b").out == "one\n"
    assert studio.asked("GET", "/services/cancer/logs")[0].query["replica"] == ["r-b"]


def test_get_logs_follows_from_the_last_lines_on(slipway, studio, lines):
    for line, replica in zip(lines, ("", "cancer-r2-x2k4q", "", "", ""), strict=True):
        line["step"] = replica
    lines[4]["text"] = "\x1b[31mred\x1b[0m"
    studio.on("GET", "/services/cancer/log", {"lines": lines[:2], "last_seq": 2, "finished": False})
    rest = [("message", line) for line in lines[2:]]
    studio.on("GET", "/services/cancer/log/stream", lambda request: request.events(*rest, ("end", {})))
    ran = slipway("service", "get-logs", "-n", "cancer", "-l", "2", "-f")
    assert ran.out == "line 1\nx2k4q  line 2\nline 3\nline 4\n[31mred[0m\n" and "is gone" in ran.err
    assert studio.asked("GET", "/services/cancer/log")[0].query == {"tail": ["2"]}
    assert studio.asked("GET", "/services/cancer/log/stream")[0].query == {"after_seq": ["2"]}


def test_following_prints_lines_and_nothing_else(slipway, studio):
    assert slipway("service", "get-logs", "-n", "cancer", "-f", "-o", "json").code == 2


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (["--num-replicas", "3"], {"replicas": 3}),
        (["--nr", "1"], {"replicas": 1}),
        (
            ["--min-replicas", "1", "--max-replicas", "4", "--target-utilization", "60"],
            {"autoscaler": {"minReplicas": 1, "maxReplicas": 4, "targetUtilization": 60}},
        ),
        (["--ma", "4"], {"autoscaler": {"maxReplicas": 4}}),
    ],
)
def test_scale_asks_for_a_number_or_for_bounds(slipway, studio, service, words, body):
    replica = {"name": "r-a", "state": "ready", "detail": "", "restarts": 0, "started": None, "node": "n1"}
    scaled = service | {"replicas": [replica], "scale": {"minimum": 1, "maximum": None, "utilization": 70}}
    studio.on("POST", "/services/cancer/scale", scaled, 202)
    ran = slipway("service", "scale", "-n", "cancer", *words)
    assert ran.code == 0 and ran.json["replicas"][0]["name"] == "r-a" and ran.json["scale"]["minimum"] == 1
    assert studio.asked("POST", "/services/cancer/scale")[0].data == body


@pytest.mark.parametrize("words", [[], ["--nr", "0"], ["--nr", "2", "--mi", "1"], ["--at", "101"]])
def test_a_scale_that_makes_no_sense_is_not_sent(slipway, studio, words):
    assert slipway("service", "scale", "-n", "cancer", *words).code == 2
    assert studio.asked("POST", "/services/cancer/scale") == []


def test_a_target_that_runs_one_replica_says_so(slipway, studio):
    said = "The process target runs one replica of a service."
    studio.problem("POST", "/services/cancer/scale", 422, code="scale-invalid", detail=said)
    ran = slipway("service", "scale", "-n", "cancer", "--nr", "2")
    assert ran.code == 1 and said in ran.err


def test_delete_waits_until_the_service_is_gone(slipway, studio, service, monkeypatch):
    monkeypatch.setattr(services, "DELETE_POLL_S", 0)
    left = iter([200, 200, 404])
    studio.on("DELETE", "/services/cancer", {}, 202)
    studio.on("GET", "/services/cancer", lambda request: request.json(service, next(left)))
    assert slipway("service", "delete", "-n", "cancer").code == 0
    assert next(left, None) is None


def test_a_service_that_does_not_go_away_is_an_error(slipway, studio, monkeypatch):
    monkeypatch.setattr(services, "DELETE_WITHIN_S", 0)
    studio.on("DELETE", "/services/cancer", {}, 202)
    ran = slipway("service", "delete", "-n", "cancer")
    assert ran.code == 1 and "still being deleted" in ran.err


def test_computetarget_list_shows_what_answers(slipway, fake):
    fake.on(
        "GET",
        "/targets",
        {
            "value": [
                {
                    "name": "box",
                    "kind": "docker",
                    "available": False,
                    "detail": "no engine",
                    "cpu": 2,
                    "memory_bytes": 1,
                }
            ]
        },
    )
    assert slipway("computetarget", "list").json == [
        {"name": "box", "computeType": "docker", "available": False, "detail": "no engine", "cpu": 2, "memoryBytes": 1}
    ]


def test_version_tells_both_versions(slipway, fake):
    fake.on("GET", "/api/v1/", {"version": "9.9"})
    assert slipway("version").json["studio"] == "9.9"


def test_version_works_without_a_studio(slipway, monkeypatch, tmp_path):
    monkeypatch.delenv("SLIPWAY_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nothing"))
    assert slipway("version").json["studio"] is None
