"""One process that scores: load while already answering health, score, drain, leave."""

import gc
import os
import socket
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Post:
    """What a worker has of the server it is part of. `others_answer`: it need not before it can score."""

    settings: Settings
    listener: socket.socket
    board: Board
    tally: Tally
    others_answer: bool = False


def main(post: Post, scorer: Scorer | None) -> int:
    """The process's exit code. `scorer` was loaded before it was forked, None where that would not do."""
    try:
        _serve(post, scorer)
    except BootFailure as failure:
        boot.report(failure, post.settings)
        return boot.FAILED
    return 0


def greet(post: Post) -> int:
    """Say that the model is being loaded until SIGTERM; for a process that is not to score. Its exit code."""
    ended = Event()
    http = HttpThread(post.listener, App(post.settings, Lane(post.tally), post.board, post.tally), ended=ended.set)
    http.take_signals()
    http.start()
    ended.wait()
    return 0


def _serve(post: Post, scorer: Scorer | None) -> None:
    """Returns after SIGTERM or SIGINT, requests in flight answered. Raises BootFailure."""
    settings, tally = post.settings, post.tally
    lane, left = Lane(tally), Event()
    app = App(settings, lane, post.board, tally)
    http = HttpThread(post.listener, app, ended=lambda: _leave(lane, left))
    if not post.others_answer:
        http.take_signals()
        http.start()
    os.chdir(settings.app_root)
    scorer = scorer or loaded(settings, tally)
    app.loaded(scorer)
    deadline.arm()
    http.take_signals()
    tally.set("ready", 1)
    tally.set("was_ready", 1)
    if post.others_answer:
        http.start()
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
