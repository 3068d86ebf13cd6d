"""REST of profiles: what is answered, and what is refused with which words."""

import csv
import io

import pytest

from profiling.models import Profile
from profiling.states import Purpose, SizeState
from tests import objects
from tests.profiling.measured import SAMPLES, ended, size

BASE = "/api/v1/workspaces/vision/profiles"


@pytest.fixture
def api(contributor):
    return objects.with_token(contributor)


@pytest.fixture
def asked(place, contributor, driver, rings):
    objects.target(place)
    objects.version(place, contributor)
    return {"models": ["digits:1"], "samples": SAMPLES, "cpu": 1, "memory_gb": 1, "try_onnx": False}


@pytest.fixture
def measured(start):
    """One that succeeded, with two sizes of CPU and one of memory."""
    profile = start(name="mine", cpu=[0.5])
    profile.sizes.all().delete()
    size(
        profile, 1, (1, 100, 10), (2, 180, 11), (-90, 90, 12), cold_start={"start_s": 0.4}, timeline=[[0, 0.5, 1, 0, 1]]
    )
    size(profile, 0.5, state=SizeState.FAILED, failure={"code": "out-of-memory", "detail": "It ended."}, purpose="cpu")
    size(profile, 1, (2, 180, 11), purpose=Purpose.MEMORY)
    told = {
        "measured_cpu": 1,
        "cpu": 1,
        "memory_gb": 0.25,
        "replicas": 1,
        "concurrency": 2,
        "onnx": True,
        "p95_ms": 11.0,
    }
    Profile.objects.filter(pk=profile.pk).update(recommendation=told | {"requests_per_second": 126.0})
    return ended(profile)


def post(api, path="", body=None):
    return api.post(f"{BASE}{path}", body or {}, content_type="application/json")


def test_a_profile_is_started_shown_and_listed(api, asked):
    made = post(api, body={**asked, "name": "mine", "goal": {"p95_ms": 100}})
    assert made.status_code == 202, made.content
    told = api.get(f"{BASE}/mine").json()
    assert told == made.json()
    assert (told["status"], told["models"], told["target"]) == ("queued", ["digits:1"], "process")
    assert told["settings"]["goal"] == {"p95_ms": 100.0, "requests_per_second": None}
    assert told["samples"] == {"source": "upload", "count": 3, "bytes": 66}
    assert told["progress"] == {"done": 0, "total": 9, "now": ""}
    listed = api.get(BASE, {"model": "digits", "version": 1}).json()
    assert [row["name"] for row in listed["value"]] == ["mine"]
    assert "sizes" not in listed["value"][0]
    assert api.get(BASE, {"model": "other"}).json()["value"] == []


def test_all_that_was_measured_is_told(api, measured):
    told = api.get(f"{BASE}/mine").json()
    first, second, third = told["sizes"]
    assert first["knee"] == {"concurrency": 2}
    assert [(point["mode"], point["concurrency"], point["rate"]) for point in first["points"]] == [
        ("closed", 1, None),
        ("closed", 2, None),
        ("open", None, 90.0),
    ]
    assert first["points"][0]["stages"] == {"client": 0.1, "queue": 0.2, "model": 0.3, "other": 0.1}
    assert (second["state"], second["failure"]["code"], second["knee"]) == ("failed", "out-of-memory", None)
    assert third["purpose"] == "memory"
    url = "/w/vision/models/digits/1/deploy/?cpu=1&memory_gb=0.25&target=process&convert_to_onnx=on"
    assert told["recommendation"]["deploy_url"] == url


