"""The same over HTTP: a web process of its own, asked as programs and browsers ask."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.registry_questions import timed
from tests.journeys.servers import free_port

ROOT = Path(__file__).resolve().parent.parent
W = "/api/v1/workspaces/default"


def over_http(token: str, size: int, rounds: int, found: dict) -> None:
    with web() as url, httpx.Client(base_url=url, trust_env=False, timeout=120) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        rare = f"T-{7 % max(1, size // 10)}"
        asked = {
            "REST: versions, page 1": (f"{W}/models?limit=50", "page 1"),
            "REST: versions with a tag, common": (f"{W}/models?tag=area=mnist&limit=50", "tag, common"),
            "REST: versions with a tag, rare": (f"{W}/models?tag=ticket={rare}&limit=50", "tag, rare"),
            "REST: versions with two tags": (f"{W}/models?tag=area=mnist&tag=approved=yes&limit=50", "two tags"),
            "REST: versions by text": (f"{W}/models?q=granite&limit=50", "text"),
            "REST: far page of versions": (_far(client, size), "far page"),
        }
        for name, (address, beside) in asked.items():
            found["questions"][name] = timed(lambda at=address: client.get(at).raise_for_status(), rounds)
            found["questions"][name] |= {"beside": beside}
        del client.headers["Authorization"]
        _sign_in(client)
        for name, address in (
            ("page: models", "/w/default/models/"),
            ("page: area=mnist", "/w/default/models/?q=area%3Dmnist"),
        ):
            answer = client.get(address)
            assert answer.status_code == 200, answer.text[:500]
            found["questions"][name] = timed(lambda at=address: client.get(at).raise_for_status(), rounds)
            found["notes"][name] = f"{len(answer.content) / 1000:.0f} kB"


def _far(client: httpx.Client, size: int) -> str:
    """The address of page 1,000 of 50 versions each, or of the last page but one."""
    cursor, pages = "", min(1000, max(2, size // 50)) - 1
    # Five pages at a time: the cursor tells where to go on, however one came there.
    for _ in range(pages // 5 or 1):
        page = client.get(f"{W}/models", params={"limit": 250 if pages >= 5 else 50, "cursor": cursor})
        following = page.raise_for_status().json()["next"]
        if not following:
            break
        cursor = following
    return f"{W}/models?limit=50&cursor={cursor}"


def _sign_in(client: httpx.Client) -> None:
    page = client.get("/sign-in/").text
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    client.post("/sign-in/", data={"csrfmiddlewaretoken": token, "username": "benchmark", "password": "benchmark"})


@contextmanager
def web() -> Iterator[str]:
    """One web process over the database of this process."""
    port = free_port()
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(collect, cwd=ROOT, check=True)
    command = [sys.executable, "-m", "uvicorn", "studio.asgi:application", "--port", str(port)]
    environ = os.environ | {"SLIPWAY_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen([*command, "--log-level", "warning", "--no-access-log"], cwd=ROOT, env=environ)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
