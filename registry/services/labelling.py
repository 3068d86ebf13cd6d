"""The rows of what is said of a version. Call these inside one transaction, with values that were checked."""

from registry.models import DatasetReference, Metric, ModelVersion, Parameter, Property, Tag


def set_tags(version: ModelVersion, tags: dict[str, str]) -> None:
    """These instead of all there were."""
    version.tags.all().delete()
    _add(Tag, version, tags)


def put_tags(version: ModelVersion, tags: dict[str, str]) -> None:
    """These over those there are."""
    version.tags.filter(key__in=tags).delete()
    _add(Tag, version, tags)


def add_properties(version: ModelVersion, properties: dict[str, str]) -> None:
    _add(Property, version, properties)


def set_metrics(version: ModelVersion, metrics: dict[str, float]) -> None:
    version.metrics.all().delete()
    _add(Metric, version, metrics)


def set_parameters(version: ModelVersion, parameters: dict[str, str]) -> None:
    version.parameters.all().delete()
    _add(Parameter, version, parameters)


def set_datasets(version: ModelVersion, datasets: list[tuple[str, str]]) -> None:
    version.datasets.all().delete()
    DatasetReference.objects.bulk_create(
        DatasetReference(workspace_id=version.workspace_id, version=version, scenario=scenario, dataset=dataset)
        for scenario, dataset in datasets
    )


def _add(kind: type, version: ModelVersion, values: dict) -> None:
    kind.objects.bulk_create(
        kind(workspace_id=version.workspace_id, version=version, key=key, value=value) for key, value in values.items()
    )
