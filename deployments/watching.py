"""What was seen of a workload, written to its row; pages, states and routes are read from there."""

from dataclasses import asdict

from django.db import transaction

from deployments.models import Service, Workload
from deployments.routes import bump_routing
from deployments.service_state import refresh_state
from drivers.base import Observed

_MOST_REPLICAS_SHOWN = 200


def note_seen(workload: Workload, seen: Observed, *, healthy: bool, detail: str, address: str) -> None:
    """Everything that `seen` tells, with what follows of it for callers."""
    replicas = [asdict(each) for each in seen.replicas[:_MOST_REPLICAS_SHOWN]]
    note(
        workload,
        healthy=healthy,
        detail=detail,
        address=address,
        phase=str(seen.phase),
        replicas=replicas,
        wanted_replicas=seen.wanted,
    )


@transaction.atomic
def note(workload: Workload, **facts: object) -> None:
    """Write what changed; the service's state follows, and gateways hear of another address."""
    changed = {name: value for name, value in facts.items() if getattr(workload, name) != value}
    if not changed:
        return
    service = Service.objects.select_for_update().filter(pk=workload.revision.service_id).first()
    if service is None:
        return
    Workload.objects.filter(pk=workload.pk).update(**changed)
    for name, value in changed.items():
        setattr(workload, name, value)
    refresh_state(service)
    if "address" in changed:
        bump_routing()
