"""What the gateway needs to know, and when it changed. The gateway imports this module alone."""

import hashlib
from dataclasses import dataclass

from django.db.models import F, Prefetch

from deployments.models import Revision, RoutingVersion, Service, Target

DEFAULT_SCORING_TIMEOUT_MS = 60_000
DEFAULT_MAX_CONCURRENT = 64
DEFAULT_MAX_QUEUE_WAIT_MS = 500


@dataclass(frozen=True, slots=True)
class Backend:
    """A workload that takes `weight` percent of the traffic. `address` is http://host:port; with a `place`
    (`Target.place`) it is a name there, and `deployments.replicas` knows the replicas behind it."""

    revision: int
    weight: int
    address: str
    place: str = ""


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
    serving = Revision.objects.filter(traffic__gt=0).select_related("workload", "target")
    services = Service.objects.select_related("workspace").prefetch_related("keys", Prefetch("revisions", serving))
    return {(service.workspace.name, service.name): _route(service) for service in services.filter(deleting=False)}


def _route(service: Service) -> Route:
    serving = list(service.revisions.all())  # those that take traffic, see `load`
    config = serving[0].deployment_config if serving else {}
    return Route(
        auth_enabled=service.auth_enabled,
        key_hashes=frozenset(key.hash for key in service.keys.all()),
        backends=tuple(
            Backend(revision.number, revision.traffic, revision.workload.address, _place(revision))
            for revision in serving
            if hasattr(revision, "workload") and revision.workload.address
        ),
        scoring_timeout_s=config.get("scoring_timeout_ms", DEFAULT_SCORING_TIMEOUT_MS) / 1000,
        max_concurrent=config.get("max_concurrent", DEFAULT_MAX_CONCURRENT),
        max_queue_wait_s=config.get("max_queue_wait_ms", DEFAULT_MAX_QUEUE_WAIT_MS) / 1000,
        state=service.state,
    )


def _place(revision: Revision) -> str:
    return revision.target.place if revision.target.kind == Target.Kind.KUBERNETES else ""
