"""What a list shows of its versions beside their own columns, in one query."""

from collections import defaultdict

from django.db import models
from django.db.models import F, Value

from registry.models import Alias, Metric, ModelVersion, Property, Tag


def fetch_labels(versions: list[ModelVersion]) -> None:
    """As prefetch_related of these four does, which asks once for each of them."""
    ids = [version.pk for version in versions]
    none = Value(None, models.FloatField())
    tags = Tag.objects.values_list(Value("tags"), F("version_id"), F("key"), F("value"), none)
    properties = Property.objects.values_list(Value("properties"), F("version_id"), F("key"), F("value"), none)
    aliases = Alias.objects.values_list(Value("aliases"), F("version_id"), F("name"), Value(""), none)
    metrics = Metric.objects.values_list(Value("metrics"), F("version_id"), F("key"), Value(""), F("value"))
    of_these = [rows.filter(version__in=ids).order_by() for rows in (metrics, tags, properties, aliases)]
    found: dict[tuple[str, int], list] = defaultdict(list)
    for name, pk, key, text, number in of_these[0].union(*of_these[1:], all=True):
        found[name, pk].append((key, text, number))
    for version in versions:
        me = {"version_id": version.pk, "workspace_id": version.workspace_id}
        own = {name: sorted(found[name, version.pk]) for name in ("tags", "properties", "aliases", "metrics")}
        _keep(version, "tags", [Tag(**me, key=key, value=text) for key, text, _ in own["tags"]])
        _keep(version, "properties", [Property(**me, key=key, value=text) for key, text, _ in own["properties"]])
        _keep(version, "aliases", [Alias(**me, model_id=version.model_id, name=name) for name, *_ in own["aliases"]])
        _keep(version, "metrics", [Metric(**me, key=key, value=number) for key, _, number in own["metrics"]])


def _keep(version: ModelVersion, name: str, rows: list[models.Model]) -> None:
    """Django has no public way to say that the rows of a relation are at hand; this is what its prefetching does.
    A queryset of the relation itself would have its conditions put together 150 times a page, to be never asked."""
    kept = models.QuerySet(type(version)._meta.get_field(name).related_model)
    kept._result_cache, kept._prefetch_done = rows, True
    vars(version).setdefault("_prefetched_objects_cache", {})[name] = kept
