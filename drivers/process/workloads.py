"""Workloads as folders with a keeper each: `process/<name>/`."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import drivers
from drivers.base import LogRecord, Observed, Phase, Usage, Workload
from drivers.children import inherited
from drivers.disk import beside, enough_disk, remove_folder, sweep
from drivers.errors import DriverError, NameTaken
from drivers.fingerprint import workload_digest
from drivers.keeper import logfile
from drivers.keeper.run import cpu_seconds, resident_bytes
from drivers.keeper.state import CRASHED, STARTING, Orders, State
from drivers.locks import exclusive
from drivers.process import ending, packages
from drivers.process.environments import python_of
from drivers.runtime import MODULE_COMMAND, python_path, workload_variables

_START_TIMEOUT_S = 30.0
_REPLACE_GRACE_S = 10.0
_IN_BACKGROUND = ("nice", "-n", "10")


class Workloads:
    """`root` holds one folder per workload."""

    def __init__(self, root: Path, runtime: Path) -> None:
        self._root = root
        self._runtime = runtime

    def apply(self, workload: Workload) -> None:
        folder = self._root / workload.name
        orders = self._orders(workload, folder)
        with enough_disk(self._root), self._lock(workload.name):
            known = Orders.read(folder)
            if folder.exists() and (known is None or known.owner != workload.owner):
                raise _taken(workload.name, known)
            if known and known.digest == orders.digest and _is_kept(folder):
                return
            ending.end(folder, grace_s=_REPLACE_GRACE_S)
            if known is None or known.digest != orders.digest:
                self._lay_out(folder, orders)
            _start_keeper(folder)

    def observe(self, name: str) -> Observed:
        state = State.read(self._root / name)
        if state is None:
            return Observed(Phase.GONE)
        if state.phase == CRASHED:
            return Observed(Phase.CRASHED, detail=state.detail, exit_code=state.exit_code, restarts=state.restarts)
        if state.keeper.process() is None:
            return Observed(Phase.GONE, detail="its keeper is gone", restarts=state.restarts)
        running = state.phase != STARTING
        return Observed(
            Phase.RUNNING if running else Phase.STARTING,
            ready_replicas=int(running),
            detail=state.detail,
            address=f"http://127.0.0.1:{state.port}",
            exit_code=state.exit_code,
            restarts=state.restarts,
        )

    def logs(self, name: str, since: float) -> Iterator[LogRecord]:
        for at, stream, text in logfile.read(self._root / name, since):
            yield LogRecord(at, stream, text)

    def usage(self, name: str) -> tuple[Usage, ...]:
        state = State.read(self._root / name)
        process = state.runtime.process() if state and state.runtime else None
        memory = resident_bytes(process) if process else 0  # read first: it takes longer than the rest
        if not memory:
            return ()
        return (Usage("", time.monotonic(), cpu_seconds(process), memory, source="processes"),)

    def delete(self, name: str, grace_s: float) -> None:
        folder = self._root / name
        with self._lock(name):
            if folder.exists():
                ending.end(folder, grace_s=grace_s)
                remove_folder(folder)
            sweep(folder)

    def owned_by(self, owner: str) -> list[str]:
        folders = sorted(path for path in self._root.glob("*") if not path.name.startswith("."))
        orders = ((folder.name, Orders.read(folder)) for folder in folders)
        return [name for name, known in orders if known and known.owner == owner]

    def _lock(self, name: str):
        return exclusive(self._root / ".locks" / name)

    def _orders(self, workload: Workload, folder: Path) -> Orders:
        variables = workload_variables(packages.variables(workload.package), workload.variables, workload.most_cpu)
        variables |= python_path(self._runtime, variables) | {"SLIPWAY_HOST": "127.0.0.1"}
        facts = {
            "owner": workload.owner,
            "labels": dict(workload.labels),
            "command": _command(workload),
            "folder": str(packages.app_root(workload.package)),
            "variables": variables,
            "memory_bytes": workload.most_memory_bytes,
        }
        # Not in the digest: another worker's PATH is no reason to start a workload anew.
        whole = inherited() | variables | {ending.MARK: str(folder)}
        return Orders(digest=workload_digest(facts), **(facts | {"variables": whole}))

    def _lay_out(self, folder: Path, orders: Orders) -> None:
        remove_folder(folder)
        sweep(folder)
        staged = beside(folder, "new")
        staged.mkdir(parents=True)
        orders.write(staged)
        staged.rename(folder)


def _command(workload: Workload) -> list[str]:
    runtime = [python_of(workload.package.environment), *MODULE_COMMAND]
    return [*_IN_BACKGROUND, *runtime] if workload.background else runtime


def _is_kept(folder: Path) -> bool:
    state = State.read(folder)
    return bool(state and state.phase != CRASHED and state.keeper.process())


def _taken(name: str, known: Orders | None) -> NameTaken:
    holder = f"{known.owner!r}" if known else "something that is not a workload"
    return NameTaken(
        f"A workload named {name} belongs to {holder} already.",
        advice="Choose another service name, or remove the other one first.",
    )


def _start_keeper(folder: Path) -> None:
    """Start the keeper and come back once the runtime's process exists and its port is known."""
    (folder / "state.json").unlink(missing_ok=True)
    home = Path(drivers.__file__).parent.parent
    # Not our environment: what the keeper has, /proc shows to whatever it runs.
    environment = inherited() | {"PYTHONPATH": str(home), ending.MARK: str(folder)}
    with open(folder / "keeper.log", "ab") as words:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "drivers.keeper", str(folder)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
    try:
        code = keeper.wait(_START_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()
        code = -1
    if code:
        ending.end(folder, grace_s=0)
        raise DriverError(f"The workload's process could not be started: {_last_line(folder / 'keeper.log')}")


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "its keeper did not answer"
