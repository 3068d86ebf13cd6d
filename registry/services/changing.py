"""What may be changed of a version."""

from django.db import transaction

from registry import fields
from registry.errors import PropertyImmutable, VersionNotFound
from registry.models import ModelVersion, Stage
from registry.services import activity, labelling
from registry.services.activity import Verb
from registry.tags import checked_tags
from workspaces.models import User
from workspaces.texts import storable

KEEP: object = object()
"""Stands for "leave it as it is" where None means "nobody knows"."""


@transaction.atomic
def update_version(
    *,
    version: ModelVersion,
    by: User,
    description: str | None = None,
    tags: dict[str, str] | None = None,
    add_tags: dict[str, str] | None = None,
    remove_tags: list[str] | None = None,
    add_properties: dict[str, str] | None = None,
    stage: str | None = None,
    metrics: dict[str, float] | None = None,
    parameters: dict[str, str] | None = None,
    datasets: list[tuple[str, str]] | None = None,
    sample_input: object = KEEP,
    sample_output: object = KEEP,
    cpu: float | object | None = KEEP,
    memory_gb: float | object | None = KEEP,
    gpu: int | object | None = KEEP,
) -> ModelVersion:
    """Change what is given, all of it or nothing, and say so in the activity.

    `tags`, `metrics`, `parameters` and `datasets` replace all there were; `add_tags` and `remove_tags` change
    single ones. Samples and resources may be None: nobody knows. Raises TagInvalid, PropertyImmutable, Invalid,
    VersionNotFound (deleted meanwhile)."""
    change = _Change(_locked(version))
    change.description(description)
    change.tags(tags, add_tags or {}, remove_tags or [])
    change.properties(add_properties or {})
    there = change.version
    change.labels("metrics", metrics, there.metric_map, fields.checked_metrics, labelling.set_metrics)
    change.labels("parameters", parameters, there.parameter_map, fields.checked_parameters, labelling.set_parameters)
    change.labels("datasets", datasets, there.dataset_pairs, fields.checked_datasets, labelling.set_datasets)
    change.column("sample_input", sample_input, lambda value: fields.checked_sample("sample_input", value))
    change.column("sample_output", sample_output, lambda value: fields.checked_sample("sample_output", value))
    change.column("cpu", cpu, fields.checked_cpu)
    change.column("memory_gb", memory_gb, fields.checked_memory_gb)
    change.column("gpu", gpu, fields.checked_gpu)
    change.finish(by)
    if stage is not None:
        _move(change.version, fields.checked_stage(stage), by)
    version.refresh_from_db()
    return version


def _locked(version: ModelVersion) -> ModelVersion:
    """Locked, so that two who change the same thing at once each tell in the activity what they found."""
    rows = ModelVersion.objects.select_related("model", "workspace").select_for_update(of=("self",))
    locked = rows.filter(pk=version.pk).first()
    if locked is None:
        raise VersionNotFound("The version was deleted just now.", advice="List the models to see which there are.")
    return locked


class _Change:
    """Changes to one version, and what the activity will say of them: only what is different now."""

    def __init__(self, version: ModelVersion) -> None:
        self.version = version
        self.columns: list[str] = []
        self.detail: dict[str, object] = {}

    def description(self, text: str | None) -> None:
        if text is not None and storable(text) != self.version.description:
            self.version.description = storable(text)
            self.columns.append("description")
            self.detail["description"] = True

    def tags(self, all_of_them: dict[str, str] | None, added: dict[str, str], removed: list[str]) -> None:
        before = self.version.tag_map
        after = checked_tags(before if all_of_them is None else all_of_them) | checked_tags(added)
        for key in removed:
            after.pop(key, None)
        if after != before:
            labelling.set_tags(self.version, after)
            self.detail["tags"] = {
                "added": dict(after.items() - before.items()),
                "removed": sorted(before.keys() - after.keys()),
            }

    def properties(self, added: dict[str, str]) -> None:
        added = checked_tags(added)
        there = sorted(added.keys() & self.version.property_map.keys())
        if there:
            raise PropertyImmutable(
                f"Error, properties are immutable: {self.version.reference} has {there[0][:80]!r} already.",
                advice="Use another key, or a tag: tags can change.",
                properties=there,
            )
        if added:
            labelling.add_properties(self.version, added)
            self.detail["properties"] = {"added": added, "removed": []}

    def labels(self, field: str, given, before, checked, write) -> None:
        if given is not None and (after := checked(given)) != before:
            write(self.version, after)
            self.detail[field] = True

    def column(self, field: str, given: object, checked) -> None:
        if given is not KEEP and given != getattr(self.version, field):
            setattr(self.version, field, checked(given))
            self.columns.append(field)
            self.detail[field] = True

    def finish(self, by: User) -> None:
        if self.detail:
            self.version.save(update_fields=[*self.columns, "updated_time"])
            activity.record_of(self.version, Verb.CHANGED, by, **self.detail)


def _move(version: ModelVersion, stage: str, by: User) -> None:
    before = version.stage
    if before == stage:
        return
    version.stage = stage
    version.save(update_fields=["stage", "updated_time"])
    verb = {Stage.ARCHIVED: Verb.ARCHIVED}.get(stage) or (Verb.UNARCHIVED if before == Stage.ARCHIVED else Verb.STAGED)
    activity.record_of(version, verb, by, **{"from": before, "to": stage})
