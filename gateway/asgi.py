"""Entry point: `uvicorn gateway.asgi:application`. The only module here that touches Django."""

import os
from collections.abc import Callable
from typing import TypeVar

import django

from gateway.app import Gateway
from gateway.endpoints import ReplicaSource
from gateway.table import RouteSource

Read = TypeVar("Read")


def django_source() -> RouteSource:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    django.setup()
    from deployments import routes  # needs django.setup() first

    return RouteSource(version=_reconnecting(routes.version), load=_reconnecting(routes.load))


def replica_source() -> ReplicaSource:
    """After `django_source()`, which sets Django up."""
    from deployments.replicas import Replicas

    return Replicas()


def _reconnecting(read: Callable[[], Read]) -> Callable[[], Read]:
    """The reading thread keeps its connection; after an error it must start with a new one, because
    outside of Django's request cycle nobody else drops a broken one."""
    from django.db import connections

    def reading() -> Read:
        try:
            return read()
        except Exception:
            connections.close_all()
            raise

    return reading


application = Gateway(django_source(), replica_source())
