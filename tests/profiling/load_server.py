"""A server on localhost that counts what it is asked, and answers as a test says."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class CountingServer:
    """`answer(number, body)` gives an answer's bytes; with none, or `close_after`, the connection is closed."""

    def __init__(self, answer: Callable[[int, bytes], bytes] = lambda number, body: OK, *, close_after: bool = False):
        self._answer = answer
        self._close_after = close_after
        self._changed = threading.Condition()
        self.open: list[socket.socket] = []  # every connection there was
        self.bodies: list[bytes] = []
        self.heads: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/score"

    def __enter__(self) -> "CountingServer":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Nobody listens any more, and connections break. A thread that waits is woken by shutdown, not by close."""
        for each in (self._listener, *self.open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def wait_for(self, count: int) -> None:
        """Until it was asked so often."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.bodies) >= count, timeout=30)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as incoming:
            try:
                while asked := _request(incoming):
                    answer = self._answer(self._counted(*asked), asked[1])
                    connection.sendall(answer)
                    if not answer or self._close_after:
                        return
            except OSError:
                return

    def _counted(self, head: bytes, body: bytes) -> int:
        with self._changed:
            self.heads.append(head)
            self.bodies.append(body)
            self._changed.notify_all()
            return len(self.bodies)


def _request(incoming) -> tuple[bytes, bytes] | None:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = incoming.readline()
        if not line:
            return None
        head += line
    line = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    length = int(line.partition(b":")[2])
    body = incoming.read(length)
    return (head, body) if len(body) == length else None