def test_the_result_has_azures_keys(api, measured):
    told = api.get(f"{BASE}/mine/result").json()
    assert told == {
        "name": "mine",
        "state": "Succeeded",
        "createdTime": told["createdTime"],
        "requestedCpu": 0.5,
        "requestedMemoryInGB": 1.0,
        "maxUtilizedCpu": 0.9,
        "maxUtilizedMemoryInGB": 100 / 1024,
        "totalQueries": 1000,
        "successQueries": 1000,
        "successRate": 100.0,
        "measuredQueriesPerSecond": 180,
        "averageLatencyInMs": 5.5,
        "latencyPercentile50InMs": 5.5,
        "latencyPercentile90InMs": 11,
        "latencyPercentile95InMs": 11,
        "latencyPercentile99InMs": 11,
        "latencyPercentile999InMs": 11,
        "recommendedCpu": 1,
        "recommendedMemoryInGB": 0.25,
        "cpu": 1,
        "memoryInGB": 0.25,
    }


def test_the_result_of_one_that_failed_tells_the_error(api, start):
    profile = start(name="mine")
    failure = {"code": "samples-rejected", "detail": "400", "advice": ""}
    Profile.objects.filter(pk=profile.pk).update(status="failed", failure=failure)
    told = api.get(f"{BASE}/mine/result").json()
    assert (told["state"], told["error"]) == ("Failed", {"code": "samples-rejected", "message": "400"})


def test_points_are_a_table(api, measured):
    answer = api.get(f"{BASE}/mine/points.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["cpu"], row["mode"], row["load"], row["p95_ms"], row["queue_ms"]) for row in rows][:3] == [
        ("1.0", "closed", "1.0", "10", "0.2"),
        ("1.0", "closed", "2.0", "11", "0.2"),
        ("1.0", "open", "90.0", "12", "0.2"),
    ]


def test_it_is_stopped_resumed_and_deleted(api, asked):
    post(api, body={**asked, "name": "mine"})
    assert post(api, "/mine/cancel").json()["status"] == "cancelled"
    refused = post(api, "/mine/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "profile-finished")
    assert post(api, "/mine/resume").json()["status"] == "queued"
    refused = api.delete(f"{BASE}/mine")
    assert (refused.status_code, refused.json()["code"]) == (409, "profile-running")
    post(api, "/mine/cancel")
    assert api.delete(f"{BASE}/mine").status_code == 204
    gone = api.get(f"{BASE}/mine")
    assert (gone.status_code, gone.json()["code"]) == (404, "profile-not-found")


def test_the_log_is_a_text(api, measured):
    measured.lines.create(seq=1, at="2026-01-01T00:00:00Z", step="", stream="slipway", text="1 CPU: 4 at a time")
    assert api.get(f"{BASE}/mine/log").content.decode() == "2026-01-01T00:00:00.000+00:00 1 CPU: 4 at a time\n"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cpu": 64}, "cpu"),
        ({"cpu": "many"}, "cpu"),
        ({"cpu": []}, "cpu"),
        ({"memory_gb": [None]}, "memory_gb"),
        ({"goal": {"p95_ms": 0}}, "goal.p95_ms"),
        ({"samples": '{"data":'}, "samples"),
        ({"samples": ""}, "samples"),
        ({"samples_format": "xml"}, "samples_format"),
        ({"name": "a b"}, "name"),
    ],
    ids=str,
)
def test_bad_requests_name_their_field(api, asked, changes, field):
    refused = post(api, body={**asked, **changes})
    assert refused.status_code in {400, 422}, refused.content
    assert list(refused.json()["errors"]) == [field]
    assert not Profile.objects.exists()


def test_numbers_that_are_none_are_refused(api, asked):
    refused = api.post(BASE, '{"models": ["digits:1"], "cpu": NaN}', content_type="application/json")
    assert refused.status_code in {400, 422}
    assert not Profile.objects.exists()


def test_another_workspaces_profiles_are_not_there(measured, stranger):
    assert objects.with_token(stranger).get(f"{BASE}/mine").status_code == 404


def test_the_list_costs_the_same_for_many(api, asked, django_assert_max_num_queries):
    for _ in range(4):
        post(api, body=asked)
    with django_assert_max_num_queries(9):
        assert len(api.get(BASE).json()["value"]) == 4
