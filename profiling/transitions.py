"""Changes of a profile's state: compare-and-set, by whoever holds its lease."""

from django.db import transaction
from django.utils import timezone

from deployments import leases
from deployments.targets import BUILT_IN
from profiling.models import Profile, Size
from profiling.states import FINAL, SIZE_ENDED, SizeState, Status

_MACHINE = "machine"
NOT_MEASURED = "not-measured"


@transaction.atomic
def claim(profile_id: int, worker: str) -> bool:
    """Take the lease of a profile that nobody works on, when it is first in its queue.

    One profile at a time on this machine, and one in each cluster: two would measure each other."""
    rows = Profile.objects.select_for_update(of=("self",)).exclude(status__in=FINAL).select_related("target")
    open_ones = list(rows.order_by("pk"))
    wanted = next((each for each in open_ones if each.pk == profile_id), None)
    if wanted is None or any(each.pk < profile_id and ground(each) == ground(wanted) for each in open_ones):
        return False
    if any(_held(each) and ground(each) == ground(wanted) for each in open_ones if each.pk != profile_id):
        return False
    return leases.claim(Profile.objects.filter(pk=profile_id), worker)


def ground(profile: Profile) -> str:
    """What profiles must share to disturb each other."""
    target = profile.target
    if target is None or target.kind in BUILT_IN:
        return _MACHINE
    return target.place


def _held(profile: Profile) -> bool:
    return profile.lease_until is not None and profile.lease_until > timezone.now()


def reach(profile: Profile, status: Status, worker: str) -> bool:
    """False when the lease was lost."""
    changes: dict[str, object] = {"status": status}
    if profile.started_time is None:
        changes["started_time"] = timezone.now()
    return _set(profile, worker, changes)


@transaction.atomic
def finish(
    profile: Profile, status: Status, worker: str, *, failure: dict | None, recommendation: dict | None, why: str
) -> bool:
    """End it, with `why` for sizes that were not measured. False when the lease was lost."""
    changes = {
        "status": status,
        "failure": failure,
        "recommendation": recommendation,
        "finished_time": timezone.now(),
        "now": "",
        "lease_owner": "",
        "lease_until": None,
    }
    if not _set(profile, worker, changes):
        return False
    skip_left(profile, why)
    return True


def skip_left(profile: Profile, why: str) -> None:
    """Sizes that have not ended are skipped; resuming the profile comes back to them."""
    left = Size.objects.filter(profile=profile).exclude(state__in=SIZE_ENDED)
    left.update(state=SizeState.SKIPPED, failure={"code": NOT_MEASURED, "detail": why})


def note(profile: Profile, worker: str, **facts: object) -> bool:
    """False when the lease was lost."""
    return _set(profile, worker, facts)


def _set(profile: Profile, worker: str, changes: dict[str, object]) -> bool:
    held = Profile.objects.filter(pk=profile.pk, lease_owner=worker).exclude(status__in=FINAL)
    if not held.update(**changes):
        return False
    for name, value in changes.items():
        setattr(profile, name, value)
    return True
