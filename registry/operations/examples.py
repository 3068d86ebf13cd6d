"""Requests and answers as they look."""

_MADE = "2026-03-02T09:30:00.120000Z"
UPLOAD = "6f8d2c1e-5a0b-4c3d-9e7f-1a2b3c4d5e6f"
FILE = {
    "path": "model.onnx",
    "size": 5120,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
VERSION = {
    "id": "digits:3",
    "name": "digits",
    "version": 3,
    "description": "Handwritten digits, 28 by 28.",
    "framework": "Onnx",
    "framework_version": "1.18",
    "stage": "Staging",
    "risk": "none",
    "aliases": ["champion"],
    "tags": {"area": "mnist"},
    "properties": {"seed": "7"},
    "metrics": {"accuracy": 0.991},
    "size_bytes": 5120,
    "experiment_name": "digits",
    "run_id": "7c1f",
    "services": ["reader"],
    "serving": ["reader"],
    "created_by": "olga",
    "created_time": _MADE,
    "updated_time": _MADE,
}
DETAIL = VERSION | {
    "parameters": {"epochs": "12"},
    "datasets": {"training": ["mnist-60k"]},
    "signature": {
        "inputs": [{"name": "image", "type": "float32", "shape": [-1, 784]}],
        "outputs": [{"name": "digit", "type": "int64", "shape": [-1]}],
        "source": "onnx",
    },
    "sample_input": None,
    "sample_output": None,
    "cpu": 1.0,
    "memory_gb": 2.0,
    "gpu": None,
    "script": "train.py",
    "git_repository": "https://git.example/digits",
    "git_branch": "main",
    "git_commit": "0f3c1d2e",
    "parent": "digits:2",
    "children": [],
    "risk_reasons": [],
    "facts": {"framework": "Onnx", "opset": 21},
    "files": [FILE | {"damage": "", "verified_time": _MADE}],
    "deployed": [{"service": "reader", "revision": 1, "since": _MADE, "until": None, "by": "olga"}],
}
REGISTER = {
    "name": "digits",
    "upload": UPLOAD,
    "description": "Handwritten digits, 28 by 28.",
    "tags": {"area": "mnist"},
    "properties": {"seed": "7"},
    "metrics": {"accuracy": 0.991},
    "parameters": {"epochs": "12"},
    "datasets": {"training": ["mnist-60k"]},
    "parent": "digits:2",
}
MODEL = {
    "name": "digits",
    "created_time": _MADE,
    "aliases": {"champion": 3},
    "counts": {"versions": 3, "archived": 1},
    "versions": [VERSION],
    "next": "17",
}
OUTCOMES = {
    "value": [
        {"reference": "digits:1", "done": True, "code": "", "problem": "", "advice": "", "services": []},
        {
            "reference": "digits:3",
            "done": False,
            "code": "version-in-use",
            "problem": "digits:3 is used by service reader.",
            "advice": "Delete the service first, or deploy another version to it.",
            "services": ["reader"],
        },
    ]
}
COMPARISON = {
    "versions": ["digits:2", "digits:3"],
    "sections": [{"title": "Metrics", "rows": [{"key": "accuracy", "cells": ["0.987", "0.991"], "same": False}]}],
}
ACTIVITY = {
    "value": [
        {
            "id": 12,
            "model": "digits",
            "version": 3,
            "verb": "alias-set",
            "text": "pointed champion to version 3",
            "detail": {"alias": "champion"},
            "by": "olga",
            "time": _MADE,
        }
    ],
    "next": None,
}
VERIFIED = {"id": "digits:3", "intact": True, "files": [FILE | {"outcome": "ok"}]}
FACETS = {
    "value": [
        {
            "key": "framework:",
            "title": "Framework",
            "values": [
                {
                    "value": "onnx",
                    "label": "ONNX",
                    "count": 12,
                    "capped": False,
                    "chosen": False,
                    "text": "area=mnist framework:onnx",
                }
            ],
        }
    ]
}
SUGGESTIONS = {
    "start": 5,
    "end": 5,
    "value": [{"insert": "mnist", "label": "mnist", "detail": "a value of area", "count": 40}],
}
VIEW = {
    "id": 4,
    "name": "Champions",
    "query": "has:alias",
    "sort": "-metric.accuracy",
    "shared": False,
    "default": False,
    "created_by": "olga",
    "created_time": _MADE,
}
