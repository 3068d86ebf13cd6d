"""Who uses a version, now and before."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from registry.models import Activity, ModelVersion
from registry.services import activity
from registry.services.activity import Verb


def users_of(version: ModelVersion) -> list[str]:
    """Names of the services that use the version, which other apps' protected references know."""
    return users_by_version([version])[version.pk]


def users_by_version(versions: list[ModelVersion]) -> dict[int, list[str]]:
    """The same of many versions by primary key, in one query for each kind of reference."""
    names = {version.pk: set() for version in versions}
    for pk, service, _serving in _uses(versions):
        names[pk].add(service)
    return {pk: sorted(found) for pk, found in names.items()}


def serving_by_version(versions: list[ModelVersion]) -> dict[int, list[str]]:
    """Of those services the ones whose callers reach the version now."""
    names = {version.pk: set() for version in versions}
    for pk, service, serving in _uses(versions):
        if serving:
            names[pk].add(service)
    return {pk: sorted(found) for pk, found in names.items()}


def _uses(versions: list[ModelVersion]) -> list[tuple[int, str, bool]]:
    """(version, service, whether it serves it now), from every model that protects versions with `uses_of`."""
    links = [link for link in ModelVersion._meta.related_objects if link.on_delete is models.PROTECT]
    return [use for link in links for use in link.related_model.uses_of([version.pk for version in versions])]


@dataclass(frozen=True, slots=True)
class Period:
    """A revision of a service that callers reached from `since` on; `until` is None while they do."""

    service: str
    revision: int | None
    since: datetime
    until: datetime | None = None
    by: str | None = None


def periods_of(version: ModelVersion) -> list[Period]:
    """Where the version was deployed and is now, the newest first, as the activity tells it."""
    told = activity.of_version(version).filter(verb__in=[Verb.DEPLOYED, Verb.UNDEPLOYED]).order_by("pk")
    by_service: dict[str, list[Activity]] = defaultdict(list)
    for row in told:
        by_service[row.detail.get("service", "")].append(row)
    found = [period for service, rows in by_service.items() for period in _periods(service, rows)]
    return sorted(found, key=lambda period: period.since, reverse=True)


def _periods(service: str, rows: list[Activity]) -> list[Period]:
    """Each deployment lasts until whatever happened next."""
    ends = [row.time for row in rows[1:]] + [None]
    return [
        Period(service, row.detail.get("revision"), row.time, end, row.by.username if row.by else None)
        for row, end in zip(rows, ends, strict=True)
        if row.verb == Verb.DEPLOYED
    ]
