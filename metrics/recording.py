"""What gateways have counted, written down. The gateway imports this module alone."""

from collections.abc import Mapping
from typing import Protocol

from django.db import transaction
from django.db.models import Q

from deployments.models import Service
from metrics.histogram import BOUNDS_S
from metrics.ladder import FINEST, LEVELS, slot_of
from metrics.models import Listening, RequestCount

__all__ = ["BOUNDS_S", "STEP_S", "record"]
STEP_S = FINEST.step_s


class Counted(Protocol):
    """Of one revision in one slot; `buckets` as `metrics.histogram.Buckets`, of the `ok` requests."""

    ok: int
    client_errors: int
    errors: int
    seconds: float
    ok_seconds: float
    buckets: Mapping[str, int]


def record(writer: str, at_s: int, counted: Mapping[tuple[str, str, int], Counted]) -> None:
    """All that the gateway process `writer` counted in the slot, by workspace, service and revision.

    Doing it again changes nothing, so a gateway that does not know whether it was done does it again. Services that
    are no longer there are left out."""
    with transaction.atomic():
        listened = [Listening(step_s=level.step_s, at_s=slot_of(at_s, level.step_s)) for level in LEVELS]
        Listening.objects.bulk_create(listened, ignore_conflicts=True)
        known = _services({(workspace, service) for workspace, service, _ in counted})
        rows = [
            _row(known[workspace, service], revision, writer, at_s, each)
            for (workspace, service, revision), each in counted.items()
            if (workspace, service) in known
        ]
        RequestCount.objects.bulk_create(rows, ignore_conflicts=True)


def _services(names: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    if not names:
        return {}
    asked = Q(name__in={service for _, service in names}, workspace__name__in={workspace for workspace, _ in names})
    rows = Service.objects.filter(asked).values_list("workspace__name", "name", "pk")
    return {(workspace, name): pk for workspace, name, pk in rows}


def _row(service: int, revision: int, writer: str, at_s: int, counted: Counted) -> RequestCount:
    return RequestCount(
        service_id=service,
        revision=revision,
        writer=writer,
        step_s=STEP_S,
        at_s=at_s,
        ok=counted.ok,
        client_errors=counted.client_errors,
        errors=counted.errors,
        seconds=counted.seconds,
        ok_seconds=counted.ok_seconds,
        buckets=dict(counted.buckets),
    )
