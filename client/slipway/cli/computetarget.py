"""`slipway computetarget`."""

import click

from slipway import shapes
from slipway.cli.context import current, shared_options
from slipway.cli.options import Group
from slipway.cli.output import columns

COLUMNS = columns(Name="name", ComputeType="computeType", Available="available", Detail="detail")


@click.group(
    cls=Group,
    azure_only=("show", "delete", "detach", "get-credentials", "create", "attach", "amlcompute", "computeinstance"),
)
@shared_options
def computetarget() -> None:
    """Where services run."""


@computetarget.command("list")
@shared_options
def list_() -> None:
    """The compute targets of the studio, and whether they answer."""
    from slipway import targets

    current().show([shapes.target(target) for target in targets.targets(current().api)], COLUMNS)
