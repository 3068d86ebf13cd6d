"""The thread that speaks HTTP. User code has the main one (see lane)."""

import asyncio
import signal
import socket
from collections.abc import Callable
from threading import Thread

from slipway_scoring.boot import leave
from slipway_scoring.log import logger, traceback_text

KEEP_ALIVE_S = 75  # longer than a gateway keeps an idle connection, so that it is never we who close first
ENDING = frozenset((signal.SIGTERM, signal.SIGINT))


class HttpThread(Thread):
    """Answers on `listener` until a signal or `stop`; then finishes the requests in flight and calls `ended`."""

    def __init__(self, listener: socket.socket, app: Callable, attach: Callable, ended: Callable[[], None]) -> None:
        super().__init__(name="http", daemon=True)
        self._listener = listener
        self._app = app
        self._attach = attach
        self._ended = ended
        self._server = None
        self._stopping = False
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
        self._stopping = True
        if self._server is not None:
            self._server.should_exit = True

    def run(self) -> None:
        import uvloop

        try:
            loop = uvloop.new_event_loop()
            asyncio.set_event_loop(loop)
            loop.run_until_complete(self._serve(loop))
        except BaseException as error:
            # A process nobody can reach any more must end, and say why.
            logger.critical("The HTTP server failed:\n%s", traceback_text(error))
            leave(1)
        self._ended()

    async def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        import uvicorn

        self._attach(loop)
        loop.add_reader(self._woken, self._read_signals)
        config = uvicorn.Config(
            self._app, http="httptools", ws="none", lifespan="off", interface="asgi3",
            log_config=None, access_log=False, server_header=False, timeout_keep_alive=KEEP_ALIVE_S,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._server.should_exit = self._stopping
        await self._server.serve(sockets=[self._listener])

    def _read_signals(self) -> None:
        if ENDING.intersection(self._woken.recv(64)):
            self.stop()
