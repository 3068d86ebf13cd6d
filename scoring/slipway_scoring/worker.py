"""One process that scores: load while already answering health, score, drain, leave."""

import gc
import os
import socket
from threading import Event
from time import perf_counter

from slipway_scoring import boot, deadline
from slipway_scoring.app import App
from slipway_scoring.dataplane import Scorer
from slipway_scoring.errors import BootFailure
from slipway_scoring.http_thread import HttpThread
from slipway_scoring.lane import Lane
from slipway_scoring.log import logger
from slipway_scoring.settings import Settings
from slipway_scoring.tally import Board, Tally

GRACE_S = 1.0


def main(settings: Settings, listener: socket.socket, board: Board, tally: Tally, scorer: Scorer | None) -> int:
    """The process's exit code. `scorer` was loaded before it was forked, None where that would not do."""
    try:
        _serve(settings, listener, board, tally, scorer)
    except BootFailure as failure:
        boot.report(failure, settings)
        return boot.FAILED
    return 0


def _serve(settings: Settings, listener: socket.socket, board: Board, tally: Tally, scorer: Scorer | None) -> None:
    """Returns after SIGTERM or SIGINT, requests in flight answered. Raises BootFailure."""
    lane, left = Lane(tally), Event()
    app = App(settings, lane, board, tally)
    http = HttpThread(listener, app, ended=lambda: _leave(lane, left))
    http.take_signals()
    http.start()
    os.chdir(settings.app_root)
    scorer = scorer or loaded(settings, tally)
    app.loaded(scorer)
    deadline.arm()
    http.take_signals()
    tally.set("ready", 1)
    logger.info("Ready")
    lane.run(scorer)
    left.set()


def loaded(settings: Settings, tally: Tally) -> Scorer:
    """Raises BootFailure."""
    started = perf_counter()
    with tally.busy():
        scorer = boot.load(settings)
    # What was loaded stays: looking through all of it, over and over, for what could be thrown away took more time
    # than scoring. A collector that marks what it looks at would also write to every page that workers share.
    gc.collect()
    gc.freeze()
    tally.set("load_seconds", perf_counter() - started)
    return scorer


def _leave(lane: Lane, left: Event) -> None:
    """Called by the HTTP thread when everything is answered: lets the main thread return.

    User code may keep it (an init() that hangs, a run() nobody waits for): then the process ends without it."""
    lane.stop()
    if not left.wait(GRACE_S):
        logger.warning("User code is still running; leaving without it.")
        boot.leave(0)
