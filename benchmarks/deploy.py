"""Seconds from the click (POST services) to Healthy, and where they went, for each target that answers.

    .venv/bin/python benchmarks/deploy.py [--rounds 5] [--targets process docker] [--json FILE]

A round starts a studio on an empty data folder and deploys a scikit-learn pipeline without an entry script to
each target, twice. Cold: the environment was never built, the wheels are in uv's cache, and Docker gets a base
image it has not seen (python:3.11-slim with another label). Warm: environment and package are known. Numbers
are medians; nothing is asserted. Wants what `./test` installs (`./setup test`).
"""

import argparse
import io
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median

import docker
import httpx
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.project import Project  # noqa: E402
from tests.running import RunningStudio  # noqa: E402

STEPS = ("environment", "package", "start", "check", "switch")
BASE = "python:3.11-slim"
PATIENCE_S = 300
POLL_S = 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--targets", nargs="+", choices=("process", "docker"), default=["process", "docker"])
    parser.add_argument("--json", type=Path, help="write the results here too")
    asked = parser.parse_args()
    told = {"conditions": conditions(), "deployments": [], "memory_mb": []}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        project = Project(folder)
        for number in range(asked.rounds + 1):
            taken, memory = a_round(folder / f"round-{number}", project, asked.targets)
            if number:  # the first one fills uv's cache and the engine's
                told["deployments"] += taken
                told["memory_mb"].append(memory)
            print(f"round {number} of {asked.rounds}", file=sys.stderr)
    told["conditions"]["load_at_end"] = load()
    print_table(told, asked.targets)
    text = json.dumps(told, indent=2)
    print(f"\n{text}")
    if asked.json:
        asked.json.write_text(f"{text}\n")


def conditions() -> dict[str, object]:
    try:
        engine = docker.from_env().version()["Version"]
    except docker.errors.DockerException:
        engine = None
    import sklearn

    return {
        "cpus": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "scikit_learn": sklearn.__version__,
        "docker": engine,
        "load_at_start": load(),
    }


def load() -> float:
    """Of the last minute. At the end it holds this benchmark's own work too."""
    return round(os.getloadavg()[0], 2)


def a_round(folder: Path, project: Project, targets: list[str]) -> tuple[list[dict], dict[str, float]]:
    """A fresh studio, each target cold and warm, and how much memory everything holds at the end."""
    folder.mkdir()
    with fresh_base_image(folder.name) as environ:
        studio = RunningStudio(folder / "data", environ=environ).start()
        try:
            with studio.api() as api:
                model = register(api, project)
                return measure(studio, api, model, targets)
        finally:
            studio.stop()


def measure(
    studio: RunningStudio, api: httpx.Client, model: str, targets: list[str]
) -> tuple[list[dict], dict[str, float]]:
    taken, memory = [], {}
    for target in targets:
        name = f"bench-{os.getpid()}-{target}"
        taken.append({"target": target, "start": "cold", **deploy(api, name, model, target)})
        delete(api, name)
        taken.append({"target": target, "start": "warm", **deploy(api, name, model, target)})
        time.sleep(2)
        memory[f"workload on {target}"] = workload_mb(name)
    for program in ("web", "worker", "gateway"):
        memory[program] = sum(map(resident_mb, studio.pids_of(program)))
    if "process" in targets:
        memory["keeper of a process workload"] = keeper_mb(studio.data)
    for target in targets:
        delete(api, f"bench-{os.getpid()}-{target}")
    forget_images([each for each in taken if each["target"] == "docker"])
    return taken, memory


def register(api: httpx.Client, project: Project) -> str:
    upload = api.post("uploads", json={}).json()["id"]
    content = (project.folder / "model.pkl").read_bytes()
    api.put(f"uploads/{upload}/files/model.pkl", content=content).raise_for_status()
    return api.post("models", json={"name": "bench", "upload": upload}).json()["id"]


