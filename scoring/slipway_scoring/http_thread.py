"""The thread that speaks HTTP. User code has the main one (see lane)."""

import asyncio
import signal
import socket
from collections.abc import Callable
from threading import Thread

from slipway_scoring.app import App
from slipway_scoring.boot import leave
from slipway_scoring.connection import Shared
from slipway_scoring.listener import serve
from slipway_scoring.log import logger, traceback_text

ENDING = frozenset((signal.SIGTERM, signal.SIGINT))


class HttpThread(Thread):
    """Answers on `listener` until a signal or `stop`; then finishes the requests in flight and calls `ended`."""

    def __init__(self, listener: socket.socket, app: App, ended: Callable[[], None]) -> None:
        super().__init__(name="http", daemon=True)
        self._listener = listener
        self._app = app
        self._ended = ended
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._woken, self._wake = socket.socketpair()
        self._woken.setblocking(False)
        self._wake.setblocking(False)

    def take_signals(self) -> None:
        """To be called in the main thread, again after user code ran that may have changed the handlers.

        Python runs handlers only between steps of the main thread's code; the wake-up descriptor is written
        at once, so that SIGTERM stops accepting even while a C extension computes there."""
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        for number in ENDING:
            signal.signal(number, lambda signum, frame: self.stop())

    def stop(self) -> None:
        # The signal's byte in the pipe may have come before the loop listens to it.
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        else:
            self._stop.set()

    def run(self) -> None:
        try:
            import uvloop

            self._loop = uvloop.new_event_loop()
            asyncio.set_event_loop(self._loop)
            self._loop.run_until_complete(self._serve())
        except BaseException as error:
            # A process nobody can reach any more must end, and say why.
            logger.critical("The HTTP server failed:\n%s", traceback_text(error))
            leave(1)
        self._ended()

    async def _serve(self) -> None:
        self._app.lane.attach(self._loop)
        self._loop.add_reader(self._woken, self._read_signals)
        shared = Shared(self._app, self._app.refuse, self._app.settings.max_body_bytes)
        await serve(shared, self._listener, self._stop)

    def _read_signals(self) -> None:
        if ENDING.intersection(self._woken.recv(64)):
            self._stop.set()
