"""`workload.json` and `state.json`: the only two things driver and keeper tell each other."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from drivers.keeper.identity import Identity

STARTING, RUNNING, CRASHED = "starting", "running", "crashed"


@dataclass(frozen=True, slots=True)
class Orders:
    """What to run. `digest` tells the driver whether a running workload already matches."""

    owner: str
    labels: dict[str, str]
    digest: str
    command: list[str]
    folder: str
    variables: dict[str, str]
    memory_bytes: int

    @classmethod
    def read(cls, workload: Path) -> "Orders | None":
        facts = _read(workload / "workload.json")
        return cls(**facts) if facts else None

    def write(self, workload: Path) -> None:
        _write(workload / "workload.json", asdict(self))


@dataclass(slots=True)
class State:
    """How it goes. `exit_code` and `detail` are about the last run that ended."""

    keeper: Identity
    runtime: Identity | None = None
    phase: str = STARTING
    port: int | None = None
    exit_code: int | None = None
    restarts: int = 0
    detail: str = field(default="")

    @classmethod
    def read(cls, workload: Path) -> "State | None":
        facts = _read(workload / "state.json")
        if facts is None:
            return None
        facts["keeper"] = Identity(**facts["keeper"])
        facts["runtime"] = Identity(**facts["runtime"]) if facts["runtime"] else None
        return cls(**facts)

    def write(self, workload: Path) -> None:
        _write(workload / "state.json", asdict(self))


def _read(path: Path) -> dict | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None


def _write(path: Path, facts: dict) -> None:
    """Atomically, and for our account's eyes only: variables may hold the user's secrets."""
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(facts, file)
    staged.replace(path)
