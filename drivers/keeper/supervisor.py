"""When to start a workload again, and when to give up."""

import signal
import threading
from pathlib import Path

from drivers.keeper.identity import Identity
from drivers.keeper.logfile import LogFile
from drivers.keeper.run import Run
from drivers.keeper.state import CRASHED, RUNNING, STARTING, Orders, State
from drivers.ports import free_port, is_free
from drivers.runtime import BOOT_FAILED

MAX_CRASHES = 3
"""In a row. The same number, and the same idea of a row, as the docker target's restart policy."""
STEADY_S = 10.0
FIRST_BACKOFF_S = 0.1
MEMORY_CHECK_S = 1.0


class Supervisor:
    """Keeps one workload running until it is told to stop, or the workload cannot be kept running."""

    def __init__(self, folder: Path, keeper: Identity) -> None:
        self._folder = folder
        self._orders = Orders.read(folder)
        self._log = LogFile(folder)
        self._state = State(keeper=keeper)
        self._stopping = False
        self._wake = threading.Event()

    def stop(self, *_signal: object) -> None:
        self._stopping = True
        self._wake.set()

    def supervise(self, started) -> None:
        """`started()` is called once the first run exists and its port is written down."""
        signal.signal(signal.SIGTERM, self.stop)
        crashes = 0
        while not self._stopping:
            run = self._start()
            started()
            self._watch(run)
            if self._stopping:
                return
            crashes = 1 if run.lasted_s > STEADY_S else crashes + 1
            why = _cause(run, self._orders)
            if run.exit_code in (0, BOOT_FAILED) or crashes > MAX_CRASHES:
                return self._give_up(run, why)
            self._back_off(run, why, FIRST_BACKOFF_S * 2 ** (crashes - 1))

    def _start(self) -> Run:
        if not (self._state.port and is_free(self._state.port)):
            self._state.port = free_port()
        self._wake.clear()
        run = Run(self._orders, self._state.port, self._log, self._wake)
        self._note(phase=RUNNING, runtime=run.identity)
        return run

    def _watch(self, run: Run) -> None:
        told = False
        while not run.over:
            self._wake.wait(MEMORY_CHECK_S)
            self._wake.clear()
            if self._stopping and not told:
                told = True  # once: a second SIGTERM could mean "now" to the runtime
                run.terminate()
            elif not run.over:
                run.enforce_memory()
        run.finish()

    def _give_up(self, run: Run, why: str) -> None:
        self._log.write("slipway", f"The workload ended and is not started again: {why}")
        self._note(phase=CRASHED, runtime=None, exit_code=run.exit_code, detail=why)

    def _back_off(self, run: Run, why: str, delay_s: float) -> None:
        self._state.restarts += 1
        self._log.write("slipway", f"The workload ended: {why}. Starting it again in {delay_s:.1f} s")
        detail = f"started again after it ended: {why}"
        self._note(phase=STARTING, runtime=None, exit_code=run.exit_code, detail=detail)
        self._wake.clear()
        if not self._stopping:
            self._wake.wait(delay_s)

    def _note(self, **changes: object) -> None:
        for name, value in changes.items():
            setattr(self._state, name, value)
        self._state.write(self._folder)


def _cause(run: Run, orders: Orders) -> str:
    if run.out_of_memory:
        return f"out of memory: limit {orders.memory_bytes / 2**20:.0f} MB"
    if run.exit_code > 128:
        return f"killed by {signal.Signals(run.exit_code - 128).name} (exit code {run.exit_code})"
    if run.exit_code == BOOT_FAILED:
        return f"the model or its entry script could not be loaded (exit code {BOOT_FAILED})"
    return f"exit code {run.exit_code}"
