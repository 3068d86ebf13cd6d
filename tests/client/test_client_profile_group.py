from pathlib import Path

import pytest
from slipway import profiles

CSV = "cpu,memory_gb,throughput\n0.5,1,300\n"


@pytest.fixture(autouse=True)
def studio(fake, measured, monkeypatch):
    monkeypatch.setattr(profiles, "POLL_S", 0)
    short = {key: value for key, value in measured.items() if key not in ("sizes", "settings")}
    fake.on("GET", "/profiles", {"value": [short], "next": None})
    fake.on("GET", "/profiles/cancer-small", measured)
    fake.on("GET", "/profiles/cancer-small/result", {"name": "cancer-small", "cpu": 0.5, "memoryInGB": 0.25})
    fake.on(
        "GET", "/profiles/cancer-small/log", lambda request: request.bytes(b"one\n\x1b[31mtwo\n", kind="text/plain")
    )
    fake.on("GET", "/profiles/cancer-small/points.csv", lambda request: request.bytes(CSV.encode(), kind="text/csv"))
    return fake


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ([], {}),
        (["--model", "cancer"], {"model": ["cancer"]}),
        (["-m", "cancer:2"], {"model": ["cancer"], "version": ["2"]}),
    ],
)
def test_the_list_is_of_the_workspace_of_a_model_or_of_a_version(slipway, studio, words, query):
    assert [found["name"] for found in slipway("profile", "list", *words).json] == ["cancer-small"]
    assert studio.asked("GET", "/profiles")[0].query == {"limit": ["255"], **query}


def test_a_list_of_many_is_fetched_by_pages(slipway, studio, measured):
    pages = {None: ("a", "c1"), "c1": ("b", None)}

    def answer(request):
        name, cursor = pages[request.query.get("cursor", [None])[0]]
        request.json({"value": [measured | {"name": name}], "next": cursor})

    studio.on("GET", "/profiles", answer)
    assert slipway("profile", "list", "--query", "[].name", "-o", "tsv").out == "a\nb\n"


def test_the_table_of_profiles_shows_what_they_recommend(slipway, studio, measured):
    unfinished = measured | {"name": "other", "status": "measuring", "recommendation": None}
    studio.on("GET", "/profiles", {"value": [measured, unfinished], "next": None})
    heading, _, first, second = slipway("profile", "list", "-o", "table").out.splitlines()
    assert " ".join(heading.split()) == (
        "Name Status Models ComputeName Cpu MemoryInGB P95Ms RequestsPerSecond Created"
    )
    assert " ".join(first.split()).startswith("cancer-small succeeded cancer:2 here 0.5 0.25 9.1 700.0 2026-")
    assert " ".join(second.split()).startswith("other measuring cancer:2 here 2026-")


def test_show_has_azures_spelling(slipway):
    found = slipway("profile", "show", "-n", "cancer-small").json
    assert (found["modelIds"], found["computeName"], found["error"]) == (["cancer:2"], "here", None)
    assert found["recommendation"]["memoryInGB"] == 0.25 and found["sizes"][0]["points"][0]["p95Ms"] == 3.5


def test_show_tells_why_a_profile_failed_as_services_do(slipway, studio, measured):
    failure = {"code": "nothing-measured", "detail": "No size was enough.", "advice": "Give more."}
    studio.on("GET", "/profiles/cancer-small", measured | {"status": "failed", "failure": failure})
    error = slipway("profile", "show", "-n", "cancer-small").json["error"]
    assert (error["code"], error["message"]) == ("nothing-measured", "No size was enough.")


def test_show_writes_the_result_of_a_profile_that_was_not_waited_for(slipway):
    assert slipway("profile", "show", "-n", "cancer-small", "-t", "r.json").code == 0
    assert '"memoryInGB": 0.25' in Path("r.json").read_text()


