import json
from dataclasses import dataclass

import pytest
from fake_studio import TOKEN, FakeStudio
from slipway import cli, profiles
from slipway.config import Studio
from slipway.http import Api


@pytest.fixture
def fake():
    studio = FakeStudio()
    yield studio
    studio.close()


@pytest.fixture
def config(fake, tmp_path, monkeypatch):
    """The fake studio is the one found on this machine; the current directory is an empty one."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"url": fake.url, "workspace": "default", "token": TOKEN}))
    monkeypatch.setenv("SLIPWAY_CONFIG", str(path))
    return path


@pytest.fixture
def api(fake, config):
    return Api(Studio(fake.url, "default", TOKEN, config))


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def slipway(config, capsys):
    """`slipway("model", "list")` runs the command in this process."""

    def run(*arguments: object) -> Ran:
        code = cli.main([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def version():
    """One model version as the studio tells it."""
    return {
        "id": "cancer:2",
        "name": "cancer",
        "version": 2,
        "description": "",
        "framework": "ScikitLearn",
        "framework_version": "1.5.2",
        "tags": {"area": "health", "made_by": "eve"},
        "properties": {},
        "created_by": "admin",
        "created_time": "2026-11-20T10:00:00Z",
        "size_bytes": 5,
        "facts": {"why": "model.pkl is a pickle of scikit-learn objects."},
        "files": [{"path": "model.pkl", "size": 5, "sha256": "0" * 64}],
        "services": [],
    }


@pytest.fixture
def deployment():
    """A deployment that went live, as the studio tells it."""
    step = {
        "name": "building",
        "title": "Build",
        "outcome": "done",
        "detail": "",
        "started_time": "2026-11-20T10:00:00Z",
        "ended_time": "2026-11-20T10:00:02Z",
    }
    return {
        "id": 7,
        "service": "cancer",
        "revision": 1,
        "models": ["cancer:2"],
        "target": "here",
        "status": "live",
        "finished": True,
        "failure": None,
        "steps": [step],
        "created_by": "admin",
        "created_time": "2026-11-20T10:00:00Z",
        "started_time": None,
        "finished_time": None,
    }


@pytest.fixture
def service(fake, deployment):
    """A healthy service whose scoring URI is on the fake itself."""
    return {
        "name": "cancer",
        "state": "Healthy",
        "state_detail": "",
        "description": "",
        "tags": {"team": "red"},
        "scoring_uri": f"{fake.url}/score",
        "swagger_uri": f"{fake.url}/swagger.json",
        "auth_enabled": True,
        "compute_type": "process",
        "target": "here",
        "models": ["cancer:2"],
        "revision": 1,
        "deployment": deployment,
        "created_by": "admin",
        "created_time": "2026-11-20T10:00:00Z",
        "updated_time": "2026-11-20T10:00:00Z",
    }


@pytest.fixture
def lines():
    """Five log lines."""
    return [
        {"seq": seq, "at": "2026-11-20T10:00:00+00:00", "step": "building", "stream": "stdout", "text": f"line {seq}"}
        for seq in range(1, 6)
    ]


@pytest.fixture
def measured():
    """A profile of one size and two points that succeeded, as the studio tells it."""
    point = {
        "mode": "closed", "concurrency": 1, "rate": None, "stable": True, "windows": 3, "requests": 900, "errors": 0,
        "timeouts": 0, "throughput": 300.0, "mean_ms": 3.1, "p50_ms": 3.0, "p90_ms": 3.4, "p95_ms": 3.5, "p99_ms": 4.0,
        "p999_ms": 6.0, "max_ms": 7.0, "cpu": 0.4, "throttled": 0.0, "memory_bytes": 94371840, "generator_cpu": 0.2,
        "generator_bound": False, "late_ms": None, "stages": None, "first_error": None,
    }  # fmt: skip
    loaded = {"concurrency": 8, "stable": False, "errors": 2, "throughput": 700.0, "p95_ms": 129.6, "cpu": 0.5}
    size = {
        "id": 1, "cpu": 0.5, "memory_gb": 1.0, "onnx": False, "purpose": "cpu", "state": "done", "failure": None,
        "cold_start": {"pull_s": 0.0, "start_s": 0.4, "load_s": 0.8, "first_ms": 12.0},
        "peak_memory_bytes": 94371840, "idle_memory_bytes": 80000000, "timeline": [[0.0, 0.4, 94371840, 0.0, 1]],
        "points": [point, point | loaded], "knee": {"concurrency": 8},
    }  # fmt: skip
    return {
        "name": "cancer-small",
        "description": "",
        "status": "succeeded",
        "finished": True,
        "failure": None,
        "target": "here",
        "models": ["cancer:2"],
        "created_by": "admin",
        "created_time": "2026-11-20T10:00:00Z",
        "started_time": "2026-11-20T10:00:01Z",
        "finished_time": "2026-11-20T10:01:00Z",
        "cancel_requested": False,
        "progress": {"done": 2, "total": 2, "now": ""},
        "settings": {"cpu": [0.5], "memory_gb": [1.0]},
        "sizes": [size],
        "recommendation": {
            "cpu": 0.5, "memory_gb": 0.25, "replicas": 2, "concurrency": 8, "onnx": True, "p95_ms": 9.1,
            "requests_per_second": 700.0, "meets_goal": True, "why": ["It is the least that holds the goal."],
            "why_not_smaller": "0.1 CPU answered 60 requests/s.", "headroom": ["Memory: 90 MB of 256 MB."],
            "batching": "", "onnx_says": None, "confidence": "medium", "doubts": ["One point was unstable."],
            "deploy_url": "/w/default/models/cancer/2/deploy/?cpu=0.5",
        },
    }  # fmt: skip


@pytest.fixture
def result():
    """Of a profile, as the studio tells it with Azure's keys."""
    return {
        "name": "cancer-small",
        "state": "Succeeded",
        "recommendedCpu": 0.5,
        "recommendedMemoryInGB": 0.25,
        "latencyPercentile95InMs": 9.1,
        "cpu": 0.5,
        "memoryInGB": 0.25,
    }


@pytest.fixture
def underway(measured):
    """The same profile before its end, but for what a test says of it."""

    def told(**more):
        return measured | {"status": "measuring", "finished": False, "recommendation": None} | more

    return told


@pytest.fixture
def states(fake, measured, underway, result, monkeypatch):
    """A studio that takes profiles. `states(a, b)`: what it tells of one, one after the other, the last ever after."""
    monkeypatch.setattr(profiles, "POLL_S", 0)

    def tell(*told):
        left = list(told)
        fake.on("GET", "/profiles/cancer-small", lambda request: request.json(left.pop(0) if left[1:] else left[0]))

    fake.on("POST", "/profiles", underway(status="queued", sizes=[]), 202)
    fake.on("GET", "/profiles/cancer-small/result", result)
    tell(measured)
    return tell


@pytest.fixture
def profile(slipway, states):
    """`profile("--no-wait")` asks that studio for a profile."""

    def run(*arguments):
        return slipway("model", "profile", "-n", "cancer-small", "-m", "cancer:2", *arguments)

    return run
