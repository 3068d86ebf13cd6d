"""Real servers for one test run: started on free ports in temporary folders, ended afterwards."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postgres_bin() -> Path | None:
    """Debian keeps PostgreSQL's server programs off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    on_path = shutil.which("initdb")
    return found[0].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A cluster of its own; yields its DATABASE_URL."""
    programs, port = postgres_bin(), free_port()
    folder.mkdir(parents=True)
    # The server refuses to run as root; Debian's package brings an account for it.
    account = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    if account:
        shutil.chown(folder, **account)
        for parent in folder.parents:
            if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": "/"}
    cluster = folder / "cluster"
    initdb = [programs / "initdb", "-D", cluster, "-U", "slipway", "-A", "trust", "-N"]
    subprocess.run(initdb, check=True, **quiet, **account)
    postgres = [programs / "postgres", "-D", cluster, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F"]
    server = subprocess.Popen(postgres, **quiet, **account)
    is_ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    try:
        _wait(lambda: subprocess.run(is_ready).returncode == 0)
        yield f"postgresql://slipway@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def redis() -> Iterator[str]:
    """A server that keeps nothing; yields its REDIS_URL."""
    port = free_port()
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def s3(log: Path, **environ: str) -> Iterator[str]:
    """moto's server, which keeps its objects in memory; yields its S3_ENDPOINT_URL. Requests are listed in `log`."""
    port = free_port()
    program = [Path(sys.executable).with_name("moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with log.open("wb") as out:
        server = subprocess.Popen(program, stdout=out, stderr=out, env=os.environ | environ)
    try:
        _wait(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _wait(answers) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if answers():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not start within 30 s")
