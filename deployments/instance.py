"""Which studio owns a workload: several may share one engine."""

import hashlib

from django.conf import settings


def owner() -> str:
    """The same for as long as this studio keeps its secret key; tells nothing about it."""
    return hashlib.sha256(b"slipway-owner:" + settings.SECRET_KEY.encode()).hexdigest()[:16]


def workload_name(workspace: str, service: str, revision: int) -> str:
    """The same for the same revision, always; at most 63 characters, fit for a DNS label."""
    return f"slipway-{service}-r{revision}-{workload_salt(workspace, service)}"


def workload_salt(workspace: str, what: str) -> str:
    """Keeps names apart that different studios and workspaces give on one target."""
    return hashlib.sha256(f"{owner()}/{workspace}/{what}".encode()).hexdigest()[:8]
