from pathlib import Path

import pytest

TARGETS = [
    {"name": "here", "kind": "process", "available": True},
    {"name": "old", "kind": "docker", "available": False},
    {"name": "box", "kind": "docker", "available": True},
]


@pytest.fixture
def studio(fake, deployment, service, lines):
    """Accepts a deployment as number 7, whose log has five lines and which goes live."""
    fake.on("POST", "/services", {**deployment, "status": "queued", "finished": False}, 202)
    fake.on("GET", "/services/cancer", service)
    fake.on("GET", "/targets", {"value": TARGETS})
    fake.on("GET", "/deployments/7", deployment)
    fake.on("GET", "/deployments/7/log", {"lines": [], "last_seq": 5, "finished": True})
    fake.on(
        "GET",
        "/deployments/7/log/stream",
        lambda request: request.events(
            ("state", {**deployment, "status": "building"}),
            *[("message", line) for line in lines],
            ("end", {"status": "live"}),
        ),
    )
    return fake


@pytest.fixture
def deploy(slipway, studio):
    def run(*arguments):
        return slipway("model", "deploy", "-n", "cancer", "-m", "cancer:2", *arguments)

    return run


def asked(studio):
    return studio.asked("POST", "/services")[0].data


def test_standard_output_is_json_alone_and_the_log_is_on_standard_error(deploy):
    ran = deploy("-o", "json")
    assert ran.code == 0 and ran.json["state"] == "Healthy" and ran.json["workspaceName"] == "default"
    assert [line.split("  ")[1] for line in ran.err.splitlines() if "  line" in line] == [
        f"line {seq}" for seq in range(1, 6)
    ]


def test_each_step_is_told_once_with_its_duration(deploy):
    err = deploy().err
    assert err.count("-- Build\n") == 1
    assert err.endswith("-- cancer revision 1: live\n   Build                   done         2.0 s\n")


def test_a_step_whose_lines_come_before_its_state_is_told_by_its_title_too(deploy, studio, lines):
    studio.on(
        "GET",
        "/deployments/7/log/stream",
        lambda request: request.events(("message", lines[0]), ("end", {"status": "live"})),
    )
    assert "-- Build\n" in deploy().err


def test_what_is_not_said_leaves_an_existing_service_as_it_is(deploy, studio):
    deploy("--no-wait", "--overwrite")
    assert asked(studio) == {"name": "cancer", "models": ["cancer:2"], "overwrite": True}


def test_escape_sequences_in_the_log_do_not_reach_the_terminal(deploy, studio, lines):
    lines[0]["text"] = "\x1b]0;owned\x07red\x1b[31m"
    assert "\x1b" not in deploy().err


def test_no_wait_returns_without_looking_at_the_log(deploy, studio):
    assert deploy("--no-wait").json["deployment"]["id"] == 7
    assert studio.asked("GET", "/deployments/7/log/stream") == []


def test_a_failed_deployment_ends_with_its_cause_step_traceback_and_advice(deploy, studio, deployment):
    failure = {
        "code": "init-failed",
        "detail": "init() raised KeyError: 'x'.",
        "advice": "Correct init().",
        "step": "building",
        "traceback": "Traceback (most recent call last):\n  KeyError: 'x'\n",
    }
    studio.on("GET", "/deployments/7", {**deployment, "status": "failed", "failure": failure})
    ran = deploy()
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith(
        "ERROR: The deployment of cancer failed: init() raised KeyError: 'x'.\nStep: Build\n"
        "Traceback (most recent call last):\n  KeyError: 'x'\nWhat to do: Correct init().\n"
    )


def test_a_cancelled_deployment_is_a_failure_too(deploy, studio, deployment):
    studio.on("GET", "/deployments/7", {**deployment, "status": "cancelled"})
    ran = deploy()
    assert ran.code == 1 and "was cancelled" in ran.err


