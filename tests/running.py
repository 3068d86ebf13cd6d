"""A studio as a person starts it: `./run`'s processes, on free ports, with a data folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).resolve().parent.parent
START_S = 120


def free_port_pair() -> int:
    """A port that is free, as is the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


@dataclass
class RunningStudio:
    """`start()`, `stop()`; between them `url`, `token` and the rest are what a client needs."""

    data: Path
    environ: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port_pair)
    workspace: str = "default"
    username: str = "admin"
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def config_path(self) -> Path:
        return self.data / "config.json"

    @property
    def token(self) -> str:
        return json.loads(self.config_path.read_text())["token"]

    @property
    def password(self) -> str:
        return (self.data / "first-password").read_text()

    @property
    def output(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text()

    def start(self) -> "RunningStudio":
        self.data.parent.mkdir(parents=True, exist_ok=True)
        # Settings of the machine's own studio, or of this test run, must not leak in.
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("SLIPWAY_") and k not in _SERVERS}
        begun_at = len(self.output) if (self.data.parent / f"{self.data.name}.log").exists() else 0
        with (self.data.parent / f"{self.data.name}.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "studio.start", "--port", str(self.port), "--data", str(self.data)],
                cwd=ROOT,
                env={**inherited, "XDG_CONFIG_HOME": str(self.data.parent / "config"), **self.environ},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_ready(begun_at)
        return self

    def _wait_until_ready(self, begun_at: int) -> None:
        deadline = time.monotonic() + START_S
        while "Slipway is ready" not in self.output[begun_at:]:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"the studio did not start:\n{self.output}")
            time.sleep(0.1)

    def stop(self) -> None:
        """As Ctrl-C does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=90)

    def pids_of(self, program: str) -> list[int]:
        """Process ids of "web", "worker" or "gateway"."""
        mark = {"web": "studio.asgi", "worker": "celery", "gateway": "gateway.asgi"}[program]
        children = psutil.Process(self.process.pid).children()
        return [child.pid for child in children if any(mark in part for part in _command_of(child))]

    def kill(self, program: str) -> None:
        """SIGKILL, as the out-of-memory killer would; the supervisor starts it again."""
        for pid in self.pids_of(program):
            os.kill(pid, signal.SIGKILL)

    def api(self) -> httpx.Client:
        """A client signed in with the studio's own token, at `/api/v1/workspaces/default/`."""
        return httpx.Client(
            base_url=f"{self.url}/api/v1/workspaces/{self.workspace}/",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
            trust_env=False,
        )


_SERVERS = {"DATABASE_URL", "REDIS_URL"}


def _command_of(process: psutil.Process) -> list[str]:
    """Nothing of a process that has just ended."""
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []
