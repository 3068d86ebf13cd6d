"""Entry point: `uvicorn gateway.asgi:application`. The only module here that touches Django."""

import os
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import django

from gateway.app import Gateway
from gateway.counting import CountSink
from gateway.endpoints import ReplicaSource
from gateway.table import RouteSource

Asked = ParamSpec("Asked")
Told = TypeVar("Told")


def django_source() -> RouteSource:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    django.setup()
    from deployments import routes  # needs django.setup() first

    return RouteSource(version=_reconnecting(routes.version), load=_reconnecting(routes.load))


def replica_source() -> ReplicaSource:
    """After `django_source()`, which sets Django up."""
    from deployments.replicas import Replicas

    return Replicas()


def count_sink() -> CountSink:
    """After `django_source()`."""
    from metrics import recording

    return CountSink(recording.STEP_S, recording.BOUNDS_S, _reconnecting(recording.record))


def _reconnecting(ask: Callable[Asked, Told]) -> Callable[Asked, Told]:
    """The asking thread keeps its connection; after an error it must start with a new one, because
    outside of Django's request cycle nobody else drops a broken one."""
    from django.db import connections

    def asking(*args: Asked.args, **kwargs: Asked.kwargs) -> Told:
        try:
            return ask(*args, **kwargs)
        except Exception:
            connections.close_all()
            raise

    return asking


application = Gateway(django_source(), replica_source(), count_sink())