def deploy(api: httpx.Client, name: str, model: str, target: str, **more: object) -> dict[str, object]:
    """Seconds until the service is Healthy, and of each step as the deployment tells it."""
    begun = time.monotonic()
    answer = api.post("services", json={"name": name, "models": [model], "target": target, **more})
    answer.raise_for_status()
    while (service := api.get(f"services/{name}").json())["state"] != "Healthy":
        if service["state"] in {"Failed", "Unschedulable"} or time.monotonic() - begun > PATIENCE_S:
            raise SystemExit(f"{name} is {service['state']}: {service['state_detail']}")
        time.sleep(POLL_S)
    total = time.monotonic() - begun
    steps = {step["name"]: seconds_of(step) for step in service["deployment"]["steps"]}
    details = {step["name"]: step["detail"] for step in service["deployment"]["steps"]}
    return {"healthy_s": round(total, 3), "steps_s": steps, "details": details}


def seconds_of(step: dict[str, str]) -> float:
    ended, began = (datetime.fromisoformat(step[key]) for key in ("ended_time", "started_time"))
    return round((ended - began).total_seconds(), 3)


def delete(api: httpx.Client, name: str) -> None:
    api.delete(f"services/{name}").raise_for_status()
    while api.get(f"services/{name}").status_code != 404:
        time.sleep(0.1)


@contextmanager
def fresh_base_image(label: str) -> Iterator[dict[str, str]]:
    """Settings that name a base image with an identity of its own, so that no environment is known for it."""
    try:
        engine = docker.from_env()
    except docker.errors.DockerException:
        yield {}
        return
    tag = f"slipway-bench:{os.getpid()}-{label}"
    recipe = io.BytesIO(f'FROM {BASE}\nLABEL slipway-bench="{tag}"\n'.encode())
    engine.images.build(fileobj=recipe, tag=tag, rm=True)
    yield {"SLIPWAY_BASE_IMAGE": tag}
    engine.images.remove(tag, force=True)


def forget_images(deployments: list[dict]) -> None:
    """Remove the images a round built; their tags begin with what the steps' details name."""
    if not deployments:
        return
    engine = docker.from_env()
    words = " ".join(detail for each in deployments for detail in each["details"].values())
    for repository in ("slipway-package", "slipway-env"):
        for image in engine.images.list(repository):
            tags = [tag for tag in image.tags if tag.partition(":")[2][:12] in words]
            for tag in tags:
                engine.images.remove(tag, force=True)


def resident_mb(pid: int) -> float:
    return round(psutil.Process(pid).memory_info().rss / 1e6, 1)


def workload_mb(service: str) -> float | None:
    """Of the scoring runtime; None where an engine runs it out of this machine's sight."""
    found = [each for each in psutil.process_iter(["cmdline"]) if serves(each, service)]
    return sum(resident_mb(each.pid) for each in found) or None


def serves(process: psutil.Process, service: str) -> bool:
    if "slipway_scoring" not in (process.info["cmdline"] or []):
        return False
    try:
        return process.environ().get("SERVICE_NAME") == service
    except psutil.Error:
        return False


def keeper_mb(data: Path) -> float:
    found = psutil.process_iter(["cmdline"])
    words = [(each, " ".join(each.info["cmdline"] or [])) for each in found]
    return sum(resident_mb(each.pid) for each, line in words if "drivers.keeper" in line and str(data) in line)


def print_table(told: dict, targets: list[str]) -> None:
    head = ("target", "start", "Healthy after", "(least to most)", *STEPS)
    print(("{:8} {:6} {:>14} {:>18}" + " {:>12}" * len(STEPS)).format(*head))
    for target in targets:
        for start in ("cold", "warm"):
            runs = [each for each in told["deployments"] if (each["target"], each["start"]) == (target, start)]
            totals = [each["healthy_s"] for each in runs]
            steps = [median(each["steps_s"][step] for each in runs) for step in STEPS]
            spread = f"{min(totals):.2f} to {max(totals):.2f}"
            line = "{:8} {:6} {:>12.2f} s {:>18}" + " {:>10.2f} s" * len(STEPS)
            print(line.format(target, start, median(totals), spread, *steps))
    print("\nresident memory, idle")
    for name in told["memory_mb"][0]:
        seen = [each[name] for each in told["memory_mb"] if each[name]]
        print(f"  {name:30} {median(seen):6.0f} MB" if seen else f"  {name:30} not to be seen from here")


if __name__ == "__main__":
    main()