def test_an_interrupted_wait_says_that_the_deployment_goes_on(deploy, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("slipway.services.wait", interrupted)
    ran = deploy()
    assert ran.code == 130 and "slipway logs cancer -f" in ran.err


@pytest.mark.parametrize(
    ("arguments", "target"),
    [
        ([], None),
        (["--cp", "process"], "here"),
        (["--cp", "Docker"], "box"),
        (["--ct", "old"], "old"),
        (["-ct", "box", "-cp", "docker"], "box"),
    ],
)
def test_the_target_is_found_by_type_or_name(deploy, studio, arguments, target):
    deploy("--no-wait", *arguments)
    assert asked(studio).get("target") == target


@pytest.mark.parametrize("arguments", [["--cp", "aks"], ["--ct", "nope"], ["--ct", "here", "--cp", "docker"]])
def test_an_unknown_target_is_refused_with_those_there_are(deploy, studio, arguments):
    ran = deploy(*arguments)
    assert ran.code == 1 and "here (process), old (docker), box (docker)" in ran.err
    assert studio.asked("POST", "/services") == []


@pytest.mark.parametrize("dashes", ["-", "--"])
def test_two_letter_options_take_one_dash_or_two(deploy, studio, dashes):
    Path("src").mkdir()
    Path("src/score.py").write_text("")
    Path("ic.json").write_text('{"entryScript": "score.py", "sourceDirectory": "src"}')
    Path("dc.json").write_text('{"computeType": "local"}')
    deploy(
        "--no-wait",
        f"{dashes}ic",
        "ic.json",
        f"{dashes}dc=dc.json",
        f"{dashes}cc",
        "0.5",
        f"{dashes}gb",
        "2",
        f"{dashes}ae",
        "false",
        f"{dashes}kp",
        "my-own-primary-key",
    )
    request = asked(studio)
    assert request["inference_config"] == Path("ic.json").read_text()
    assert studio.uploads[request["source_upload"]] == {"src/score.py": b""}
    assert request["deployment_config"] == {
        "computeType": "local",
        "containerResourceRequirements": {"cpu": 0.5, "memoryInGB": 2},
        "authEnabled": False,
        "keys": {"primaryKey": "my-own-primary-key"},
    }


def test_an_entry_script_can_be_given_without_any_file(deploy, studio):
    Path("score.py").write_text("x")
    deploy("--no-wait", "--es", "score.py", "--bi", "python:3.11", "--overwrite", "--tag", "a=b", "--description", "d")
    request = asked(studio)
    assert request["inference_config"] == {"entryScript": "score.py", "baseImage": "python:3.11"}
    assert (request["overwrite"], request["tags"], request["description"]) == (True, {"a": "b"}, "d")


def test_source_files_are_taken_back_when_the_studio_refuses(deploy, studio):
    Path("score.py").write_text("x")
    studio.problem("POST", "/services", 409, title="A service with this name already exists", advice="Use --overwrite.")
    ran = deploy("--es", "score.py")
    assert ran.code == 1 and "What to do: Use --overwrite." in ran.err and studio.uploads == {}


@pytest.mark.parametrize("name", ["Ab", "ab", "x" * 33, "abc-", "1abc", "a_b_c"])
def test_a_bad_service_name_is_refused_before_anything_is_sent(slipway, studio, name):
    ran = slipway("model", "deploy", "-n", name, "-m", "cancer:2")
    assert ran.code == 1 and "cannot be the name of a service" in ran.err and studio.requests == []


def test_a_model_must_be_named_with_its_version(slipway, studio):
    assert "Name the model to deploy" in slipway("model", "deploy", "-n", "abc").err
    ran = slipway("model", "deploy", "-n", "abc", "-m", "cancer")
    assert ran.code == 1 and "Write NAME:VERSION" in ran.err


def test_logs_prints_the_newest_deployment_s_log_on_standard_output(slipway, studio, lines):
    page = {"lines": lines, "last_seq": 5, "finished": True}
    pages = iter([page, {**page, "lines": []}])
    studio.on("GET", "/deployments/7/log", lambda request: request.json(next(pages)))
    assert slipway("logs", "cancer").out.count("  line ") == 5
    studio.on("GET", "/deployments/7/log", {**page, "lines": []})
    assert slipway("logs", "cancer", "-f").out.count("  line ") == 5


def test_following_a_deployment_that_fails_ends_with_its_cause(slipway, studio, deployment):
    failed = {**deployment, "status": "failed", "failure": {"code": "x", "detail": "No space.", "advice": "Make some."}}
    studio.on("GET", "/deployments/7", failed)
    ran = slipway("logs", "cancer", "--follow")
    assert ran.code == 1 and "failed: No space.\nWhat to do: Make some.\n" in ran.err


def test_the_error_of_a_failed_deployment_is_in_the_service_s_json(slipway, studio, service, deployment):
    failure = {
        "code": "init-failed",
        "detail": "It raised.",
        "advice": "Mend it.",
        "step": "starting",
        "traceback": "Traceback",
    }
    service["deployment"] = {**deployment, "status": "failed", "failure": failure}
    assert slipway("service", "show", "-n", "cancer").json["error"] == {
        "code": "init-failed",
        "message": "It raised.",
        "advice": "Mend it.",
        "step": "starting",
        "traceback": "Traceback",
    }


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["--num-replicas", "3"], {"numReplicas": 3}),
        (
            ["--as", "true", "--mi", "1", "--ma", "5", "--at", "60", "--ar", "1"],
            {
                "autoScaler": {
                    "autoscaleEnabled": True,
                    "minReplicas": 1,
                    "maxReplicas": 5,
                    "targetUtilization": 60,
                    "refreshPeriodInSeconds": 1,
                }
            },
        ),
        (["--as", "false", "--nr", "2"], {"autoScaler": {"autoscaleEnabled": False}, "numReplicas": 2}),
        (["--gc", "0"], {"gpuCores": 0}),
        (
            ["--ps", "5", "--id", "60", "--ts", "3", "--st", "1", "--ft", "4"],
            {
                "livenessProbeRequirements": {
                    "periodSeconds": 5,
                    "initialDelaySeconds": 60,
                    "timeoutSeconds": 3,
                    "successThreshold": 1,
                    "failureThreshold": 4,
                }
            },
        ),
        (["--namespace", "ml"], {"namespace": "ml"}),
    ],
    ids=["replicas", "autoscaler", "no autoscaler", "gpus", "probe", "namespace"],
)
def test_options_for_clusters_are_keys_of_the_deployment_configuration(deploy, studio, words, keys):
    assert deploy("--no-wait", *words).code == 0
    assert asked(studio)["deployment_config"] == keys


def test_an_option_goes_before_the_files_value_and_leaves_its_neighbours(deploy, studio):
    Path("dc.json").write_text(
        '{"autoScaler": {"maxReplicas": 9, "minReplicas": 2}, "kubernetes": {"annotations": {}}}'
    )
    deploy("--no-wait", "--dc", "dc.json", "--ma", "4")
    scaler = {"maxReplicas": 4, "minReplicas": 2}
    assert asked(studio)["deployment_config"] == {"autoScaler": scaler, "kubernetes": {"annotations": {}}}


@pytest.mark.parametrize("kind", ["kubernetes", "AKS", "aksendpoint"])
def test_a_type_of_cluster_means_one_that_answers(deploy, studio, kind):
    down = {"name": "k-down", "kind": "kubernetes", "available": False}
    up = {"name": "k-up", "kind": "kubernetes", "available": True}
    studio.on("GET", "/targets", {"value": [*TARGETS, down, up]})
    deploy("--no-wait", "--cp", kind)
    assert asked(studio)["target"] == "k-up"
