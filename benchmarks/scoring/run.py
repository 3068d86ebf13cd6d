"""Scoring servers beside each other, with the same models, on the same machine, in one run.

    .venv/bin/python benchmarks/scoring/run.py [--servers slipway fastapi] [--models lr rf] [--rows 1 100]
        [--clients 1 16 64] [--seconds 4] [--rounds 3] [--keep FOLDER] [--json scoring.json]

Needs wrk. Each server gets an environment of its own, made with uv. One server runs at a time; the rounds go through
all of them in turn, so that a slow minute of the machine is nobody's alone. Medians are shown. The load generator
shares the machine's cores with the server."""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.scoring import models  # noqa: E402
from benchmarks.scoring.servers import SCORING, SERVERS, Server, program  # noqa: E402

START_S = 180


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--models", nargs="+", choices=models.MODELS, default=list(models.MODELS))
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 100])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="a folder for environments and models, kept")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if not shutil.which("wrk"):
        parser.error("wrk is not installed (apt-get install wrk)")
    place = asked.keep or Path(tempfile.mkdtemp(prefix="scoring-"))
    place.mkdir(parents=True, exist_ok=True)
    try:
        compare(asked, place)
    finally:
        if asked.keep is None:
            shutil.rmtree(place, ignore_errors=True)


def compare(asked: argparse.Namespace, place: Path) -> None:
    begun = os.getloadavg()[0]
    environments = {name: environment(SERVERS[name], place) for name in asked.servers}
    found: dict[str, dict[str, dict]] = {}
    for model in asked.models:
        home = environments.get("mlflow models serve", next(iter(environments.values())))
        path = models.saved(model, place / "models", python=program(home, "python"))
        cells: dict[str, dict[str, list[dict]]] = {name: {} for name in asked.servers}
        for number in range(asked.rounds):
            for name in asked.servers:
                print(f"{model}, round {number + 1} of {asked.rounds}: {name}", file=sys.stderr, flush=True)
                for cell, measured in one_round(SERVERS[name], environments[name], place, path, model, asked):
                    cells[name].setdefault(cell, []).append(measured)
        found[model] = {name: {cell: median(rounds) for cell, rounds in by.items()} for name, by in cells.items()}
        show(model, found[model])
        print(f"predict alone: {models.alone(path, asked.rows)}", flush=True)
        if asked.json:
            asked.json.write_text(json.dumps({"load": begun, "measured": found}, indent=1))
    said = f"{os.cpu_count()} cores, Python {platform.python_version()}, load {begun:.1f} before"
    print(f"\n{said}; {asked.rounds} rounds of {asked.seconds} s")


def environment(server: Server, place: Path) -> Path:
    """Of the server's packages, made once."""
    folder = place / "environments" / re.sub(r"\W+", "-", "-".join(server.packages[2:]))[:80]
    done = folder / "made"
    # Ours may have changed since.
    if not done.exists() or str(SCORING) in server.packages:
        print(f"installing {' '.join(server.packages)}", file=sys.stderr, flush=True)
        uv = str(ROOT / ".venv" / "bin" / "uv")
        subprocess.run([uv, "venv", "-q", "--clear", "-p", sys.executable, str(folder)], check=True)
        install = [
            uv,
            "pip",
            "install",
            "-q",
            "--reinstall-package",
            "slipway-scoring",
            "-p",
            program(folder, "python"),
        ]
        subprocess.run([*install, *server.packages], check=True)
        done.touch()
    return folder


def one_round(server: Server, home: Path, place: Path, path: Path, model: str, asked: argparse.Namespace):
    """(cell, what was measured) of each size and number of clients."""
    with running(server, home, place, path, model) as (process, port, started_s):
        for rows in asked.rows:
            body = server.body(models.rows(model, rows))
            for clients in asked.clients:
                measured = load(f"http://127.0.0.1:{port}{server.path}", body, clients, asked.seconds, place)
                measured |= {"memory_mb": memory_mb(process), "start_s": started_s}
                yield f"{rows} rows, {clients} clients", measured


@contextmanager
def running(server: Server, home: Path, place: Path, path: Path, model: str):
    port = free_port()
    folder = place / "services" / re.sub(r"\W+", "-", server.name)
    server.lay_out(folder, port)
    first, *rest = server.command(folder, path, port)
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("SLIPWAY_", "DJANGO_"))}
    variables |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    variables |= {"BENCHMARK_MODEL": str(path), "PATH": f"{home / 'bin'}:{os.environ['PATH']}", "RAY_DEDUP_LOGS": "0"}
    variables |= server.variables
    variables |= {"PYTHONPATH": str(folder), "MLFLOW_DISABLE_TELEMETRY": "true", "BENTOML_DO_NOT_TRACK": "True"}
    begun = time.perf_counter()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program(home, first), *rest], cwd=folder, env=variables, stdout=log, stderr=log, start_new_session=True
        )
    try:
        url = f"http://127.0.0.1:{port}{server.path}"
        until_answered(process, url, server.body(models.rows(model, 1)), folder / "log")
        yield psutil.Process(process.pid), port, time.perf_counter() - begun
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    """It and all it started."""
    below = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    for each in (process, *below):
        try:
            each.send_signal(signal.SIGKILL)
        except (psutil.Error, ProcessLookupError):
            continue
    process.wait()
    psutil.wait_procs(below, timeout=5)


def until_answered(process: subprocess.Popen, url: str, body: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    request = urllib.request.Request(url, body.encode(), {"Content-Type": "application/json"})
    while True:
        try:
            urllib.request.urlopen(request, timeout=10).read()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{url} does not answer; the end of its log:\n{log.read_text()[-3000:]}")
            time.sleep(0.02)


def load(url: str, body: str, clients: int, seconds: int, place: Path) -> dict[str, float]:
    script = place / "post.lua"
    script.write_text(
        f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [==[{body}]==]\n'
        "done = function(summary, latency)\n"
        '  io.write(string.format("measured %d %d %f %f %d\\n", summary.requests, summary.duration,\n'
        "    latency:percentile(50), latency:percentile(99), summary.errors.status + summary.errors.read +\n"
        "    summary.errors.connect + summary.errors.timeout))\nend\n"
    )
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}", "--timeout", "30", "-s", str(script), url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    requests, microseconds, p50, p99, errors = map(float, re.search(r"measured (.*)", text)[1].split())
    per_second = requests / (microseconds / 1e6)
    return {"per_second": per_second, "p50_ms": p50 / 1000, "p99_ms": p99 / 1000, "errors": errors}


def memory_mb(process: psutil.Process) -> float:
    total = 0
    for each in (process, *process.children(recursive=True)):
        try:
            total += each.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 1e6


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def median(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}


def show(model: str, by_server: dict[str, dict[str, dict]]) -> None:
    ours = by_server.get("slipway", {})
    for cell in next(iter(by_server.values())):
        print(f"\n{models.MODELS[model].title}, {cell}")
        heads = ("per s", "p50 ms", "p99 ms", "errors", "MB", "start s", "ours")
        print(f"  {'server':32}" + "".join(f"{head:>10}" for head in heads))
        for name, cells in by_server.items():
            got = cells[cell]
            ratio = f"{ours[cell]['per_second'] / got['per_second']:6.1f}x" if ours and got["per_second"] else ""
            print(
                f"  {name:32}{got['per_second']:10,.0f}{got['p50_ms']:10.2f}{got['p99_ms']:10.2f}{got['errors']:10.0f}"
                f"{got['memory_mb']:10.0f}{got['start_s']:10.1f}{ratio:>10}"
            )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
