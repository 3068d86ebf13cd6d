"""What the gateway needs to know, and when it changed. The gateway imports this module alone."""

import hashlib
from dataclasses import dataclass

from django.db.models import F

from deployments.models import RoutingVersion, Service

DEFAULT_SCORING_TIMEOUT_MS = 60_000
DEFAULT_MAX_CONCURRENT = 64
DEFAULT_MAX_QUEUE_WAIT_MS = 500


@dataclass(frozen=True, slots=True)
class Backend:
    """A workload that takes `weight` percent of the traffic; `address` is http://host:port."""

    revision: int
    weight: int
    address: str


@dataclass(frozen=True, slots=True)
class Route:
    """How to serve one service. Without backends nothing serves it now; `state` says why."""

    auth_enabled: bool
    key_hashes: frozenset[str]
    backends: tuple[Backend, ...]
    scoring_timeout_s: float
    max_concurrent: int
    max_queue_wait_s: float
    state: str


def hash_key(key: str) -> str:
    # Keys are long and random (or the owner's own choice, sent over their own line): one round is enough.
    return hashlib.sha256(key.encode()).hexdigest()


def version() -> int:
    """Grows on every change of routing; one read by primary key."""
    return RoutingVersion.objects.values_list("number", flat=True).filter(pk=1).first() or 0


def bump_routing() -> None:
    """Tell gateways to read the routes again; call it inside the transaction that changed them."""
    if not RoutingVersion.objects.filter(pk=1).update(number=F("number") + 1):
        RoutingVersion.objects.get_or_create(pk=1, defaults={"number": 1})


def load() -> dict[tuple[str, str], Route]:
    """Every service's route by (workspace, service)."""
    services = Service.objects.select_related("workspace").prefetch_related("keys", "revisions__workload")
    return {(service.workspace.name, service.name): _route(service) for service in services.filter(deleting=False)}


def _route(service: Service) -> Route:
    serving = [revision for revision in service.revisions.all() if revision.traffic]
    config = serving[0].deployment_config if serving else {}
    return Route(
        auth_enabled=service.auth_enabled,
        key_hashes=frozenset(key.hash for key in service.keys.all()),
        backends=tuple(
            Backend(revision.number, revision.traffic, revision.workload.address)
            for revision in serving
            if hasattr(revision, "workload") and revision.workload.address
        ),
        scoring_timeout_s=config.get("scoring_timeout_ms", DEFAULT_SCORING_TIMEOUT_MS) / 1000,
        max_concurrent=config.get("max_concurrent", DEFAULT_MAX_CONCURRENT),
        max_queue_wait_s=config.get("max_queue_wait_ms", DEFAULT_MAX_QUEUE_WAIT_MS) / 1000,
        state=service.state,
    )
