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
}
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
LOG_TEXT = "2026-03-02T09:30:00.310+00:00 environment The environment is known.\n"
