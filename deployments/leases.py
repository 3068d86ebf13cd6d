"""Leases on rows of work: who has one may go on, and from a worker that is lost another takes it over.

Rows have `lease_owner` and `lease_until`."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone


def claim(rows: QuerySet, worker: str) -> bool:
    """Take the lease of the one of `rows` that no live worker holds."""
    return bool(rows.filter(free() | Q(lease_owner=worker)).update(lease_owner=worker, lease_until=_until()))


def renew(rows: QuerySet, worker: str) -> bool:
    """Hold the lease for longer. False when it was lost to another worker."""
    return bool(rows.filter(lease_owner=worker).update(lease_until=_until()))


def free() -> Q:
    """Nobody works on it: it was never begun, or its worker is lost."""
    return Q(lease_until=None) | Q(lease_until__lt=timezone.now())


def _until():
    return timezone.now() + timedelta(seconds=settings.LEASE_S)
