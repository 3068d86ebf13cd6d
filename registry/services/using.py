"""Who uses a version, now and before."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from registry.models import Activity, Model, ModelVersion
from registry.services import activity
from registry.services.activity import Verb

# More changes of place than anybody reads.
MOST_MOVES = 500


def users_of(version: ModelVersion) -> list[str]:
    """Names of the services that use the version, which other apps' protected references know."""
    return users_by_version([version])[version.pk]


def users_by_version(versions: list[ModelVersion]) -> dict[int, list[str]]:
    """The same of many versions by primary key, in one query for each kind of reference."""
    return {pk: list(uses) for pk, uses in uses_by_version(versions).items()}


def uses_by_version(versions: list[ModelVersion]) -> dict[int, dict[str, bool]]:
    """Of many versions by primary key: service -> whether its callers reach the version now; by name."""
    found: dict[int, dict[str, bool]] = {version.pk: {} for version in versions}
    for pk, service, serving in sorted(_uses(versions)):
        found[pk][service] = found[pk].get(service, False) or serving
    return found


def serving_by_version(versions: list[ModelVersion]) -> dict[int, list[str]]:
    """Of those services the ones whose callers reach the version now."""
    return {
        pk: [service for service, serving in uses.items() if serving] for pk, uses in uses_by_version(versions).items()
    }


def uses_of_model(model: Model) -> list[tuple[str, int, bool]]:
    """(service, number of a version of the model, whether it serves it now)."""
    uses = _uses_of(model.versions.values("pk"))
    numbers = dict(ModelVersion.objects.filter(pk__in={pk for pk, *_ in uses}).values_list("pk", "version"))
    return sorted((service, numbers[pk], serving) for pk, service, serving in uses if pk in numbers)


def _uses(versions: list[ModelVersion]) -> list[tuple[int, str, bool]]:
    return _uses_of([version.pk for version in versions])


def _uses_of(keys: list[int] | models.QuerySet) -> list[tuple[int, str, bool]]:
    """(version, service, whether it serves it now), from every model that protects versions with `uses_of`."""
    links = [link for link in ModelVersion._meta.related_objects if link.on_delete is models.PROTECT]
    return [use for link in links for use in link.related_model.uses_of(keys)]


@dataclass(frozen=True, slots=True)
class Period:
    """A revision of a service that callers reached from `since` on; `until` is None while they do."""

    version: int | None
    service: str
    revision: int | None
    since: datetime
    until: datetime | None = None
    by: str | None = None


def periods_of(version: ModelVersion) -> list[Period]:
    """Where the version was deployed and is now, the newest first, as the activity tells it."""
    return _told_by(activity.of_version(version))


def periods_of_model(model: Model) -> list[Period]:
    """The same of all versions of a model, those that are deleted too."""
    return _told_by(activity.of_model(workspace=model.workspace, name=model.name))


def _told_by(rows: models.QuerySet[Activity]) -> list[Period]:
    moves = rows.filter(verb__in=[Verb.DEPLOYED, Verb.UNDEPLOYED]).order_by("-pk")[:MOST_MOVES]
    by_place: dict[tuple[int | None, str], list[Activity]] = defaultdict(list)
    for row in reversed(moves):
        by_place[row.version, row.detail.get("service", "")].append(row)
    found = [period for (_, service), told in by_place.items() for period in _periods(service, told)]
    return sorted(found, key=lambda period: period.since, reverse=True)


def _periods(service: str, rows: list[Activity]) -> list[Period]:
    """Each deployment lasts until whatever happened next."""
    ends = [row.time for row in rows[1:]] + [None]
    return [
        Period(row.version, service, row.detail.get("revision"), row.time, end, row.by.username if row.by else None)
        for row, end in zip(rows, ends, strict=True)
        if row.verb == Verb.DEPLOYED
    ]
