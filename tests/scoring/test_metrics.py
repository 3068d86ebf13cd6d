"""Counts for Prometheus, and a line of JSON for each request."""

import json

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.scoring.scripts import ECHO


@pytest.fixture
def server(serve_script):
    return serve_script(ECHO).ready()


def counted(server) -> dict[tuple, float]:
    text = server.client.get(server.url("/metrics")).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


def test_requests_are_counted_by_route_and_status(server):
    for body in (b"a", b"b", b"\xff"):
        server.score(body)
    server.client.get(server.url("/nowhere"))
    found = counted(server)
    assert found["slipway_requests_total", "score", "200"] == 2
    assert found["slipway_requests_total", "score", "400"] == 1
    assert found["slipway_requests_total", "other", "404"] == 1


def test_their_seconds_batches_and_the_memory_are_told(server):
    server.score("x")
    found = counted(server)
    assert found["slipway_request_seconds_count", "score"] == 1
    assert 0 < found["slipway_request_seconds_sum", "score"] < 10
    assert found["slipway_batch_requests_count",] == found["slipway_batch_requests_sum",] == 1
    assert found["slipway_queue_requests", "0"] == 0
    assert found["slipway_model_load_seconds", "0"] > 0
    assert found["slipway_memory_bytes", "0"] > 10_000_000
    assert found["slipway_worker_starts_total",] == 1


def test_workers_are_counted_together(serve_script):
    server = serve_script(ECHO, WORKER_COUNT="2").ready()
    for _ in range(20):
        httpx.post(server.url("/score"), content=b"x")
    assert counted(server)["slipway_requests_total", "score", "200"] == 20


def test_a_request_leaves_one_line_of_json_with_its_id(server):
    server.score("x", headers={"x-request-id": 'say "hi"'})
    lines = server.until(lambda: [line for line in server.log.splitlines() if "slipway.access" in line])
    said = json.loads(lines[0])
    assert said["request_id"] == 'say "hi"'
    assert said["message"].startswith("POST /score 200 ")
    assert said["status"] == 200 and said["elapsed_ms"] > 0
