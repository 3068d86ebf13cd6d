"""`slipway model`, but for `deploy`, which has a module of its own."""

from pathlib import Path
from typing import Any

import click

from slipway import shapes
from slipway.cli import report
from slipway.cli.context import current, shared_options
from slipway.cli.deploy import deploy
from slipway.cli.options import Filter, Group, Pair, option
from slipway.cli.output import columns, minute

COLUMNS = columns(Id="id", Framework="framework", Tags="tags", CreatedBy="createdBy") | {
    "Created": minute("createdTime")
}
REGISTER_UNSUPPORTED = (
    "--asset-path",
    "--experiment-name",
    "--run-id -r",
    "--run-metadata-file -f",
    "--cpu-cores --cc",
    "--memory-gb --gb",
    "--gpu-cores --gc",
    "--sample-input-dataset-id",
    "--sample-output-dataset-id",
)


@click.group(cls=Group, azure_only=("update", "package", "profile"))
@shared_options
def model() -> None:
    """Models in the registry: register, find, download, deploy."""


model.add_command(deploy)


@model.command(unsupported=REGISTER_UNSUPPORTED)
@option("--name", "-n", required=True, help="The model's name; an existing one gets its next version.")
@option(
    "--model-path",
    "-p",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The file or folder to upload.",
)
@option(
    "--model-framework",
    "framework",
    help="ScikitLearn, Onnx, MLflow, TensorFlow, TfKeras, PyTorch, Multi or Custom. "
    "Guessed from the files when left out.",
)
@option("--model-framework-version", "framework_version", help="Such as 1.5.2 for scikit-learn.")
@option("--description", "-d", default="", help="What the model is for.")
@option("--tag", "tags", type=Pair(), multiple=True, help="May be repeated; can be changed later.")
@option("--property", "properties", type=Pair(), multiple=True, help="May be repeated; cannot be changed.")
@option(
    "--output-metadata-file",
    "-t",
    "metadata",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the new id there, for `slipway model deploy -f`.",
)
@shared_options
def register(
    framework: str | None,
    framework_version: str | None,
    metadata: Path | None,
    tags: tuple[tuple[str, str], ...],
    properties: tuple[tuple[str, str], ...],
    **asked: Any,
) -> None:
    """Upload a model as a new version."""
    from slipway import registry
    from slipway.cli import metadata_file

    if framework_version and not framework:
        raise click.UsageError("--model-framework-version needs --model-framework.")
    if metadata:
        metadata_file.check_writable(metadata)
    api = current().api
    created = registry.register(
        api,
        framework=framework,
        framework_version=framework_version,
        tags=dict(tags),
        properties=dict(properties),
        **asked,
    )
    if not framework:
        _tell_framework(created)
    if metadata:
        metadata_file.write(metadata, created["id"], api.workspace)
    current().show(shapes.model(created), COLUMNS)


@model.command("list", unsupported=("--run-id", "--dataset-id"))
@option("--model-name", "-n", "name", help="Only versions of this model.")
@option("--latest", "-l", is_flag=True, help="Only the newest version of each model.")
@option("--tag", "tags", type=Filter(), multiple=True, help="May be repeated; all must hold.")
@option("--property", "properties", type=Filter(), multiple=True, help="May be repeated; all must hold.")
@option("--search", "-s", "search", metavar="TEXT", help="Text to look for, as in the studio's search box.")
@shared_options
def list_(search: str | None, **filters: Any) -> None:
    """Versions in the registry, newest first."""
    from slipway import registry

    found = registry.versions(current().api, query=search, on_hint=_tell_hint, **filters)
    current().show([shapes.model(version) for version in found], COLUMNS)


@model.command(unsupported=("--run-id",))
@option("--model-id", "-i", help="NAME:VERSION.")
@option("--model-name", "-n", "name", help="The model's name; its newest version unless --version is given.")
@option("--version", "number", type=click.IntRange(min=1), help="With --model-name.")
@shared_options
def show(model_id: str | None, name: str | None, number: int | None) -> None:
    """One version with its files."""
    from slipway import names, registry

    if bool(model_id) == bool(name) or (model_id and number):
        raise click.UsageError("Give either --model-id NAME:VERSION or --model-name NAME [--version N].")
    if model_id:
        name, number = names.model_id(model_id)
    current().show(shapes.model(registry.version(current().api, name, number)), COLUMNS)


@model.command()
@option("--model-id", "-i", required=True, help="NAME:VERSION.")
@option(
    "--target-dir",
    "-t",
    "target",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write to; made when it does not exist.",
)
@option("--overwrite", is_flag=True, help="Replace files that are there already.")
@shared_options
def download(model_id: str, target: Path, overwrite: bool) -> None:
    """Fetch a version's files and check them."""
    from slipway import registry

    places = registry.download(current().api, model_id, target, overwrite=overwrite)
    current().show({"modelId": model_id, "files": [str(place) for place in places]})


@model.command()
@option("--model-id", "-i", required=True, help="NAME:VERSION.")
@shared_options
def delete(model_id: str) -> None:
    """Delete a version that no service uses."""
    from slipway import registry

    registry.delete(current().api, model_id)
    report.line(f"{model_id} is deleted.")


def _tell_framework(created: dict[str, Any]) -> None:
    why = (created.get("facts") or {}).get("why", "")
    report.line(
        f"Framework: {created['framework']} {created['framework_version']}".rstrip()
        + f". {why} Register with --model-framework to say otherwise."
    )


def _tell_hint(hint: str) -> None:
    report.line(f"Hint: {hint}")
