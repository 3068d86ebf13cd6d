"""Replicas behind the API server of their cluster: TLS, a path before theirs, and the gateway's own credentials."""

import socket
import ssl
import threading

import pytest
from certificates import SERVER_NAME, Authority
from upstreams import PATIENCE_S, Endpoint, Scripted, Served, Workload, reply, wait_until

PREFIX = "/api/v1/namespaces/models/pods/{}:5001/proxy"
TOKEN = "Bearer the-cluster's-token"


class ApiServer:
    """Passes requests on to the pods it knows by name, as the real one's proxy does."""

    def __init__(self, **tls: str) -> None:
        self.pods: dict[str, Workload] = {}
        self.heads: list[list[tuple[str, str]]] = []
        self.served = Served(self, **tls)

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        heads = [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]]
        self.heads.append(heads)
        before, _, path = scope["path"].partition("/proxy")
        if dict(heads).get("authorization") != TOKEN:
            await reply(send, b"Unauthorized", 401)
        else:
            path = {"path": path, "raw_path": path.encode()}
            await self.pods[before.split("/")[-1]](scope | path, receive, send)

    def endpoint(self, name: str, workload: Workload, tls: ssl.SSLContext, more: str = "") -> Endpoint:
        self.pods[f"{name}:5001"] = workload
        headers = f"authorization: {TOKEN}\r\n{more}".encode()
        return at(self.served.port, tls, PREFIX.format(name).encode(), headers)

    @property
    def connections(self) -> set:
        return self.served.server.server_state.connections


