"""Packages that were built: kept while something uses them and a while longer, then their space is freed."""

import logging
from datetime import timedelta

from django.utils import timezone

from deployments.models import Package
from deployments.targets import driver_at
from drivers.errors import DriverError

log = logging.getLogger("slipway.packages")
# Long enough for a retry or a roll-back to find it, and for a build under way to get its workload's row.
KEEP_IDLE = timedelta(hours=1)


def note_used(place: str, location: str) -> Package:
    """The package's row, used now."""
    used = {"used_time": timezone.now()}
    return Package.objects.update_or_create(place=place, location=location, defaults=used)[0]


def remove_idle() -> None:
    """Free the space of packages without a workload that nobody asked for lately."""
    idle = Package.objects.filter(used_time__lt=timezone.now() - KEEP_IDLE, workloads=None)
    for package in idle:
        try:
            driver_at(package.place).remove_package(package.location)
        except DriverError as exc:
            log.info("%s stays for now: %s", package.location, exc)
            note_used(package.place, package.location)
        else:
            package.delete()
