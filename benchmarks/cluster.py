"""The Kubernetes target: seconds from the click to Healthy by step, and scoring through the gateway beside the pod.

    eval "$(…/kubernetes/up)"     # any cluster whose pods this machine reaches, and a registry
    .venv/bin/python benchmarks/cluster.py [--rounds 3] [--seconds 5] [--json FILE]

A round starts a studio on an empty data folder and attaches the cluster of $KUBECONFIG.
Cold: the environment was
never built, nothing of the image is in the registry nor on the node; the wheels are in uv's cache. Warm: all of it is
there, a new service of the same model. Each may use one core.
Steps within "check" are read from the deployment's log, which tells them as
the watch hears of them. Then `wrk` calls one service straight at its pod and through the gateway by each way that it
can reach replicas, taking turns. Numbers are medians; nothing is asserted. Needs `wrk`.
"""

import argparse
import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from calling import wrk  # noqa: E402
from deploy import conditions, delete, deploy, fresh_base_image, load, register  # noqa: E402

from tests import a_cluster  # noqa: E402
from tests.a_cluster import kubectl  # noqa: E402
from tests.project import Project  # noqa: E402
from tests.running import RunningStudio  # noqa: E402

WAYS = ("pods", "nodeport", "proxy")
STEPS = ("build", "push", "apply", "schedule", "pull", "start", "ready")
# Several at once shall fit on a small machine.
SIZE = {"containerResourceRequirements": {"cpu": 0.2, "cpuLimit": 1, "memoryInGB": 0.5}}
POST = """wrk.method = "POST"
wrk.body = '{body}'
wrk.headers["Content-Type"] = "application/json"
"""
# The line of the log that ends each part of the step "check".
MARKS = {"schedule": "Successfully assigned", "pull": "Created container", "start": "Started container"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="of each call of wrk")
    parser.add_argument("--json", type=Path, help="write the results here too")
    asked = parser.parse_args()
    told = {"conditions": conditions(), "deployments": [], "scoring": {}}
    told["conditions"]["kubernetes"] = json.loads(kubectl("version", "-o", "json"))["serverVersion"]["gitVersion"]
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        for number in range(asked.rounds + 1):
            taken = a_round(Path(folder, f"round-{number}"), project)
            if number:  # the first one fills uv's cache
                told["deployments"] += taken
            print(f"round {number} of {asked.rounds}", file=sys.stderr)
        told["scoring"] = scoring(Path(folder, "scoring"), project, asked.seconds, asked.rounds)
    told["conditions"]["load_at_end"] = load()
    show(told)
    if asked.json:
        asked.json.write_text(f"{json.dumps(told, indent=2)}\n")


def attach(api, name: str, access: str) -> None:
    connection = {"registry": a_cluster.REGISTRY, "namespace": f"slipway-bench-{access}", "access": access}
    text = a_cluster.kubeconfig().read_text()
    answer = api.post("targets", json={"name": name, "kind": "kubernetes", "kubeconfig": text, **connection})
    answer.raise_for_status()


def a_round(folder: Path, project: Project) -> list[dict]:
    folder.mkdir()
    with fresh_base_image(folder.name) as environ:
        studio = RunningStudio(folder / "data", environ=environ).start()
        try:
            with studio.api() as api:
                attach(api, "cluster", "auto")
                model = register(api, project)
                taken = []
                for start in ("cold", "warm"):
                    name = f"bench-{start}"
                    found = deploy(api, name, model, "cluster", deployment_config=SIZE)
                    taken.append({"start": start, **found, **inside(api, name)})
                    delete(api, name)
                api.delete("targets/cluster").raise_for_status()
                return taken
        finally:
            studio.stop()


def inside(api, name: str) -> dict[str, dict[str, float]]:
    """The parts of the step "check", in seconds, from when the log told of each."""
    deployment = api.get(f"services/{name}").json()["deployment"]
    lines = api.get(f"deployments/{deployment['id']}/log", params={"limit": 5000}).json()["lines"]
    begun = next(step["started_time"] for step in deployment["steps"] if step["name"] == "check")
    ended = next(step["ended_time"] for step in deployment["steps"] if step["name"] == "check")
    last, parts = datetime.fromisoformat(begun), {}
    for part, words in MARKS.items():
        found = next((line["at"] for line in lines if line["text"].startswith(words)), None)
        at = max(last, datetime.fromisoformat(found)) if found else last
        parts[part], last = (at - last).total_seconds(), at
    parts["ready"] = (datetime.fromisoformat(ended) - last).total_seconds()
    return {"parts_s": parts}


def scoring(folder: Path, project: Project, seconds: int, rounds: int) -> dict:
    """Requests a second and latencies, straight at the pod and through the gateway by every way."""
    folder.mkdir()
    studio = RunningStudio(folder / "data").start()
    body = json.dumps(json.loads((project.folder / "sample.json").read_text()))
    (folder / "post.lua").write_text(POST.format(body=body))
    try:
        with studio.api() as api:
            model, urls = register(api, project), {}
            for way in WAYS:
                attach(api, f"by-{way}", way)
                config = SIZE | {"authEnabled": False, "maxConcurrentRequestsPerContainer": 128}
                deploy(api, f"bench-{way}", model, f"by-{way}", deployment_config=config)
                urls[f"gateway, {way}"] = api.get(f"services/bench-{way}").json()["scoring_uri"]
            pod = json.loads(kubectl("-n", "slipway-bench-pods", "get", "pods", "-o", "json"))["items"][0]
            urls = {"the pod itself": f"http://{pod['status']['podIP']}:5001/score"} | urls
            told = {
                str(connections): rounds_of(urls, folder / "post.lua", connections, seconds, rounds)
                for connections in (1, 64)
            }
            for way in WAYS:
                delete(api, f"bench-{way}")
                api.delete(f"targets/by-{way}").raise_for_status()
            return told
    finally:
        studio.stop()


def rounds_of(urls: dict[str, str], script: Path, connections: int, seconds: int, rounds: int) -> dict:
    taken = {name: [] for name in urls}
    for _ in range(rounds):
        for name, url in urls.items():
            taken[name].append(wrk(script, url, connections, seconds))
    return {
        name: {key: median(run[key] for run in runs) for key in ("rps", "p50", "p99")} for name, runs in taken.items()
    }


def show(told: dict) -> None:
    print(("{:6} {:>14} {:>18}" + " {:>10}" * len(STEPS)).format("start", "Healthy after", "(least to most)", *STEPS))
    for start in ("cold", "warm"):
        runs = [each for each in told["deployments"] if each["start"] == start]
        totals = [each["healthy_s"] for each in runs]
        spread = f"{min(totals):.2f} to {max(totals):.2f}"
        line = "{:6} {:>12.2f} s {:>18}" + " {:>8.2f} s" * len(STEPS)
        print(
            line.format(start, median(totals), spread, *(median(part(each, step) for each in runs) for step in STEPS))
        )
    for connections, by_name in told["scoring"].items():
        print(f"\n{connections} connection{'s' if connections != '1' else ''}")
        straight = by_name["the pod itself"]["rps"]
        for name, found in by_name.items():
            line = "  {:18} {rps:9.0f} req/s ({:4.2f} of the pod)   p50 {p50:7.3f} ms   p99 {p99:7.3f} ms"
            print(line.format(name, found["rps"] / straight, **found))


def part(run: dict, step: str) -> float:
    steps = run["steps_s"]
    known = {"build": steps["environment"] + steps["package"], "push": steps["push"], "apply": steps["start"]}
    return (known | run["parts_s"])[step]


if __name__ == "__main__":
    main()
