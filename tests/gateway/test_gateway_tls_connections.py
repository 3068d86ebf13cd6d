"""When a kept TLS connection may be used again. The event loop is held while something comes, so that it is still
unread when the next request looks for a connection."""

import asyncio
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest
import uvloop
from certificates import SERVER_NAME, Authority
from upstreams import Endpoint, free_port, wait_until

from gateway.replica import Replica
from gateway.upstream import Connection

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(params=[uvloop.run, asyncio.run], ids=["uvloop", "asyncio"])
def run(request):
    return request.param


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def certificate(authority, tmp_path_factory) -> dict[str, str]:
    return authority.served_as(SERVER_NAME, tmp_path_factory.mktemp("certificate"))


async def ask(replica: Replica) -> Connection:
    connection = await replica.connection()
    connection.begin(bodyless=False)
    connection.write(b"GET / HTTP/1.1\r\n\r\n")
    await connection.head()
    assert await connection.read() == b""
    replica.give_back(connection)
    return connection


def hold_until_unread(connection: Connection) -> None:
    while not connection.unread:
        time.sleep(0.001)


def close(connection: ssl.SSLSocket) -> None:
    socket.socket(fileno=connection.detach()).close()


@pytest.mark.parametrize(
    "last", [ssl.SSLSocket.unwrap, close, lambda each: each.sendall(OK)], ids=["bye", "end", "more"]
)
def test_one_that_has_ended_or_said_something_unasked_is_not_used(run, authority, certificate, last):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate["ssl_certfile"], certificate["ssl_keyfile"])
    go_on = threading.Event()

    def serve(listener: ssl.SSLSocket) -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(OK)
            go_on.wait(5)
            last(connection)

    async def ask_twice(port: int) -> tuple[Connection, Connection]:
        replica = Replica(Endpoint("127.0.0.1", port, "x", authority.context(), SERVER_NAME))
        first = await ask(replica)
        go_on.set()
        hold_until_unread(first)
        return first, await ask(replica)

    with socket.create_server(("127.0.0.1", 0)) as plain, context.wrap_socket(plain, server_side=True) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        first, second = run(ask_twice(listener.getsockname()[1]))
    assert first is not second


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here")
def test_one_that_was_only_given_a_new_key_is_used_again(run, authority, certificate):
    port, files = free_port(), (certificate["ssl_certfile"], certificate["ssl_keyfile"])
    command = ["openssl", "s_server", "-accept", str(port), "-cert", files[0], "-key", files[1], "-crlf"]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def type_in(text: bytes) -> None:
        server.stdin.write(text)
        server.stdin.flush()

    def answer_when_asked() -> None:
        for line in server.stdout:
            if line.startswith(b"GET "):
                type_in(OK.replace(b"\r", b""))

    async def ask_twice() -> tuple[Connection, Connection]:
        replica = Replica(Endpoint("127.0.0.1", port, "x", authority.context(), SERVER_NAME))
        first = await ask(replica)
        type_in(b"k\n")  # a key update, to s_server
        hold_until_unread(first)
        return first, await ask(replica)

    try:
        wait_until(lambda: b"ACCEPT" in server.stdout.readline())
        threading.Thread(target=answer_when_asked, daemon=True).start()
        first, second = run(ask_twice())
    finally:
        server.kill()
        server.wait()
    assert first is second
