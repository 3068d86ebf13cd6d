"""One run of the scoring runtime, from its start to its end."""

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

from drivers.children import dies_with_parent
from drivers.keeper.identity import Identity
from drivers.keeper.logfile import LogFile
from drivers.keeper.state import Orders


class Run:
    """A started runtime. `ended` wakes whoever waits for it; nobody polls."""

    def __init__(self, orders: Orders, port: int, log: LogFile, ended: threading.Event) -> None:
        self.began = time.monotonic()
        self.out_of_memory = False
        self._ended = ended
        self._limit = orders.memory_bytes
        self._child = subprocess.Popen(
            orders.command,
            cwd=Path(orders.folder),
            env=orders.variables | {"SLIPWAY_PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=dies_with_parent(),
        )
        self.identity = Identity.of(self._child.pid)
        self._process = psutil.Process(self._child.pid)
        self._readers = [
            threading.Thread(target=log.copy, args=("stdout", self._child.stdout), daemon=True),
            threading.Thread(target=log.copy, args=("stderr", self._child.stderr), daemon=True),
        ]
        for reader in (*self._readers, threading.Thread(target=self._wait, daemon=True)):
            reader.start()

    def _wait(self) -> None:
        self._child.wait()
        self._ended.set()

    @property
    def over(self) -> bool:
        return self._child.returncode is not None

    @property
    def lasted_s(self) -> float:
        return time.monotonic() - self.began

    @property
    def exit_code(self) -> int:
        """As a shell and Docker give it: 128 and the signal's number for a run ended by a signal."""
        code = self._child.returncode
        return 128 - code if code < 0 else code

    def terminate(self) -> None:
        if not self.over:
            self._child.send_signal(signal.SIGTERM)

    def finish(self) -> None:
        """End what the runtime left running and write down the last it said."""
        self._kill_group()
        for reader in self._readers:
            # A process that left the group may hold the pipe open for ever; its words are not waited for.
            reader.join(timeout=2.0)

    def enforce_memory(self) -> None:
        """Kill the run when it and its children together hold more than their limit in memory."""
        if resident_bytes(self._process) > self._limit:
            self.out_of_memory = True
            self._kill_group()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)


def resident_bytes(process: psutil.Process) -> int:
    """Of the process and all below it. Pages that several of them share (a model that was read before its workers were
    forked) count once, where the kernel can tell."""
    return sum(map(_share, _tree(process)))


def _share(process: psutil.Process) -> int:
    try:
        whole = process.memory_full_info()
        return getattr(whole, "pss", whole.rss)
    except psutil.AccessDenied:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def cpu_seconds(process: psutil.Process) -> float:
    """Of the process and all below it, those among them that have ended."""
    total = 0.0
    for each in _tree(process):
        try:
            times = each.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _tree(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []
