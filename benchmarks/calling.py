"""Load on an address, by `wrk`."""

import re
import subprocess
from pathlib import Path


def wrk(script: Path, url: str, connections: int, seconds: int) -> dict[str, float]:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "-s", str(script), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"errors from {url}:\n{said}")
    return {
        "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),
        "p50": milliseconds(re.search(r"^ +50% +(\S+)", said, re.MULTILINE)[1]),
        "p99": milliseconds(re.search(r"^ +99% +(\S+)", said, re.MULTILINE)[1]),
    }


def milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
