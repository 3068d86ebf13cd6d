"""Which workload answers, and what a switch or a lost database means for callers."""

import logging
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import httpx
from upstreams import KEY, Backend, Served, free_port, http, wait_until

from gateway import table
from gateway.app import Gateway
from gateway.table import RouteSource


def test_a_service_that_has_just_become_live_is_callable_at_once(iris, gateway, make_workload, routes):
    for number in range(5):
        routes.set(f"new-{number}", make_workload().address)
        address = f"{gateway.address}/services/default/new-{number}/score"
        assert http.get(address, headers={"Authorization": f"Bearer {KEY}"}).status_code == 200


def test_a_service_without_a_live_revision_says_what_it_is_doing(iris, gateway, routes):
    routes.set("iris", state="Transitioning")
    answer = iris.post("score", json={})
    assert (answer.status_code, answer.json()["code"]) == (503, "no-ready-replicas")
    assert "No ready replicas for service iris: it is Transitioning" in answer.json()["detail"]


def test_new_requests_go_to_the_new_revision_after_a_switch(iris, gateway, make_workload, routes):
    old, new = make_workload("old"), make_workload("new")
    routes.set("iris", old.address)
    assert iris.get("score").text == "old"
    routes.set("iris", backends=(Backend(2, 100, new.address),))
    wait_until(lambda: iris.get("score").text == "new")
    assert iris.get("score").headers["x-slipway-revision"] == "2"


def test_a_request_in_flight_survives_the_switch_to_another_revision(iris, gateway, make_workload, routes):
    old, new = make_workload("old"), make_workload("new")
    routes.set("iris", old.address)
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(iris.post, "gated", content=b"x")
        wait_until(lambda: old.in_flight == 1)
        routes.set("iris", backends=(Backend(2, 100, new.address),))
        wait_until(lambda: iris.get("score").text == "new")
        old.gate.set()
        assert (asked.result().status_code, asked.result().text) == (200, "old")
        assert asked.result().headers["x-slipway-revision"] == "1"


def test_callers_notice_nothing_when_revisions_are_replaced_under_load(gateway, make_workload, routes):
    workloads = [make_workload(str(number)) for number in range(1, 5)]
    routes.set("iris", workloads[0].address)
    stop = threading.Event()

    def call_on() -> set[int]:
        url, headers = f"{gateway.address}/services/default/iris/score", {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(headers=headers, verify=False) as client:
            return {client.post(url, content=b"x").status_code for _ in iter(stop.is_set, True)}

    with ThreadPoolExecutor() as threads:
        callers = [threads.submit(call_on) for _ in range(4)]
        for before, after in pairwise(workloads):
            routes.set("iris", after.address)
            routes.settle()
            wait_until(lambda up=after: up.requests)
            before.served.stop()
        stop.set()
        assert all(caller.result() == {200} for caller in callers)


def test_a_refused_connection_is_tried_again_where_the_routes_point_now(iris, make_workload, routes, monkeypatch):
    # The table has not noticed the switch yet: the next regular reading is far off.
    monkeypatch.setattr(table, "INTERVAL_S", 60.0)
    routes.set("iris", f"http://127.0.0.1:{free_port()}")
    wait_until(lambda: iris.get("score").status_code == 503)
    new = make_workload("new")
    routes.set("iris", backends=(Backend(2, 100, new.address),))
    answer = iris.post("score", content=b"x")
    assert (answer.text, answer.headers["x-slipway-revision"]) == ("new", "2")
    assert [request["body"] for request in new.requests] == [b"x"]


def test_a_workload_that_accepts_no_connection_is_reported_in_words(iris, gateway, routes):
    routes.set("iris", f"http://127.0.0.1:{free_port()}")
    answer = iris.post("score", json={})
    assert (answer.status_code, answer.json()["code"]) == (503, "workload-unreachable")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] and answer.json()["advice"]


def test_traffic_is_split_by_weight(iris, make_workload, routes):
    a, b, c = (make_workload(name) for name in "abc")
    routes.set("iris", backends=(Backend(1, 80, a.address), Backend(2, 20, b.address), Backend(3, 0, c.address)))
    seen = Counter(iris.get("score").text for _ in range(300))
    assert 200 < seen["a"] < 275 and seen["a"] + seen["b"] == 300


def test_a_named_session_stays_with_one_revision(iris, make_workload, routes):
    a, b = make_workload("a"), make_workload("b")
    routes.set("iris", backends=(Backend(1, 50, a.address), Backend(2, 50, b.address)))
    where = {name: {iris.get("score", headers={"x-session-id": name}).text for _ in range(5)} for name in "klmnopqrst"}
    assert all(len(each) == 1 for each in where.values())
    assert set.union(*where.values()) == {"a", "b"}


def test_the_last_routes_serve_on_without_the_database_and_it_is_said_once(iris, workload, routes, caplog):
    assert iris.get("score").status_code == 200
    with caplog.at_level(logging.WARNING, "gateway"):
        routes.error = ConnectionError("the database is away")
        readings = routes.readings
        wait_until(lambda: routes.readings > readings + 3)
        assert iris.get("score").status_code == 200
        routes.error = None
        wait_until(lambda: "reading routes again" in caplog.text)
    assert caplog.text.count("the database is away") == 1


def test_a_gateway_that_started_without_the_database_says_so_until_it_is_back(routes, workload):
    routes.error = ConnectionError("away")
    served = Served(Gateway(RouteSource(routes.version, routes.load)))
    url, headers = f"{served.address}/services/default/iris/score", {"Authorization": f"Bearer {KEY}"}
    assert http.get(f"{served.address}/healthz").status_code == 200
    assert http.get(f"{served.address}/readyz").status_code == 503
    assert http.get(url, headers=headers).json()["code"] == "gateway-not-ready"
    routes.error = None
    assert http.get(url, headers=headers).status_code == 200
    assert http.get(f"{served.address}/readyz").status_code == 200
    served.stop()


def test_a_database_that_hangs_delays_nobody_whose_route_is_known(iris, workload, routes):
    iris.get("score")
    answers = threading.Event()
    routes.before_version = answers.wait
    wait_until(lambda: routes.hanging)
    assert iris.get("score").elapsed.total_seconds() < 0.5
    answers.set()


def refuses_connections(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) != 0


def test_a_stop_lets_requests_in_flight_finish_and_takes_no_new_ones(workload, routes):
    served = Served(Gateway(RouteSource(routes.version, routes.load)))
    url, headers = f"{served.address}/services/default/iris/gated", {"Authorization": f"Bearer {KEY}"}
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(http.post, url, headers=headers, content=b"x")
        wait_until(lambda: workload.in_flight == 1)
        served.ask_to_stop()
        wait_until(lambda: refuses_connections(served.port))
        workload.gate.set()
        assert asked.result().status_code == 200
    served.stop()
