import json
from dataclasses import dataclass

import pytest
from fake_studio import TOKEN, FakeStudio
from slipway import cli
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
