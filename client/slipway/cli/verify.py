"""`slipway model verify`."""

import click

from slipway.cli import report
from slipway.cli.context import current, shared_options
from slipway.cli.options import option
from slipway.cli.output import columns

_COLUMNS = columns(Path="path", Outcome="outcome", Size="size", SHA256="sha256")


@click.command()
@option("--model-id", "-i", required=True, help="NAME:VERSION or NAME@ALIAS.")
@shared_options
def verify(model_id: str) -> int:
    """Have the studio read a version's stored files again; ends with 1 when one is missing or changed."""
    from slipway import registry

    found = registry.verify(current().api, model_id)
    current().show(found["files"], _COLUMNS)
    damaged = [file["path"] for file in found["files"] if file["outcome"] != "ok"]
    if not damaged:
        return 0
    report.line(f"ERROR: Stored files of {found['id']} are damaged: {', '.join(damaged)}")
    report.line("What to do: Register the same files again, which puts them back.")
    return 1
