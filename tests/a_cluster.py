"""The Kubernetes cluster that tests run on: the one that `kubectl` speaks to, as its administrator."""

import base64
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from drivers.kubernetes import Connection

REGISTRY = os.environ.get("SLIPWAY_TEST_REGISTRY", "127.0.0.1:5000")


def kubeconfig() -> Path:
    return Path(os.environ.get("KUBECONFIG") or Path.home() / ".kube" / "config")


def required() -> None:
    """Where tests must be complete, a missing cluster is a failure; elsewhere they are skipped."""
    try:
        kubectl("get", "--raw", "/readyz")
    except (OSError, subprocess.SubprocessError) as exc:
        if os.environ.get("CI"):
            pytest.fail(f"no Kubernetes cluster answers, and CI must have one: {exc}")
        pytest.skip(f"no Kubernetes cluster answers: {exc}")


def kubectl(*words: str, given: str | None = None) -> str:
    """What `kubectl` prints, as the cluster's administrator. Raises CalledProcessError."""
    ran = subprocess.run(["kubectl", *words], input=given, capture_output=True, text=True, timeout=120, check=False)
    if ran.returncode:
        raise subprocess.SubprocessError(f"kubectl {' '.join(words)}: {ran.stderr}")
    return ran.stdout


def connection() -> Connection:
    """The administrator's."""
    if not kubeconfig().exists():
        required()
    config = yaml.safe_load(kubeconfig().read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    return Connection(
        server=cluster["server"],
        authority=_text(cluster["certificate-authority-data"]),
        certificate=_text(user["client-certificate-data"]),
        key=_text(user["client-key-data"]),
    )


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode()
