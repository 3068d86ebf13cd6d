"""Ringing the worker for profiles; a lost ring costs seconds, see `deployments.doorbell`."""

from deployments.doorbell import ring
from profiling.models import Profile
from profiling.states import FINAL


def ring_profile(profile_id: int) -> None:
    """Once the surrounding transaction is committed."""
    ring("profiling.tasks.run_profile", profile_id)


def ring_waiting() -> None:
    """All that are not ended: whoever is first in its queue, and whose worker was lost, goes on."""
    for pk in Profile.objects.exclude(status__in=FINAL).order_by("pk").values_list("pk", flat=True):
        ring_profile(pk)
