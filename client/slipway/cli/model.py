"""`slipway model`, but for the larger commands, which have modules of their own."""

from pathlib import Path
from typing import Any

import click

from slipway import shapes
from slipway.cli import report
from slipway.cli.alias import alias
from slipway.cli.columns import MODEL_COLUMNS
from slipway.cli.context import current, shared_options
from slipway.cli.deploy import deploy
from slipway.cli.options import Filter, Group, Pair, option, sized
from slipway.cli.output import columns
from slipway.cli.profile import profile
from slipway.cli.register import register
from slipway.cli.verify import verify

ID_HELP = "NAME:VERSION or NAME@ALIAS."


@click.group(cls=Group, azure_only=("package",))
@shared_options
def model() -> None:
    """Models in the registry: register, find, change, compare, download, profile, deploy."""


model.add_command(register)
model.add_command(deploy)
model.add_command(profile)
model.add_command(verify)
model.add_command(alias)


@model.command("list")
@option("--model-name", "-n", "name", help="Only versions of this model.")
@option("--latest", "-l", is_flag=True, help="Only the newest version of each model.")
@option("--tag", "tags", type=Filter(), multiple=True, help="May be repeated; all must hold.")
@option("--property", "properties", type=Filter(), multiple=True, help="May be repeated; all must hold.")
@option("--run-id", help="Only versions of this run.")
@option("--dataset-id", help="Only versions that refer to this dataset.")
@option("--search", "-s", "search", metavar="TEXT", help="Text to look for, as in the studio's search box.")
@option("--sort", metavar="KEY", help="Such as name, -registered, size, metric.acc; '-' is downwards.")
@shared_options
def list_(search: str | None, tags: tuple[str, ...], properties: tuple[str, ...], latest: bool, **filters: Any) -> None:
    """Versions in the registry, newest first."""
    from slipway import registry

    found = registry.versions(
        current().api,
        q=search,
        tag=list(tags),
        property=list(properties),
        latest="true" if latest else None,
        on_hint=_tell_hint,
        on_fault=_tell_fault,
        **filters,
    )
    current().show([shapes.model(version) for version in found], MODEL_COLUMNS)


@model.command()
@option("--model-id", "-i", help=ID_HELP)
@option("--model-name", "-n", "name", help="The model's name; its newest version unless --version is given.")
@option("--version", "number", type=click.IntRange(min=1), help="With --model-name.")
@option("--run-id", help="The newest version of this run; with --model-name, of that model.")
@shared_options
def show(model_id: str | None, name: str | None, number: int | None, run_id: str | None) -> None:
    """One version with all that it carries and its files."""
    from slipway import registry

    if bool(model_id) == bool(name or run_id) or (number and (not name or run_id)):
        raise click.UsageError(
            "Give either --model-id NAME:VERSION, or --model-name NAME [--version N], or --run-id RUN."
        )
    api = current().api
    if model_id:
        found = registry.find(api, model_id)
    elif run_id:
        found = _of_run(api, run_id, name)
    else:
        found = registry.version(api, name, number)
    current().show(shapes.model(found), MODEL_COLUMNS)


def _of_run(api: Any, run_id: str, name: str | None) -> dict[str, Any]:
    from slipway import registry
    from slipway.errors import SlipwayError

    newest = next(registry.versions(api, run_id=run_id, name=name), None)
    if newest is None:
        raise SlipwayError(f"There is no model of run {run_id!r}", code="no-such-model")
    return registry.find(api, newest["id"])


@model.command()
@option("--model-id", "-i", required=True, help=ID_HELP)
@option("--add-tag", "add_tags", type=Pair(), multiple=True, help="A tag to add or to change; may be repeated.")
@option("--remove-tag", "remove_tags", multiple=True, metavar="KEY", help="A tag to remove; may be repeated.")
@option("--add-property", "add_properties", type=Pair(), multiple=True, help="May be repeated; cannot be changed.")
@option("--description", help="What the model is for.")
@option("--stage", metavar="STAGE", help="None, Staging, Production or Archived.")
@option("--sample-input-dataset-id", metavar="ID", help="The dataset with sample inputs.")
@option("--sample-output-dataset-id", metavar="ID", help="The dataset with sample outputs.")
@sized("that a deployment is offered first")
@shared_options
def update(
    model_id: str,
    sample_input_dataset_id: str | None,
    sample_output_dataset_id: str | None,
    remove_tags: tuple[str, ...],
    **asked: Any,
) -> None:
    """Change tags, description, stage or resources of a version; add properties."""
    from slipway import registry

    samples = {"sample-input": sample_input_dataset_id, "sample-output": sample_output_dataset_id}
    changes = {
        **asked,
        "add_tags": dict(asked["add_tags"]),
        "add_properties": dict(asked["add_properties"]),
        "remove_tags": list(remove_tags),
        "sample_datasets": {key: dataset for key, dataset in samples.items() if dataset},
    }
    changes = {key: value for key, value in changes.items() if value not in (None, {}, [])}
    if not changes:
        raise click.UsageError("Say what to change, such as --add-tag area=mnist or --stage Production.")
    current().show(shapes.model(registry.update(current().api, model_id, changes)), MODEL_COLUMNS)


@model.command()
@option("--model-id", "-i", "model_ids", required=True, multiple=True, help=f"{ID_HELP} 2 to 10 of them.")
@option("--differences", is_flag=True, help="Only what differs.")
@shared_options
def compare(model_ids: tuple[str, ...], differences: bool) -> None:
    """Versions side by side: tags, metrics, parameters, signature, environment, files."""
    from slipway import registry

    found = registry.compare(current().api, model_ids)
    rows = [row for row in shapes.comparison(found) if not (differences and row["same"])]
    headings = {"Section": "section", "Key": "key"} | {each: each for each in found["versions"]}
    current().show(rows, columns(**headings))


@model.command()
@option("--model-id", "-i", required=True, help=ID_HELP)
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
@option("--model-id", "-i", "model_ids", required=True, multiple=True, help=f"{ID_HELP} May be repeated.")
@shared_options
def delete(model_ids: tuple[str, ...]) -> int:
    """Delete versions that no service uses; one that cannot be deleted does not keep the others."""
    from slipway import registry
    from slipway.errors import ApiError, InvalidName

    failed = 0
    for model_id in model_ids:
        try:
            report.line(f"{registry.delete(current().api, model_id)} is deleted.")
        except (ApiError, InvalidName) as exc:
            report.failure(exc)
            failed = 1
    return failed


def _tell_hint(hint: str) -> None:
    report.line(f"Hint: {hint}")


def _tell_fault(fault: str) -> None:
    report.line(f"Warning: {fault}")
