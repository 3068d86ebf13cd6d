"""Who may call, and what strangers can find out."""

import hashlib

import httpx
import pytest
from upstreams import KEY, http, sha256, wait_until

PREFLIGHT = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer wrong",
        KEY,
        f"Basic {KEY}",
        f"Bearer {KEY}x",
        f"Bearer {KEY[:-1]}",
        f"Bearer {hashlib.sha256(KEY.encode()).hexdigest()}",
        f"Bearer Bearer {KEY}",
    ],
)
def test_without_the_key_nothing_reaches_the_workload(gateway, workload, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = http.post(f"{gateway.address}/services/default/iris/score", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "key-not-accepted")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert workload.requests == []


@pytest.mark.parametrize("authorization", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER   {KEY}"])
def test_the_key_opens_however_the_scheme_is_written(gateway, workload, authorization):
    url = f"{gateway.address}/services/default/iris/score"
    assert http.get(url, headers={"Authorization": authorization}).status_code == 200


def test_both_keys_open_and_a_regenerated_one_works_at_once(gateway, workload, routes):
    url = f"{gateway.address}/services/default/iris/score"
    routes.set("iris", workload.address, key_hashes=frozenset({sha256("first"), sha256("second")}))
    for number in range(5):
        key = f"made-{number}"
        routes.set("iris", workload.address, key_hashes=frozenset({sha256(key), sha256("second")}))
        assert http.get(url, headers={"Authorization": f"Bearer {key}"}).status_code == 200
        assert http.get(url, headers={"Authorization": "Bearer second"}).status_code == 200
    wait_until(lambda: http.get(url, headers={"Authorization": "Bearer first"}).status_code == 401)


def test_a_key_opens_its_own_service_only(gateway, workload, routes):
    routes.set("other", workload.address, key_hashes=frozenset({sha256("other-key")}))
    headers = {"Authorization": "Bearer other-key"}
    assert http.get(f"{gateway.address}/services/default/other/score", headers=headers).status_code == 200
    assert http.get(f"{gateway.address}/services/default/iris/score", headers=headers).status_code == 401


def test_a_service_without_keys_answers_everybody(gateway, workload, routes):
    routes.set("open", workload.address, auth_enabled=False, key_hashes=frozenset())
    assert http.get(f"{gateway.address}/services/default/open/score").status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, PREFLIGHT])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
def test_strangers_cannot_tell_a_service_from_none(gateway, workload, routes, method, headers):
    routes.set("building", state="Transitioning")
    answers = [
        http.request(method, f"{gateway.address}/services/default/{name}/score", headers=headers)
        for name in ("iris", "building", "nobodys")
    ]
    told = {
        (answer.status_code, answer.content, tuple(name for name, _ in sorted(answer.headers.items())))
        for answer in answers
    }
    assert len(told) == 1


def test_a_preflight_without_a_key_gets_the_workloads_word_on_origins(gateway, workload):
    answer = http.options(f"{gateway.address}/services/default/iris/cors", headers=PREFLIGHT)
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert workload.requests[0]["method"] == "OPTIONS"


def test_a_preflight_without_a_key_carries_no_body_to_the_workload(gateway, workload):
    url = f"{gateway.address}/services/default/iris/cors"
    assert http.request("OPTIONS", url, headers=PREFLIGHT, content=b"run this").status_code == 200
    assert workload.requests[0]["body"] == b""


def test_options_that_are_no_preflight_need_the_key(gateway, workload):
    url = f"{gateway.address}/services/default/iris/score"
    assert http.options(url).status_code == 401
    assert http.options(url, headers={"Origin": "https://app.example"}).status_code == 401


def test_strangers_cannot_make_the_gateway_read_the_database_for_every_call(gateway, workload, routes):
    with httpx.Client(base_url=gateway.address, verify=False) as client:
        before = routes.readings
        for number in range(30):
            client.get(f"/services/default/guess-{number}/score")
        first = client.get("/services/default/x/score").elapsed
    assert routes.readings - before <= 32 + 5
    assert first.total_seconds() < 1


def test_a_websocket_handshake_is_refused(bare, workload):
    said = bare(
        f"GET /services/default/iris/score HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert not said.startswith(b"HTTP/1.1 101")
