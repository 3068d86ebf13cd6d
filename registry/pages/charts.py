"""Metrics across versions: which are drawn, and what a drawing shows in one sentence.

The numbers themselves are in the table beside the drawing, where static/js/charts.js reads them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from registry.models import Metric, ModelVersion

AT_FIRST = 3
MOST = 6
MOST_OFFERED = 500


@dataclass(frozen=True, slots=True)
class Chart:
    """One metric: (reference, value) in the order in which they are drawn."""

    metric: str
    points: Sequence[tuple[str, float]]

    @property
    def summary(self) -> str:
        low, high = (pick(self.points, key=lambda point: point[1]) for pick in (min, max))
        if low[1] == high[1]:
            return _("%(value)s in each of %(n)s versions.") % {"value": number(low[1]), "n": len(self.points)}
        told = {"high": number(high[1]), "best": high[0], "low": number(low[1]), "least": low[0]}
        return _("Highest %(high)s in %(best)s, lowest %(low)s in %(least)s.") % told


def number(value: float) -> str:
    """As people read it: five digits are as many as a metric means."""
    return f"{value:.5g}"


def offered(versions: Iterable[ModelVersion]) -> list[str]:
    """The metrics that the versions have, those of most versions first."""
    keys = Metric.objects.filter(version__in=[version.pk for version in versions]).order_by().values("key")
    counted = keys.annotate(versions=Count("pk")).order_by("-versions", "key")
    return [row["key"] for row in counted[:MOST_OFFERED]]


def chosen(asked: Sequence[str] | None, offer: Sequence[str]) -> list[str]:
    """`asked` as far as it is offered; None for nobody asked, and then the first ones are shown."""
    if asked is None:
        return list(offer[:AT_FIRST])
    return [key for key in dict.fromkeys(asked) if key in set(offer)][:MOST]


def values_of(versions: Iterable[ModelVersion], keys: Sequence[str]) -> dict[int, dict[str, float]]:
    """Version's primary key -> metric -> value, in one query."""
    rows = Metric.objects.filter(version__in=[version.pk for version in versions], key__in=keys)
    found: dict[int, dict[str, float]] = {}
    for pk, key, value in rows.order_by().values_list("version_id", "key", "value"):
        found.setdefault(pk, {})[key] = value
    return found


def charts_of(
    versions: Sequence[ModelVersion], values: dict[int, dict[str, float]], keys: Sequence[str]
) -> list[Chart]:
    """Of each metric that at least two versions have."""
    drawn = []
    for key in keys:
        known = [version for version in versions if key in values.get(version.pk, {})]
        if len(known) > 1:
            drawn.append(Chart(key, [(version.reference, values[version.pk][key]) for version in known]))
    return drawn
