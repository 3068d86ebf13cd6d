"""One connection to the server."""

import os
import socket
from select import EPOLLIN
from time import perf_counter
from typing import Protocol

from profiling.load.answers import AnswerBroken, AnswerReader
from profiling.load.waiting import Waiting

_RECEIVED_AT_ONCE = 65536


class Owner(Protocol):
    """Is told how each request ended, once; may start the connection's next from within."""

    def answered(self, connection: "Connection", now: float, latency_s: float, status: int, text: str) -> None:
        """`text` is what a refusal (status 400 or more) says."""

    def failed(self, connection: "Connection", now: float, why: str, *, timed_out: bool = False) -> None:
        """No answer came, or none that is whole. The connection is closed."""


class Connection:
    """Carries one request at a time, connects when it has to, and keeps open what the server keeps open."""

    __slots__ = (
        "_address", "_connecting", "_family", "_owner", "_reader", "_since", "_socket", "_unsent", "_waiting",
        "answers", "busy", "sent",
    )  # fmt: skip

    def __init__(self, family: int, address: tuple, waiting: Waiting, owner: Owner) -> None:
        self._family, self._address = family, address
        self._waiting = waiting
        self._owner = owner
        self._reader = AnswerReader()
        self._socket: socket.socket | None = None
        self._unsent: memoryview | None = None
        self._since: float | None = None  # what the latency counts from, where it is known already
        self._connecting = False
        self.busy = False
        self.answers = 0
        self.sent = 0.0  # when the request was first tried, the time-out counts from here

    def start(self, request: bytes, now: float, due: float | None = None) -> None:
        """Send `request`. Its latency counts from `due`, or where that is None from its first byte sent."""
        self.busy = True
        self.sent = now
        if self._socket is None:
            self._since = due
            self._connect(request)
            return
        self._since = perf_counter() if due is None else due
        try:
            count = self._socket.send(request)
        except BlockingIOError:
            count = 0
        except OSError as problem:
            self._fail(f"the connection broke: {problem.strerror}")
            return
        if count < len(request):
            self._unsent = memoryview(request)[count:]
            self._waiting.watch(self._socket.fileno(), self, writing=True)

    def ready(self, events: int, now: float) -> None:
        if self._unsent is not None:
            if events & ~EPOLLIN and not self._send_rest():
                return
            if not events & EPOLLIN:
                return
        try:
            data = self._socket.recv(_RECEIVED_AT_ONCE)
        except BlockingIOError:
            return
        except OSError as problem:
            self._fail(f"the connection broke: {problem.strerror}")
            return
        if not self.busy or not data:
            self._ended(now)
            return
        try:
            whole = self._reader.feed(data)
        except AnswerBroken as problem:
            self._fail(str(problem))
            return
        if whole:
            self._whole(now)

    def give_up(self, now: float, why: str) -> None:
        """No answer in time."""
        self.close()
        self._owner.failed(self, now, why, timed_out=True)

    def close(self) -> None:
        self.busy = self._connecting = False
        self._unsent = None
        self._reader.begin()
        if self._socket is not None:
            self._waiting.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _connect(self, request: bytes) -> None:
        self._socket = socket.socket(self._family, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unsent = memoryview(request)
        self._connecting = True
        self._waiting.watch(self._socket.fileno(), self, writing=True)
        try:
            self._socket.connect(self._address)
        except BlockingIOError:
            pass
        except OSError as problem:
            self._fail(f"cannot connect: {problem.strerror}")

    def _send_rest(self) -> bool:
        """False when the connection turned out to be broken."""
        what = "cannot connect" if self._connecting else "the connection broke"
        if problem := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._fail(f"{what}: {os.strerror(problem)}")
            return False
        self._connecting = False
        if self._since is None:
            self._since = perf_counter()
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            return True
        except OSError as problem:
            self._fail(f"{what}: {problem.strerror}")
            return False
        if not self._unsent:
            self._unsent = None
            self._waiting.watch(self._socket.fileno(), self)
        return True

    def _whole(self, now: float) -> None:
        reader = self._reader
        status = reader.status
        text = reader.text if status >= 400 else ""
        self.busy = False
        self.answers += 1
        # An answer that came before the request was sent leaves a connection of no use.
        if reader.keeps_open and self._unsent is None:
            reader.begin()
        else:
            self.close()
        self._owner.answered(self, now, now - self._since, status, text)

    def _ended(self, now: float) -> None:
        """The server closed the connection, or sent what nobody asked for, which ends it as well."""
        if not self.busy:
            self.close()
        elif self._reader.ended():
            self._whole(now)
        else:
            self._fail("the server closed the connection before its answer was whole")

    def _fail(self, why: str) -> None:
        """A connection that breaks between two requests harms neither."""
        harmed = self.busy
        self.close()
        if harmed:
            self._owner.failed(self, perf_counter(), why)
