"""What stands around a gateway under test: routes as the database gives them, and real servers."""

import asyncio
import hashlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import httpx
import uvicorn

KEY = "the-primary-key"
PATIENCE_S = 10.0

http = httpx.Client(timeout=PATIENCE_S, verify=False)
"""For single calls. Loading the CA bundle for every one would take most of the tests' time."""


@dataclass(frozen=True, slots=True)
class Backend:
    """As deployments.routes.Backend; test_gateway_contract.py holds the two together."""

    revision: int
    weight: int
    address: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """As deployments.routes.Route."""

    auth_enabled: bool
    key_hashes: frozenset[str]
    backends: tuple[Backend, ...]
    scoring_timeout_s: float
    max_concurrent: int
    max_queue_wait_s: float
    state: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """As drivers.kubernetes.reach.Endpoint."""

    host: str
    port: int
    authority: str
    tls: ssl.SSLContext | None = None
    server_hostname: str | None = None
    prefix: bytes = b""
    headers: bytes = b""


PLACE, NAME = "kubernetes:1", "kubernetes://models/slipway-iris-r1-0a1b2c3d"


class Replicas:
    """The cluster's part: who is ready at PLACE behind NAME."""

    def __init__(self) -> None:
        self.ready: tuple[Endpoint, ...] = ()
        self.places: frozenset[str] = frozenset()
        self.stopped = False

    def set(self, *ready: "Workload | Endpoint") -> None:
        self.ready = tuple(each if isinstance(each, Endpoint) else straight(each.served.port) for each in ready)

    def of(self, place: str, address: str) -> tuple[Endpoint, ...]:
        return self.ready if (place, address) == (PLACE, NAME) else ()

    def prepare(self, places: frozenset[str]) -> None:
        self.places = places

    def stop(self) -> None:
        self.stopped = True


def straight(port: int) -> Endpoint:
    return Endpoint("127.0.0.1", port, f"127.0.0.1:{port}")


class Routes:
    """The database's part: routes under a version, slow or broken on demand."""

    def __init__(self) -> None:
        self.number = self.loaded = 0
        self.routes: dict[tuple[str, str], Route] = {}
        self.error: Exception | None = None
        self.readings = 0
        self.before_version: Callable[[], object] = lambda: None
        self.hanging = False

    def set(self, service: str = "iris", *addresses: str, **changes) -> None:
        backends = tuple(Backend(number, 1, address) for number, address in enumerate(addresses, 1))
        standard = Route(True, frozenset({sha256(KEY)}), backends, 10.0, 64, 0.5, "Healthy")
        self.routes = {**self.routes, ("default", service): replace(standard, **changes)}
        self.number += 1

    def set_named(self, **changes) -> None:
        """The service iris, served by the replicas behind NAME."""
        self.set("iris", backends=(Backend(1, 100, NAME, PLACE),), **changes)

    def clear(self) -> None:
        self.routes = {}
        self.number += 1

    def settle(self) -> None:
        """Wait until a running gateway goes by these routes."""
        wait_until(lambda: self.loaded == self.number)
        readings = self.readings
        wait_until(lambda: self.readings > readings)

    def version(self) -> int:
        self.readings += 1
        self.hanging = True
        self.before_version()
        self.hanging = False
        if self.error:
            raise self.error
        return self.number

    def load(self) -> dict[tuple[str, str], Route]:
        self.loaded, routes = self.number, dict(self.routes)
        return routes


def sha256(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class Served:
    """An ASGI application under uvicorn in a thread."""

    def __init__(self, app, port: int = 0, **tls: str) -> None:
        config = uvicorn.Config(
            app,
            port=port,
            loop="uvloop",
            http="httptools",
            ws="none",
            proxy_headers=False,
            log_level="critical",
            access_log=False,
            **tls,
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        wait_until(lambda: self.server.started)
        self.port: int = self.server.servers[0].sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"

    def ask_to_stop(self) -> None:
        self.server.should_exit = True

    def stop(self) -> None:
        self.ask_to_stop()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


class Workload:
    """An upstream that says what it was asked, and can be slow, big or endless."""

    def __init__(self, name: str = "workload") -> None:
        self.name = name
        self.requests: list[dict] = []
        self.in_flight = self.most_in_flight = self.left_early = self.sent_bytes = 0
        self.gate = threading.Event()
        self.served = Served(self)
        self.address = self.served.address

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await getattr(self, "on_" + scope["path"].strip("/").split("/")[0], self.on_score)(scope, receive, send)
        finally:
            self.in_flight -= 1

    async def on_score(self, scope, receive, send, status=200, headers=()) -> None:
        body = await read_all(receive)
        request = {
            "method": scope["method"],
            "target": scope["raw_path"].decode() + ("?" + scope["query_string"].decode()) * bool(scope["query_string"]),
            "headers": [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]],
            "body": body,
        }
        self.requests.append(request)
        await reply(send, self.name.encode(), status, headers)

    async def on_gated(self, scope, receive, send) -> None:
        """Answers when the test opens the gate; notices a caller that leaves first."""
        await read_all(receive)
        leaving = asyncio.create_task(receive())
        while not self.gate.is_set():
            if leaving.done():
                self.left_early += 1
                return
            await asyncio.sleep(0.005)
        leaving.cancel()
        await reply(send, self.name.encode())

    async def on_endless(self, scope, receive, send) -> None:
        leaving = asyncio.create_task(receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not leaving.done() or leaving.result()["type"] != "http.disconnect":
            if leaving.done():
                leaving = asyncio.create_task(receive())
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            self.sent_bytes += 65536
            await asyncio.sleep(0)
        self.left_early += 1

    async def on_meddling(self, scope, receive, send) -> None:
        headers = [
            (b"set-cookie", b"sessionid=stolen"),
            (b"x-request-id", b"another"),
            (b"x-slipway-revision", b"99"),
            (b"connection", b"x-private"),
            (b"x-private", b"hop"),
            (b"x-model", b"kept"),
        ]
        await self.on_score(scope, receive, send, 418, headers)

    async def on_cors(self, scope, receive, send) -> None:
        await self.on_score(scope, receive, send, 200, [(b"access-control-allow-origin", b"https://app.example")])


async def read_all(receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def reply(send, body: bytes, status: int = 200, headers=()) -> None:
    framing = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": [*framing, *headers]})
    await send({"type": "http.response.body", "body": body})


class Scripted:
    """A bare socket that answers every connection with given bytes and then closes it."""

    def __init__(self, reply: bytes) -> None:
        self._reply = reply
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.received: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.received.append(connection.recv(65536))
                connection.sendall(self._reply)

    def stop(self) -> None:
        self._socket.close()


def wait_until(condition: Callable[[], object]) -> None:
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.005)):
        if condition():
            return
        pause.wait(0.005)
    raise AssertionError("waited in vain")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
