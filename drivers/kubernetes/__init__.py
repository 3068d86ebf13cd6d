"""The kubernetes target: images built by the Docker engine and pushed to a registry, services as Deployments.

Users' code runs in pods alone: as an unprivileged user without capabilities or an account's token, on a read-only root,
within CPU and memory limits, with a network that is closed but for the scoring port."""

from drivers.kubernetes.connection import Connection, Registry
from drivers.kubernetes.driver import KubernetesDriver, Report

__all__ = ["Connection", "KubernetesDriver", "Registry", "Report"]
