"""What the page of one version shows."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Min, Q, Subquery, Value
from django.utils.translation import gettext as _

from registry import services
from registry.models import Alias, DatasetReference, ModelVersion, Parameter, Property, Tag, VersionFile
from registry.pages.folding import Folded, folded
from registry.services.using import Period

FILES_AT_ONCE = 20
PAIRS_AT_ONCE = 12
TAGS_AT_ONCE = 15
MOST_OF_A_SAMPLE = 6000
MOST_KIN = 500
_KINDS = {"tag": Tag, "property": Property, "parameter": Parameter}

Pairs = Folded[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Files:
    """`whole` is whether all are here; `checked` when the one looked at longest ago was, None if one never was."""

    rows: list[VersionFile]
    count: int
    whole: bool
    damaged: list[VersionFile]
    checked: datetime | None


@dataclass(frozen=True, slots=True)
class Sample:
    """JSON as people read it; `whole` is False when only its beginning is shown."""

    title: str
    text: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Labels:
    tags: Pairs
    properties: Pairs
    parameters: Pairs
    datasets: Pairs


@dataclass(frozen=True, slots=True)
class Aliases:
    """Names of the version, and what the model's other names point to."""

    here: list[str]
    elsewhere: list[Alias]


def aliases_of(version: ModelVersion) -> Aliases:
    every = list(Alias.objects.filter(model_id=version.model_id).select_related("version"))
    return Aliases(
        here=[alias.name for alias in every if alias.version_id == version.pk],
        elsewhere=[alias for alias in every if alias.version_id != version.pk],
    )


def labels_of(version: ModelVersion) -> Labels:
    """Tags, properties, parameters and datasets in one query."""
    asked = [
        kind.objects.order_by().filter(version=version).values_list(Value(name), F("key"), F("value"))
        for name, kind in _KINDS.items()
    ]
    data = DatasetReference.objects.order_by().filter(version=version)
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in [*_KINDS, "dataset"]}
    for name, key, value in asked[0].union(*asked[1:], data.values_list(Value("dataset"), "scenario", "dataset")):
        found[name].append((key, value))
    return Labels(
        tags=folded(sorted(found["tag"]), TAGS_AT_ONCE),
        properties=folded(sorted(found["property"]), PAIRS_AT_ONCE),
        parameters=folded(sorted(found["parameter"]), PAIRS_AT_ONCE),
        datasets=folded(sorted(found["dataset"]), PAIRS_AT_ONCE),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What one query tells of a version's neighbours and of all its files."""

    previous: int | None
    next: int | None
    files: int
    never_checked: int
    damaged: int
    checked: datetime | None


def _told(version: ModelVersion) -> _Told:
    siblings = ModelVersion.objects.filter(model_id=version.model_id).values("version")
    before = siblings.filter(version__lt=version.version).order_by("-version")[:1]
    after = siblings.filter(version__gt=version.version).order_by("version")[:1]
    asked = ModelVersion.objects.order_by().filter(pk=version.pk).annotate(
        told_previous=Subquery(before),
        told_next=Subquery(after),
        told_files=Count("files"),
        told_never=Count("files", filter=Q(files__blob__verified_time=None)),
        told_damaged=Count("files", filter=~Q(files__blob__damage="")),
        told_checked=Min("files__blob__verified_time"),
    )  # fmt: skip
    names = ["previous", "next", "files", "never", "damaged", "checked"]
    return _Told(*asked.values_list(*(f"told_{name}" for name in names)).get())


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of it."""

    version: ModelVersion
    previous: int | None
    next: int | None
    files: Files
    labels: Labels
    metrics: Folded[tuple[str, float]]
    aliases: Aliases
    parent: ModelVersion | None
    children: Folded[ModelVersion]
    uses: dict[str, bool]
    before: list[Period]
    samples: list[Sample]

    @property
    def serving(self) -> list[str]:
        """Services whose callers reach it now."""
        return [service for service, serving in self.uses.items() if serving]


def sheet(version: ModelVersion, *, all_files: bool = False) -> Sheet:
    told = _told(version)
    parent, children = _kin(version)
    return Sheet(
        version=version,
        previous=told.previous,
        next=told.next,
        files=_files(version, told, whole=all_files),
        labels=labels_of(version),
        metrics=folded([(metric.key, metric.value) for metric in version.metrics.all()], PAIRS_AT_ONCE),
        aliases=aliases_of(version),
        parent=parent,
        children=folded(children, PAIRS_AT_ONCE),
        uses=services.uses_by_version([version])[version.pk],
        before=[period for period in services.periods_of(version) if period.until],
        samples=_samples(version),
    )


def _files(version: ModelVersion, told: _Told, *, whole: bool) -> Files:
    """The first files, or all: a thousand rows are more than most people want to be sent."""
    every = version.files.select_related("blob")
    most = told.files if whole or told.files <= FILES_AT_ONCE + 2 else FILES_AT_ONCE
    return Files(
        rows=list(every[:most]),
        count=told.files,
        whole=most == told.files,
        damaged=list(every.exclude(blob__damage="")[:20]) if told.damaged else [],
        checked=None if told.never_checked else told.checked,
    )


def _kin(version: ModelVersion) -> tuple[ModelVersion | None, list[ModelVersion]]:
    related = ModelVersion.objects.filter(Q(parent=version) | Q(pk=version.parent_id)).select_related("model")
    rows = list(related.order_by("-pk")[:MOST_KIN])
    parent = next((row for row in rows if row.pk == version.parent_id), None)
    return parent, [row for row in rows if row.parent_id == version.pk]


def _samples(version: ModelVersion) -> list[Sample]:
    given = [(_("Input"), version.sample_input), (_("Output"), version.sample_output)]
    return [_sample(title, value) for title, value in given if value is not None]


def _sample(title: str, value: object) -> Sample:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > 100:
        text = json.dumps(value, ensure_ascii=False, indent=2)
    return Sample(title, text[:MOST_OF_A_SAMPLE], len(text) <= MOST_OF_A_SAMPLE)