def test_there_is_no_result_to_write_before_the_end(slipway, studio):
    studio.on("GET", "/profiles/cancer-small/result", {"name": "cancer-small", "state": "Running"})
    ran = slipway("profile", "show", "-n", "cancer-small", "-t", "r.json")
    assert ran.code == 1 and "recommends no size: its state is Running" in ran.err and not Path("r.json").exists()


def test_the_log_is_text_without_escape_sequences(slipway):
    assert slipway("profile", "log", "-n", "cancer-small").out == "one\n[31mtwo\n"
    assert slipway("profile", "log", "-n", "cancer-small", "-o", "json").json == "one\n\x1b[31mtwo\n"


def test_points_are_csv_or_rows(slipway):
    points = ("profile", "points", "-n", "cancer-small")
    assert slipway(*points).out == CSV
    assert slipway(*points, "--csv", "p.csv").out == "" and Path("p.csv").read_text() == CSV
    query = "[].{cpu: cpu, gb: memoryInGB, used: cpuUsed, rate: throughput}"
    assert slipway(*points, "--query", query, "-o", "tsv").out == "0.5\t1.0\t0.4\t300.0\n0.5\t1.0\t0.5\t700.0\n"
    assert slipway(*points, "-o", "table").out.splitlines()[3].endswith("unstable, 2 errors")


def test_points_go_to_a_file_as_csv_alone(slipway):
    assert slipway("profile", "points", "-n", "cancer-small", "--csv", "p.csv", "-o", "json").code == 2
    assert "does not exist" in slipway("profile", "points", "-n", "cancer-small", "--csv", "no/p.csv").err


@pytest.mark.parametrize(("finished", "notes"), [(False, 1), (True, 0)])
def test_cancel_says_when_it_takes_a_moment(slipway, studio, measured, finished, notes):
    studio.on("POST", "/profiles/cancer-small/cancel", measured | {"finished": finished, "cancel_requested": True})
    ran = slipway("profile", "cancel", "-n", "cancer-small")
    assert ran.json["cancelRequested"] is True and ran.err.count("ends after what it measures now") == notes


def test_resume_waits_and_writes_the_result_as_the_first_run_does(slipway, studio, measured):
    studio.on("POST", "/profiles/cancer-small/resume", measured | {"status": "queued", "finished": False}, 202)
    ran = slipway("profile", "resume", "-n", "cancer-small", "-t", "r.json")
    assert ran.json["cpu"] == 0.5 and "Recommended: 0.5 CPU" in ran.err and Path("r.json").exists()
    assert slipway("profile", "resume", "-n", "cancer-small", "--no-wait").json["status"] == "queued"


def test_delete_says_that_it_is_done(slipway, studio):
    studio.on("DELETE", "/profiles/cancer-small", lambda request: request.json(None, 204))
    assert slipway("profile", "delete", "-n", "cancer-small").err == "The profile cancer-small is deleted.\n"


@pytest.mark.parametrize(
    ("verb", "method", "path"),
    [
        ("show", "GET", ""),
        ("log", "GET", "/log"),
        ("points", "GET", "/points.csv"),
        ("cancel", "POST", "/cancel"),
        ("resume", "POST", "/resume"),
        ("delete", "DELETE", ""),
    ],
)
def test_refusals_are_told_with_their_advice(slipway, studio, verb, method, path):
    studio.problem(method, f"/profiles/cancer-small{path}", 409, title="Not now", advice="Wait for it.")
    ran = slipway("profile", verb, "-n", "cancer-small")
    assert (ran.code, ran.err) == (1, "ERROR: Not now\nWhat to do: Wait for it.\n")


@pytest.mark.parametrize("verb", ["show", "log", "points", "cancel", "resume", "delete"])
def test_a_name_that_can_be_none_is_not_sent(slipway, studio, verb):
    ran = slipway("profile", verb, "-n", "../models")
    assert ran.code == 1 and "cannot be the name of a profile" in ran.err and studio.requests == []
