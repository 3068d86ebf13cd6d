"""Several replicas behind one backend: who gets a request, and what callers notice of those that come and go."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from upstreams import KEY, NAME, PLACE, Backend, Replicas, Served, Workload, free_port, http, straight, wait_until

from gateway import app, pool
from gateway.app import Gateway
from gateway.endpoints import NoReplicas
from gateway.pool import Pool
from gateway.table import RouteSource


@pytest.fixture
def three(make_workload, replicas) -> list[Workload]:
    """Ready, and named a, b and c."""
    made = [make_workload(name) for name in "abc"]
    replicas.set(*made)
    return made


def refusing() -> object:
    return straight(free_port())


def callers(gateway, threads: ThreadPoolExecutor, count: int, stop: threading.Event) -> list:
    """Call until `stop`; each result counts the statuses and texts seen."""

    def call_on() -> Counter:
        url, headers = f"{gateway.address}/services/default/iris/score", {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(headers=headers, verify=False, timeout=10) as client:
            answers = (client.post(url, content=b"x") for _ in iter(stop.is_set, True))
            return Counter((answer.status_code, answer.text) for answer in answers)

    return [threads.submit(call_on) for _ in range(count)]


def test_load_is_spread_evenly(gateway, three):
    stop = threading.Event()
    with ThreadPoolExecutor() as threads:
        asked = callers(gateway, threads, 4, stop)
        wait_until(lambda: sum(len(each.requests) for each in three) > 300)
        stop.set()
        seen = sum((each.result() for each in asked), Counter())
    assert set(seen) == {(200, "a"), (200, "b"), (200, "c")}
    assert all(0.2 < count / seen.total() < 0.5 for count in seen.values())


def test_one_caller_alone_reaches_all_of_them(iris, three):
    assert {iris.get("score").text for _ in range(40)} == {"a", "b", "c"}


def test_the_replica_with_the_fewest_requests_in_flight_gets_the_next(iris, three):
    a, b, c = three
    with ThreadPoolExecutor() as threads:
        asked = [threads.submit(iris.post, "gated", content=b"x") for _ in range(6)]
        wait_until(lambda: [each.in_flight for each in three] == [2, 2, 2])
        b.gate.set()
        wait_until(lambda: b.in_flight == 0)
        assert [iris.get("score").text for _ in range(8)] == ["b"] * 8
        a.gate.set(), c.gate.set()
        assert Counter(each.result().text for each in asked) == {"a": 2, "b": 2, "c": 2}


def test_the_limit_of_concurrent_requests_is_each_replicas_own(iris, three, routes):
    routes.set_named(max_concurrent=2, max_queue_wait_s=8.0)
    routes.settle()
    with ThreadPoolExecutor(10) as threads:
        asked = [threads.submit(iris.post, "gated", content=b"x") for _ in range(10)]
        wait_until(lambda: [each.in_flight for each in three] == [2, 2, 2])
        time.sleep(0.2)
        for each in three:
            each.gate.set()
        assert {each.result().status_code for each in asked} == {200}
    assert [each.most_in_flight for each in three] == [2, 2, 2]


def test_when_every_replica_is_full_it_is_said_in_azures_words(iris, three, routes):
    routes.set_named(max_concurrent=1, max_queue_wait_s=0.1)
    routes.settle()
    with ThreadPoolExecutor() as threads:
        asked = [threads.submit(iris.post, "gated", content=b"x") for _ in range(3)]
        wait_until(lambda: [each.in_flight for each in three] == [1, 1, 1])
        assert iris.get("score").json()["code"] == "overloaded"
        for each in three:
            each.gate.set()
        assert {each.result().status_code for each in asked} == {200}


@pytest.mark.parametrize("dead", [1, 2, 3])
def test_replicas_that_refuse_connections_are_passed_over(iris, make_workload, replicas, dead):
    alive = make_workload("alive")
    replicas.set(*(refusing() for _ in range(dead)), alive)
    answers = [iris.post("score", content=b"x") for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    assert [request["body"] for request in alive.requests] == [b"x"] * 20


def test_what_refused_before_is_not_tried_first_by_every_request(iris, make_workload, replicas):
    alive = make_workload("alive")
    replicas.set(*(refusing() for _ in range(20)), alive)
    # A request tries four replicas at most: by the sixth, all that refuse are known.
    assert {iris.get("score").status_code for _ in range(20)} <= {200, 503}
    assert {iris.get("score").status_code for _ in range(10)} == {200}


def test_a_replica_that_accepts_connections_again_is_asked_again(iris, make_workload, replicas, monkeypatch):
    monkeypatch.setattr(pool, "REFUSED_S", 0.1)
    monkeypatch.setattr(pool, "SWEEP_S", 0.1)
    steady, back = make_workload("steady"), make_workload("back")
    replicas.set(steady, back)
    back.served.stop()
    assert {iris.get("score").text for _ in range(10)} == {"steady"}
    back.served = Served(back, port=back.served.port)
    wait_until(lambda: iris.get("score").text == "back")


def test_when_all_replicas_refuse_connections_it_is_said(iris, replicas):
    replicas.set(refusing(), refusing())
    answer = iris.get("score")
    assert (answer.status_code, answer.json()["code"]) == (503, "workload-unreachable")


def test_without_a_ready_replica_callers_are_told_so(iris, replicas):
    answer = iris.post("score", content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (503, "no-ready-replicas")
    assert answer.json()["detail"].startswith("No ready replicas for service iris")
    assert (answer.headers["retry-after"], answer.headers["x-slipway-revision"]) == ("2", "1")
    assert 0.5 <= answer.elapsed.total_seconds() < 2


def test_a_request_waits_in_the_queues_time_for_the_first_replica(iris, make_workload, routes, replicas):
    routes.set_named(max_queue_wait_s=8.0)
    routes.settle()
    workload = make_workload()
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(iris.post, "score", content=b"x")
        time.sleep(0.3)
        assert not asked.done()
        replicas.set(workload)
        assert asked.result().status_code == 200


def test_callers_notice_nothing_of_replicas_that_come_and_go(gateway, make_workload, replicas):
    stop, steady = threading.Event(), make_workload("steady")
    replicas.set(steady)
    with ThreadPoolExecutor() as threads:
        asked = callers(gateway, threads, 4, stop)
        for number in range(4):
            passing = make_workload(f"passing-{number}")
            replicas.set(steady, passing)
            wait_until(lambda up=passing: len(up.requests) > 10)
            replicas.set(steady)
            time.sleep(0.1)  # a pod that ends is given five seconds
            passing.served.stop()
        stop.set()
        seen = sum((each.result() for each in asked), Counter())
    assert {status for status, _ in seen} == {200}
    assert {text for _, text in seen} == {"steady", *(f"passing-{number}" for number in range(4))}


def test_a_replica_that_is_ending_finishes_its_requests_and_gets_no_new_ones(iris, three, replicas):
    with ThreadPoolExecutor() as threads:
        asked = [threads.submit(iris.post, "gated", content=b"x") for _ in range(3)]
        wait_until(lambda: [each.in_flight for each in three] == [1, 1, 1])
        replicas.set(*three[1:])
        assert {iris.get("score").text for _ in range(20)} == {"b", "c"}
        for each in three:
            each.gate.set()
        assert Counter(each.result().text for each in asked) == {"a": 1, "b": 1, "c": 1}


def test_connections_to_a_replica_that_is_gone_are_closed(iris, make_workload, replicas, monkeypatch):
    monkeypatch.setattr(pool, "IDLE_S", 0.2)
    monkeypatch.setattr(pool, "SWEEP_S", 0.1)
    workload = make_workload()
    replicas.set(workload)
    assert iris.get("score").status_code == 200
    replicas.set()
    wait_until(lambda: not workload.served.server.server_state.connections)


def test_a_named_session_stays_with_its_revision_at_any_replica_of_it(iris, make_workload, routes, replicas, three):
    other = make_workload("other")
    routes.set("iris", backends=(Backend(1, 50, NAME, PLACE), Backend(2, 50, other.address)))
    routes.settle()
    seen = {name: {iris.get("score", headers={"x-session-id": name}).text for _ in range(12)} for name in "klmnopq"}
    assert all(each == {"other"} or ("other" not in each and len(each) > 1) for each in seen.values())


def test_the_source_is_told_the_places_that_routes_name_and_stopped_in_the_end(routes, workload):
    cluster = Replicas()
    served = Served(Gateway(RouteSource(routes.version, routes.load), cluster))
    routes.set_named()
    wait_until(lambda: cluster.places == {PLACE})
    routes.set("iris", workload.address)
    wait_until(lambda: cluster.places == frozenset())
    served.stop()
    assert cluster.stopped


def test_a_gateway_starts_once_it_knows_something_of_every_place(routes, make_workload, monkeypatch):
    routes.set_named(max_queue_wait_s=0.0)
    cluster, workload = Replicas(), make_workload()
    threading.Timer(0.3, cluster.set, (workload,)).start()
    served = Served(Gateway(RouteSource(routes.version, routes.load), cluster))
    url, headers = f"{served.address}/services/default/iris/score", {"Authorization": f"Bearer {KEY}"}
    assert http.get(url, headers=headers).status_code == 200
    served.stop()


def test_a_gateway_starts_without_a_place_that_tells_nothing(routes, workload, monkeypatch):
    monkeypatch.setattr(app, "START_WAIT_S", 0.2)
    routes.set_named()
    served = Served(Gateway(RouteSource(routes.version, routes.load), Replicas()))
    assert http.get(f"{served.address}/readyz").status_code == 200
    served.stop()


def test_replicas_are_made_once_and_not_for_every_request():
    class Anew(NoReplicas):
        def of(self, place, address):
            return (straight(1), straight(2))

    made = Pool(Anew())
    at_address, at_name = Backend(1, 100, "http://127.0.0.1:1"), Backend(1, 100, NAME, PLACE)
    assert made.replicas(at_address) is made.replicas(at_address)
    first, again = made.replicas(at_name), made.replicas(at_name)
    assert [id(each) for each in first] == [id(each) for each in again]
    made.close_idle(before=float("inf"))
    assert made.replicas(at_name)[0] is not first[0]  # nobody used them: forgotten
