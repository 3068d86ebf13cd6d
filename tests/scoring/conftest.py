"""The real server as a subprocess, and models trained once for all tests."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

SCORING = Path(__file__).parents[2] / "scoring"
BOOT_TIMEOUT_S = 90
sys.path.insert(0, str(SCORING))


class Server:
    """A running `python -m slipway_scoring`; its address is known once it says it listens."""

    def __init__(self, arguments: list, variables: dict, folder: Path) -> None:
        self.out, self.err = folder / "stdout", folder / "stderr"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AZUREML_", "AML_"))}
        environment |= {"PYTHONPATH": str(SCORING), "SLIPWAY_PORT": "0"} | variables
        command = [sys.executable, "-m", "slipway_scoring", *map(str, arguments)]
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(command, env=environment, stdout=out, stderr=err, cwd=folder)
        self.client = httpx.Client(timeout=30)

    @property
    def log(self) -> str:
        return self.out.read_text() + self.err.read_text()

    def url(self, path: str = "") -> str:
        def listening():
            _, found, rest = self.log.partition("Listening on ")
            return found and "\n" in rest and rest.split()[0]

        return self.until(listening) + path

    def until(self, condition):
        """The first true value of `condition`, asked again and again."""
        deadline = time.monotonic() + BOOT_TIMEOUT_S
        while not (value := condition()):
            assert time.monotonic() < deadline, f"waited in vain; the log:\n{self.log}"
            time.sleep(0.02)
        return value

    def ready(self) -> "Server":
        def is_ready():
            assert self.process.poll() is None, f"the server ended; the log:\n{self.log}"
            return self.client.get(self.url("/ready")).status_code == 200

        self.until(is_ready)
        return self

    def score(self, value=None, **options) -> httpx.Response:
        if value is not None:
            options["content"] = value if isinstance(value, (bytes, str)) else json.dumps(value)
        return self.client.post(self.url("/score"), **options)

    def ended(self) -> int:
        return self.process.wait(BOOT_TIMEOUT_S)

    def failure(self) -> dict:
        """What the last line on stderr says of a boot that failed; the exit code is checked on the way."""
        assert self.ended() == 3
        mark, _, line = self.err.read_text().splitlines()[-1].partition(" ")
        assert mark == "SLIPWAY-BOOT-FAILED"
        return json.loads(line)

    def close(self) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


@pytest.fixture(scope="session")
def start_server(tmp_path_factory):
    """start_server(*flags, VARIABLE=value) gives a Server; all of them end with the tests."""
    servers = []

    def start(*arguments, **variables) -> Server:
        servers.append(Server(list(arguments), variables, tmp_path_factory.mktemp("server")))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def serve_script(start_server, tmp_path):
    """serve_script(text) starts a server on an entry script of that text."""

    def serve(text: str, *arguments, **variables) -> Server:
        script = tmp_path / "score.py"
        script.write_text(text)
        return start_server("--entry-script", script, *arguments, **variables)

    return serve


@pytest.fixture
def file_system(tmp_path):
    """file_system({"proc/self/cgroup": "0::/"}) is a folder with these files below it."""

    def made(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
        return tmp_path

    return made
