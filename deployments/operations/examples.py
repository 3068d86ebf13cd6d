"""Requests and answers as they look."""

_MADE = "2026-03-02T09:30:00.120000Z"
_STEPS = [
    {
        "name": "environment",
        "title": "Prepare environment",
        "outcome": "done",
        "detail": "known, nothing to build",
        "started_time": "2026-03-02T09:30:00.310000Z",
        "ended_time": "2026-03-02T09:30:00.320000Z",
    },
]

TARGET = {
    "name": "process",
    "kind": "process",
    "available": True,
    "detail": "",
    "cpu": 4.0,
    "memory_bytes": 8589934592,
    "checked_time": _MADE,
    "connection": None,
    "created_by": None,
    "created_time": _MADE,
}
CLUSTER = {
    "name": "prod",
    "kind": "kubernetes",
    "available": True,
    "detail": "Kubernetes v1.34.1 at https://10.0.0.10:6443, namespace slipway-default, 3 of 3 nodes ready",
    "cpu": 12.0,
    "memory_bytes": 51539607552,
    "checked_time": _MADE,
    "connection": {
        "server": "https://10.0.0.10:6443",
        "in_cluster": False,
        "namespace": "slipway-default",
        "registry": "registry.example.org:5000/models",
        "registry_username": "slipway",
        "access": "auto",
    },
    "created_by": "olga",
    "created_time": _MADE,
}
ATTACH = {
    "name": "prod",
    "kind": "kubernetes",
    "kubeconfig": "apiVersion: v1\nkind: Config\ncurrent-context: prod\n…",
    "namespace": "slipway-default",
    "registry": "registry.example.org:5000/models",
    "registry_username": "slipway",
    "registry_password": "…",
}
REPORT = {
    "works": False,
    "version": "v1.34.1",
    "namespace": "slipway-default",
    "room": {
        "nodes": 3,
        "ready": 3,
        "cpu": 12.0,
        "memory_bytes": 51539607552,
        "largest_cpu": 4.0,
        "largest_memory_bytes": 17179869184,
        "cpu_left": 7.5,
        "memory_left_bytes": 30064771072,
    },
    "missing": [
        {
            "verb": "create",
            "resource": "deployments.apps",
            "namespace": "slipway-default",
            "why": "run services and see their state",
            "optional": False,
        }
    ],
    "problems": [],
}
SCALE = {"replicas": 3}
DEPLOY = {
    "name": "iris",
    "models": ["iris:3"],
    "target": "process",
    "deployment_config": {"containerResourceRequirements": {"cpu": 1, "memoryInGB": 1}, "scoringTimeoutMs": 5000},
    "tags": {"area": "botany"},
    "overwrite": True,
}
DEPLOYMENT = {
    "id": 41,
    "service": "iris",
    "revision": 2,
    "models": ["iris:3"],
    "target": "process",
    "status": "queued",
    "finished": False,
    "failure": None,
    "steps": [],
    "cancel_requested": False,
    "created_by": "olga",
    "created_time": _MADE,
    "started_time": None,
    "finished_time": None,
}
LIVE = DEPLOYMENT | {
    "status": "live",
    "finished": True,
    "steps": _STEPS,
    "started_time": "2026-03-02T09:30:00.300000Z",
    "finished_time": "2026-03-02T09:30:02.410000Z",
}
SERVICE = {
    "name": "iris",
    "state": "Healthy",
    "state_detail": "",
    "description": "Which iris is it?",
    "tags": {"area": "botany"},
    "scoring_uri": "http://127.0.0.1:8001/services/default/iris/score",
    "swagger_uri": "http://127.0.0.1:8001/services/default/iris/swagger.json",
    "auth_enabled": True,
    "compute_type": "process",
    "target": "process",
    "models": ["iris:3"],
    "revision": 2,
    "created_by": "olga",
    "created_time": _MADE,
    "updated_time": _MADE,
}
SERVICE_DETAIL = SERVICE | {
    "deployment": LIVE,
    "sample_request": {"data": [[5.1, 3.5, 1.4, 0.2]], "method": "predict"},
    "conversion": None,
    "scale": {"minimum": 1, "maximum": None, "utilization": 70},
    "replicas": [],
}
KEYS = {
    "primary_key": "gS1v7PEXAMPLEf9rJ0kq4Yt2mXw8Zb5c",
    "secondary_key": "b7QdLnEXAMPLEoR3uT6yA1sD9hK2pVxW",
}
TRY = {
    "status": 200,
    "headers": {"content-type": "application/json", "x-slipway-revision": "2"},
    "body": '{"predictions":[0]}',
    "elapsed_ms": 4.2,
}
LOG = {
    "lines": [
        {
            "seq": 1,
            "at": "2026-03-02T09:30:00.310+00:00",
            "step": "environment",
            "stream": "slipway",
            "text": "The environment is known.",
        }
    ],
    "last_seq": 1,
    "finished": False,
}
EVENTS = (
    'id: 1\ndata: {"seq":1,"at":"2026-03-02T09:30:00.310+00:00","step":"environment","stream":"slipway",'
    '"text":"The environment is known."}\n\nevent: end\ndata: {"status":"live"}\n\n'
)
SERVICE_LOG = {
    "lines": [
        {
            "seq": 1772443801477000,
            "at": "2026-03-02T09:30:01.477+00:00",
            "step": "iris-r2-7d9f8c6b5-x2k4q",
            "stream": "stdout",
            "text": "2026-03-02 09:30:01,477 POST /score 200 1.234ms 45 5c1e8a4f",
            "level": "",
        }
    ],
    "last_seq": 1772443801477000,
    "finished": False,
}
SERVICE_EVENTS = (
    'id: 1772443801477000\ndata: {"seq":1772443801477000,"at":"2026-03-02T09:30:01.477+00:00","step":"","stream":'
    '"stdout","text":"2026-03-02 09:30:01,477 POST /score 200 1.234ms 45 5c1e8a4f","level":""}\n\n'
    'event: trouble\ndata: {"detail":"Its log cannot be read now: the Docker engine does not answer."}\n\n'
)
SERVICE_LOG_TEXT = (
    '2026-03-02T09:30:01.477+00:00 {"time":"2026-03-02T09:30:01.476Z","logger":"slipway.access","process":42,'
    '"message":"POST /score 200 1.234ms 45","status":200,"elapsed_ms":1.234,"request_id":"5c1e8a4f"}\n'
)
LOG_TEXT = "2026-03-02T09:30:00.310+00:00 environment The environment is known.\n"