def at(port: int, tls: ssl.SSLContext, prefix: bytes = b"", headers: bytes = b"") -> Endpoint:
    return Endpoint("127.0.0.1", port, f"{SERVER_NAME}:{port}", tls, SERVER_NAME, prefix, headers)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def certificate(authority, tmp_path_factory) -> dict[str, str]:
    return authority.served_as(SERVER_NAME, tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def api_server(certificate):
    made = ApiServer(**certificate)
    yield made
    made.served.stop()


@pytest.fixture
def pod(api_server, authority, make_workload, replicas) -> Workload:
    """The only replica of default/iris."""
    made = make_workload("pod")
    replicas.set(api_server.endpoint("iris-1", made, authority.context(), "x-tenant: gateway\r\n"))
    return made


@pytest.fixture
def tls_listener(certificate):
    """Accepts bare TLS connections."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate["ssl_certfile"], certificate["ssl_keyfile"])
    with socket.create_server(("127.0.0.1", 0)) as plain, context.wrap_socket(plain, server_side=True) as listener:
        yield listener


def test_a_request_goes_under_the_pods_path_with_the_gateways_credentials(iris, api_server, pod):
    answer = iris.post("score?verbose=1", json={"data": [1]})
    assert (answer.status_code, answer.text) == (200, "pod")
    assert pod.requests[0]["target"] == "/score?verbose=1"
    assert pod.requests[0]["body"] == b'{"data":[1]}'
    seen = dict(api_server.heads[0])
    assert seen["host"] == f"{SERVER_NAME}:{api_server.served.port}"
    assert seen["x-forwarded-prefix"] == "/services/default/iris"


def test_callers_cannot_say_for_themselves_what_the_gateway_says(iris, api_server, pod):
    forged = {
        "X-Tenant": "mine",
        "Impersonate-User": "system:admin",
        "Impersonate-Extra-Scopes": "all",
        "X-Remote-User": "root",
        "Connection": "keep-alive, authorization, x-tenant",
    }
    assert iris.get("score", headers=forged).status_code == 200
    (heads,) = api_server.heads
    assert [value for name, value in heads if name == "authorization"] == [TOKEN]
    assert [value for name, value in heads if name == "x-tenant"] == ["gateway"]
    assert not [name for name, _ in heads if name.startswith(("impersonate-", "x-remote-"))]


def test_credentials_of_the_cluster_go_to_no_other_replica(iris, api_server, pod, replicas, make_workload):
    assert iris.get("score").status_code == 200
    plain = make_workload("plain")
    replicas.set(plain)
    assert iris.get("score").text == "plain"
    assert "authorization" not in dict(plain.requests[0]["headers"])


@pytest.mark.parametrize("size", [0, 50_000, 5_000_000])
@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
def test_a_body_of_any_size_arrives_whole_over_tls(iris, pod, size, chunked):
    parts = [b"x" * 50_000] * (size // 50_000)
    assert iris.post("score", content=iter(parts) if chunked else b"".join(parts)).status_code == 200
    assert pod.requests[0]["body"] == b"x" * size


def test_a_reply_over_tls_is_passed_on_as_it_comes_and_ended_with_its_caller(iris, pod):
    with iris.stream("GET", "endless") as answer:
        assert len(next(answer.iter_raw())) > 0
    wait_until(lambda: pod.left_early == 1)


def test_connections_over_tls_are_kept_and_used_again(iris, api_server, pod):
    iris.get("score")
    (first,) = api_server.connections
    assert [iris.get("score").status_code for _ in range(20)] == [200] * 20
    assert set(api_server.connections) == {first}


def test_each_pod_has_its_own_connections_at_the_same_server(iris, api_server, authority, make_workload, replicas):
    context, a, b = authority.context(), make_workload("a"), make_workload("b")
    replicas.set(api_server.endpoint("iris-a", a, context), api_server.endpoint("iris-b", b, context))
    assert {iris.get("score").text for _ in range(30)} == {"a", "b"}
    assert len(api_server.connections) == 2


def test_a_connection_over_tls_that_the_server_has_closed_is_not_used_again(iris, api_server, pod):
    for _ in range(5):
        assert iris.post("score", content=b"x").status_code == 200
        (connection,) = api_server.connections
        connection.loop.call_soon_threadsafe(connection.transport.close)
        wait_until(lambda: not api_server.connections)
    assert len(pod.requests) == 5


@pytest.mark.parametrize("goodbye", [True, False], ids=["with a goodbye", "without one"])
def test_however_a_server_ends_tls_the_next_request_is_not_lost(iris, replicas, authority, tls_listener, goodbye):
    ended = threading.Semaphore(0)

    def answer_one_request_each() -> None:
        for _ in range(5):
            connection, _ = tls_listener.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            plain = connection.unwrap() if goodbye else socket.socket(fileno=connection.detach())
            plain.close()
            ended.release()

    threading.Thread(target=answer_one_request_each, daemon=True).start()
    replicas.set(at(tls_listener.getsockname()[1], authority.context()))
    for _ in range(5):
        assert iris.get("score").text == "ok"
        assert ended.acquire(timeout=PATIENCE_S)


def test_a_server_that_others_have_signed_is_not_spoken_to(iris, api_server, pod, replicas):
    replicas.set(api_server.endpoint("iris-1", pod, Authority().context()))
    answer = iris.get("score")
    assert (answer.status_code, answer.json()["code"]) == (503, "workload-unreachable")
    assert pod.requests == [] and api_server.heads == []


def test_a_server_that_does_not_speak_tls_is_passed_over(iris, scripted, authority, make_workload, replicas):
    silent: Scripted = scripted(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    replicas.set(at(int(silent.address.rpartition(":")[2]), authority.context()), make_workload("plain"))
    assert {iris.get("score").text for _ in range(10)} == {"plain"}


def test_what_a_cluster_tells_of_itself_stays_at_the_gateway(iris, scripted, routes):
    own = b"X-Kubernetes-Pf-Flowschema-Uid: 1\r\nX-Kubernetes-Pf-Prioritylevel-Uid: 2\r\n"
    routes.set("iris", scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + own + b"\r\nok").address)
    answer = iris.get("score")
    assert answer.text == "ok" and not [name for name in answer.headers if "kubernetes" in name]
