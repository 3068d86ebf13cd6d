"""`slipway model alias`."""

import click

from slipway.cli import report
from slipway.cli.context import current, shared_options
from slipway.cli.options import Group, option


@click.group(cls=Group)
@shared_options
def alias() -> None:
    """Names that point to a version and can be moved, such as champion."""


@alias.command("set")
@option("--model-id", "-i", required=True, help="The version it is to point to: NAME:VERSION or NAME@ALIAS.")
@option("--alias", "-a", "name", required=True, help="Letters, digits, '-', '_' and '.'.")
@shared_options
def set_(model_id: str, name: str) -> None:
    """Point an alias to a version, wherever it pointed before."""
    from slipway import registry

    current().show(registry.set_alias(current().api, model_id, name))


@alias.command()
@option("--model-name", "-n", "model", required=True, help="The model's name.")
@option("--alias", "-a", "name", required=True, help="The alias.")
@shared_options
def remove(model: str, name: str) -> None:
    """Take an alias away; the version stays."""
    from slipway import registry

    registry.remove_alias(current().api, model, name)
    report.line(f"{model}@{name} is removed.")
