"""The finest slots added to the coarser ones, and what has had its time removed. Worker's clock, any number at once.

A finest row is added to its slot of every coarser level and marked as added in one transaction: whatever dies in
between, it is added once. One lock keeps two workers from adding to the same row at the same time.
"""

import time
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from metrics.ladder import COARSER, FINEST, LEVELS, LONGEST_S, Level, slot_of
from metrics.models import Listening, RequestCount, RollUp, Slot, UsageSample

_BATCH = 500
_ROLLED: tuple[type[Slot], ...] = (RequestCount, UsageSample)


def roll_up() -> None:
    for model in _ROLLED:
        while _roll_up_some(model):
            pass


@transaction.atomic
def _roll_up_some(model: type[Slot]) -> bool:
    """False when nothing is left to be done."""
    RollUp.objects.get_or_create(pk=1)
    RollUp.objects.select_for_update().get(pk=1)
    fresh = list(model.objects.filter(rolled=False).order_by("pk")[:_BATCH])
    if not fresh:
        return False
    _write(model, [slot for level in COARSER for slot in _added(model, level, fresh)])
    model.objects.filter(pk__in=[row.pk for row in fresh]).update(rolled=True)
    return len(fresh) == _BATCH


def _added(model: type[Slot], level: Level, fresh: list[Slot]) -> Iterable[Slot]:
    """The level's slots that `fresh` belong to, with all that is known of them now."""
    begins = {slot_of(row.at_s, level.step_s) for row in fresh}
    there = model.objects.filter(step_s=level.step_s, at_s__in=begins, service__in={row.service_id for row in fresh})
    slots = {_key(row, row.at_s): row for row in there}
    touched: dict[tuple, Slot] = {}
    for row in fresh:
        at_s = slot_of(row.at_s, level.step_s)
        key = _key(row, at_s)
        if key not in touched:
            touched[key] = slots.get(key) or row.coarser(level.step_s, at_s)
        touched[key].take(row)
    return touched.values()


def _key(row: Slot, at_s: int) -> tuple:
    return (row.service_id, at_s, getattr(row, "revision", 0))


def _write(model: type[Slot], slots: list[Slot]) -> None:
    for slot in slots:
        slot.pk = None
    unique = ("service", "step_s", "at_s", *model.TOLD_APART)
    model.objects.bulk_create(slots, update_conflicts=True, unique_fields=unique, update_fields=model.SUMS)


def prune(now: float | None = None) -> None:
    now = time.time() if now is None else now
    over = Q()
    for level in LEVELS:
        over |= Q(step_s=level.step_s, at_s__lt=now - level.keep_s)
    for model in _ROLLED:
        model.objects.filter(over, rolled=True).delete()
        # What could not be added for so long is of no use any more.
        model.objects.filter(step_s=FINEST.step_s, at_s__lt=now - LONGEST_S).delete()
    Listening.objects.filter(over).delete()
