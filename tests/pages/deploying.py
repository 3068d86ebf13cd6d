"""Deployments for the pages to show, made through REST."""

from tests.running import RunningStudio


def deploy_script(studio: RunningStudio, name: str, model: str, script: str, **options: object) -> int:
    """Deploys version 1 of `model` as service `name` with this entry script. Returns the deployment's number."""
    with studio.api() as api:
        upload = api.post("uploads", json={}).json()["id"]
        api.put(f"uploads/{upload}/files/score.py", content=script.encode()).raise_for_status()
        asked = {"name": name, "models": [f"{model}:1"], "target": "process", "source_upload": upload,
                 "inference_config": {"entryScript": "score.py"}, **options}  # fmt: skip
        answer = api.post("services", json=asked)
        answer.raise_for_status()
        return answer.json()["id"]


def counting(lines: int, pause_s: float) -> str:
    """An entry script that writes `tick 0` to `tick N` while it starts."""
    return (
        "import time\n"
        "def init():\n"
        f"    for n in range({lines}):\n"
        "        print('tick', n, flush=True)\n"
        f"        time.sleep({pause_s})\n"
        "def run(raw_data): return raw_data\n"
    )
