"""`slipway`: the groups, and the commands that stand alone."""

import click

from slipway import __version__
from slipway.cli.computetarget import computetarget
from slipway.cli.context import current, shared_options
from slipway.cli.model import model
from slipway.cli.options import Group, option
from slipway.cli.profiles import profiles
from slipway.cli.service import service

AZURE_GROUPS = (
    "endpoint",
    "environment",
    "workspace",
    "folder",
    "run",
    "experiment",
    "pipeline",
    "dataset",
    "datastore",
)


@click.group(cls=Group, azure_only=AZURE_GROUPS, context_settings={"help_option_names": ["-h", "--help"]})
@shared_options
def root() -> None:
    """Register models, deploy them as web services, score them.

    Results are printed on standard output, everything else on standard error.
    """


root.add_command(model)
root.add_command(service)
root.add_command(profiles)
root.add_command(computetarget)


@root.command()
@shared_options
def version() -> None:
    """The version of this command and of the studio it speaks to."""
    from slipway.errors import StudioNotFound

    try:
        api = current().api
    except StudioNotFound:
        current().show({"client": __version__, "studio": None, "url": None})
        return
    current().show({"client": __version__, "studio": api.get("/api/v1/")["version"], "url": api.studio.url})


@root.command()
@click.argument("name", metavar="SERVICE")
@option("--follow", "-f", is_flag=True, help="Go on until the deployment has finished.")
@shared_options
def logs(name: str, follow: bool) -> None:
    """The log of a service's newest deployment: building, starting, checking.

    What the running model itself writes is shown by `slipway service get-logs`.
    """
    from slipway.cli.live import show_log

    show_log(current().api, name, follow=follow)
