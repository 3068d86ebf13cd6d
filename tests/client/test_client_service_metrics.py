"""`slipway service metrics`."""

import pytest
from slipway.cli import output

ROW = {
    "at": "2026-11-20T10:00:00Z", "requests": 120, "requests_per_second": 12.0, "ok": 118, "client_errors": 1,
    "errors": 1, "p50_ms": 3.14, "p95_ms": 9.0, "p99_ms": 120.4, "mean_ms": 4.0, "in_flight": 2.1, "cpu": 0.4,
    "memory_bytes": 94371840, "cpu_limit": 1.0, "memory_limit_bytes": 1073741824, "replicas": 1, "wanted_replicas": 1,
}  # fmt: skip
UNMEASURED = dict.fromkeys(ROW) | {"at": "2026-11-20T10:00:10Z", "memory_bytes": 1610612736}
FOUND = {
    "service": "cancer",
    "from": "2026-11-20T09:00:00Z",
    "to": "2026-11-20T10:00:10Z",
    "step_s": 10,
    "series": [ROW, UNMEASURED],
    "marks": [{"at": "2026-11-20T10:00:05Z", "text": "Revision 3 live", "deployment": 12}],
}


@pytest.fixture(autouse=True)
def studio(fake):
    fake.on("GET", "/services/cancer/metrics", FOUND)
    return fake


def test_json_has_the_series_and_what_changed_meanwhile(slipway):
    found = slipway("service", "metrics", "-n", "cancer").json
    assert (found["stepS"], found["marks"][0]["text"]) == (10, "Revision 3 live")
    assert found["series"][0]["requestsPerSecond"] == 12.0 and found["series"][1]["p95Ms"] is None


def test_the_table_is_of_the_series_and_empty_where_nobody_measured(slipway):
    heading, _, first, second = slipway("service", "metrics", "-n", "cancer", "-o", "table").out.splitlines()
    assert " ".join(heading.split()) == "Time Requests/s Errors P50Ms P95Ms P99Ms CPU Memory Replicas"
    assert " ".join(first.split()[2:]) == "12.0 1 3.1 9.0 120 0.40 90 MB 1"
    assert second.split()[2:] == ["1.50", "GB"]


def test_the_series_is_a_table_on_a_terminal_and_lines_for_scripts(slipway, monkeypatch):
    assert len(slipway("service", "metrics", "-n", "cancer", "-o", "tsv").out.splitlines()) == 2
    monkeypatch.setattr(output.sys.stdout, "isatty", lambda: True)
    assert slipway("service", "metrics", "-n", "cancer").out.startswith("Time ")
    assert slipway("service", "metrics", "-n", "cancer", "--query", "stepS").out == "10\n"


@pytest.mark.parametrize(("words", "asked"), [([], "1h"), (["--range", "7d"], "7d")])
def test_how_far_back_is_the_studios_word(slipway, studio, words, asked):
    slipway("service", "metrics", "-n", "cancer", *words)
    assert studio.asked("GET", "/services/cancer/metrics")[0].query == {"range": [asked]}


def test_another_range_and_a_service_there_is_not_are_refused(slipway, studio):
    ran = slipway("service", "metrics", "-n", "cancer", "--range", "2h")
    assert ran.code == 2 and "'15m', '1h', '6h', '1d', '7d', '30d'" in ran.err
    studio.problem("GET", "/services/other/metrics", 404, title="No such service")
    assert "ERROR: No such service" in slipway("service", "metrics", "-n", "other").err
