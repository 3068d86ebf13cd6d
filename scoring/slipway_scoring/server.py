"""The process that holds the address and starts the workers, and others in the place of those that die.

It loads nothing of the user's, but for models that workers can share: those are read once, before the workers are
forked from it."""

import ctypes
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from signal import Signals
from threading import Thread

from slipway_scoring import boot, sockets, worker
from slipway_scoring.dataplane import Scorer
from slipway_scoring.errors import BootFailure
from slipway_scoring.log import logger
from slipway_scoring.settings import Settings
from slipway_scoring.tally import Board
from slipway_scoring.worker import Post

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_WATCH_S = 1.0
# A worker that lived no longer died young.
_SHORT_LIFE_S = 10.0
_FIRST_WAIT_S = 0.1
_ENDING = (signal.SIGTERM, signal.SIGINT)
_NO_SIGNAL = b"\0"
_LOADING = "Loading the model"
_TOO_LONG = "{what} took longer than WORKER_TIMEOUT, {limit} seconds"


def serve(settings: Settings) -> int:
    """Returns the exit code: 0 after SIGTERM or SIGINT, requests in flight answered. Raises BootFailure."""
    sockets.allow_many()
    return Server(settings, sockets.listen(settings.host, settings.port)).run()


class Server:
    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._board = Board(settings.worker_count)
        self._workers: dict[int, tuple[int, float]] = {}  # process id -> number, when it was started
        self._due: dict[int, float] = {}  # number -> when to start it again
        self._killed: dict[int, str] = {}
        self._died_young = 0  # in a row
        self._code = 0
        self._shared: Scorer | None = None
        self._greeter = 0
        self._stopping = False
        self._woken, self._wake = socket.socketpair()

    def run(self) -> int:
        self._listen_to_signals()
        if not self._load_shared():
            return 0
        for number in range(self._settings.worker_count):
            self._start(number)
        while self._workers or self._due:
            if select.select([self._woken], [], [], _WATCH_S)[0] and set(_ENDING) & set(self._woken.recv(64)):
                self._stop()
            for process, status in _ended():
                self._buried(process, status)
            self._watch()
            for number in [number for number, due in self._due.items() if due <= time.monotonic()]:
                del self._due[number]
                self._start(number)
        return self._code

    def _listen_to_signals(self) -> None:
        for end in (self._woken, self._wake):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        for number in (*_ENDING, signal.SIGCHLD):
            signal.signal(number, lambda signum, frame: None)

    def _load_shared(self) -> bool:
        """A model that workers can share is read once, in a thread, so that signals are heard meanwhile; its pages
        are the workers' too. False when the server was told to end. Raises BootFailure."""
        if self._settings.worker_count == 1 or not boot.can_be_shared(self._settings):
            return True
        self._greeter = self._fork(lambda: worker.greet(self._post(0)))
        loading: Future[Scorer] = Future()
        reading = Thread(target=self._read, args=(loading,), daemon=True)
        reading.start()
        if not self._until_done(loading):
            return False
        reading.join()  # forked with it, workers would have half a thread
        self._shared = loading.result()
        os.kill(self._greeter, signal.SIGTERM)
        return True

    def _read(self, loading: "Future[Scorer]") -> None:
        try:
            loading.set_result(worker.loaded(self._settings, self._board.row(0)))
        except BaseException as error:
            loading.set_exception(error)
        self._wake.send(_NO_SIGNAL)

    def _until_done(self, loading: "Future[Scorer]") -> bool:
        """False when a signal came first. Raises BootFailure when it takes too long."""
        limit = self._settings.worker_timeout_s
        latest = time.monotonic() + limit
        while not loading.done():
            left_s = latest - time.monotonic()
            if left_s <= 0:
                raise _not_in_time(_TOO_LONG.format(what=_LOADING, limit=limit))
            if select.select([self._woken], [], [], left_s)[0] and set(_ENDING) & set(self._woken.recv(64)):
                return False
        return True

    def _start(self, number: int) -> None:
        tally = self._board.row(number)
        tally.set("ready", 0)
        tally.set("busy_since", 0)
        tally.add("starts", 1)
        post = self._post(number)
        process = self._fork(lambda: worker.main(post, self._shared))
        tally.set("process", process)
        self._workers[process] = (number, time.monotonic())

    def _post(self, number: int) -> Post:
        others = any(row.get("ready") for at, row in enumerate(self._board.rows()) if at != number)
        return Post(self._settings, self._listener, self._board, self._board.row(number), others)

    def _fork(self, work: Callable[[], int]) -> int:
        """The id of a process that does `work`, whose result is its exit code."""
        # Held back for a moment: a worker told to end before it has handlers of its own would not hear it.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        process = os.fork()
        if process:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
            return process
        status = 1
        try:
            _end_with_parent()
            signal.set_wakeup_fd(-1)
            for caught in (*_ENDING, signal.SIGCHLD):
                signal.signal(caught, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
            status = work()
        except BaseException:
            logger.critical("A worker failed.", exc_info=True)
        finally:
            boot.leave(status)

    def _stop(self) -> None:
        self._stopping = True
        self._due.clear()
        for process in self._workers:
            os.kill(process, signal.SIGTERM)

    def _buried(self, process: int, status: int) -> None:
        if process == self._greeter:
            return
        number, started = self._workers.pop(process)
        killed = self._killed.pop(process, "")
        if self._stopping:
            return
        code = os.waitstatus_to_exitcode(status)
        if code == boot.FAILED:  # it has said why
            self._end(code)
        elif self._board.row(number).get("ready"):
            self._replace(number, process, code, killed or _how(status), time.monotonic() - started)
        elif killed:
            boot.report(_not_in_time(killed), self._settings)
            self._end(boot.FAILED)
        else:
            # What does not load would not load the next time either.
            logger.error("The process died while it loaded the model: %s.", _how(status))
            self._end(code)

    def _replace(self, number: int, process: int, code: int, why: str, lived_s: float) -> None:
        self._board.row(number).set("ready", 0)
        self._died_young = self._died_young + 1 if lived_s < _SHORT_LIFE_S else 0
        if self._died_young > self._settings.worker_restarts:
            logger.error("Worker %d (process %d) died: %s. The server ends with it.", number, process, why)
            self._end(code)
            return
        logger.error("Worker %d (process %d) died: %s. Another takes its place.", number, process, why)
        wait_s = _FIRST_WAIT_S * 2**self._died_young if self._died_young else 0.0
        self._due[number] = time.monotonic() + wait_s

    def _end(self, code: int) -> None:
        """As the worker did, so that whoever started the server can tell: a signal's number and 128, as in a shell."""
        self._code = 128 - code if code < 0 else code or 1
        self._stop()

    def _watch(self) -> None:
        """A call that no time limit of ours can interrupt (C code that does not return) ends with its process."""
        now, limit = time.monotonic(), self._settings.worker_timeout_s
        for process, (number, _) in self._workers.items():
            tally = self._board.row(number)
            since = tally.get("busy_since")
            if since and now - since > limit and process not in self._killed:
                what = "A call of the model" if tally.get("ready") else _LOADING
                self._killed[process] = _TOO_LONG.format(what=what, limit=limit)
                os.kill(process, signal.SIGKILL)


def _not_in_time(what: str) -> BootFailure:
    return BootFailure("not-ready-in-time", f"{what}. Look for what it waits for.")


def _end_with_parent() -> None:
    """A worker does not outlive the server, be that killed. Only Linux can tell a process so."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _ended() -> list[tuple[int, int]]:
    found = []
    try:
        while (pair := os.waitpid(-1, os.WNOHANG))[0]:
            found.append(pair)
    except ChildProcessError:
        pass
    return found


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"it ended itself with exit code {code}"
    name = Signals(-code).name
    meaning = {"SIGSEGV": "a crash in native code", "SIGKILL": "out of memory, or killed by hand"}.get(name, "")
    return f"{name}{f' ({meaning})' if meaning else ''}"
