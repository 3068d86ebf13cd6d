"""Rows compared with the world, every few seconds: profiles nobody works on go on, workloads left over go."""

from deployments.leases import free
from profiling.doorbell import ring_profile
from profiling.models import Profile, Size
from profiling.sizes import workload_name
from profiling.states import FINAL


def ring_forgotten() -> None:
    """Profiles nobody works on: their message was lost, or their worker."""
    for pk in Profile.objects.filter(free()).exclude(status__in=FINAL).order_by("pk").values_list("pk", flat=True):
        ring_profile(pk)


def workloads() -> set[str]:
    """Of profiles under way; what is left of others is an orphan, which `deployments.reconcile` removes."""
    sizes = Size.objects.exclude(profile__status__in=FINAL).select_related("profile__workspace")
    return {workload_name(size.profile, size) for size in sizes}
