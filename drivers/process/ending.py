"""Ending a workload's processes: those its keeper knows of, and those a dead keeper left behind."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

from drivers.keeper.state import State

MARK = "SLIPWAY_WORKLOAD_FOLDER"
"""A variable in the environment of every process of a workload, holding its folder."""
_POLL_S = 0.02


def end(folder: Path, *, grace_s: float) -> None:
    """Ask the keeper to end the workload; after `grace_s` seconds kill all that is left of it."""
    state = State.read(folder)
    keeper = state.keeper.process() if state else None
    if keeper:
        with suppress(psutil.NoSuchProcess):
            keeper.terminate()
        _wait_until_gone(state, grace_s)
    _kill_marked(folder)


def _wait_until_gone(state: State, grace_s: float) -> None:
    deadline = time.monotonic() + grace_s
    while state.keeper.process() and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def _kill_marked(folder: Path) -> None:
    """Again until none is left: one may have been starting another just when it was killed."""
    while marked := [process for process in psutil.process_iter() if _is_marked(process, folder)]:
        for process in marked:
            with suppress(psutil.Error):
                os.kill(process.pid, signal.SIGSTOP)  # so that none starts another meanwhile
        for process in marked:
            with suppress(psutil.Error, ProcessLookupError):
                process.kill()
        psutil.wait_procs(marked, timeout=2.0)


def _is_marked(process: psutil.Process, folder: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.environ().get(MARK) == str(folder)
    except (psutil.Error, OSError):
        return False  # not ours to look at, or gone
