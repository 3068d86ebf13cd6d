"""One process, start to end: bind, load while already answering health, score, drain, leave."""

import os
import socket
from threading import Event

from slipway_scoring import boot, deadline
from slipway_scoring.app import App
from slipway_scoring.errors import BootFailure
from slipway_scoring.http_thread import HttpThread
from slipway_scoring.lane import Lane
from slipway_scoring.log import logger
from slipway_scoring.settings import Settings

BOOT_FAILED = 3  # gunicorn's exit code for a worker that could not boot, which Azure's users know
BACKLOG = 2048
GRACE_S = 1.0


def serve(settings: Settings) -> None:
    """Returns after SIGTERM or SIGINT, requests in flight answered. Raises BootFailure."""
    listener = listen(settings.host, settings.port)
    lane, left = Lane(), Event()
    app = App(settings, lane)
    http = HttpThread(listener, app, lane.attach, ended=lambda: _leave(lane, left))
    http.take_signals()
    http.start()
    os.chdir(settings.app_root)
    scorer = boot.load(settings)
    app.loaded(scorer)
    deadline.arm()
    http.take_signals()
    logger.info("Ready")
    lane.run(scorer)
    left.set()


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise BootFailure("port-taken", f"Cannot listen on {host}:{port}: {error.strerror}.") from error
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    logger.info("Listening on http://%s:%d", shown, listener.getsockname()[1])
    return listener


def _leave(lane: Lane, left: Event) -> None:
    """Called by the HTTP thread when everything is answered: lets the main thread return.

    User code may keep it (an init() that hangs, a run() nobody waits for): then the process ends without it."""
    lane.stop()
    if not left.wait(GRACE_S):
        logger.warning("User code is still running; leaving without it.")
        boot.leave(0)
