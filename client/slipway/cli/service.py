"""`slipway service`."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from slipway import shapes
from slipway.cli import figures, report
from slipway.cli.context import current, shared_options
from slipway.cli.options import Filter, Group, option
from slipway.cli.output import Columns, columns, second

COLUMNS = columns(
    Name="name",
    State="state",
    ComputeType="computeType",
    Models="modelIds",
    ScoringUri="scoringUri",
)
METRIC_COLUMNS: Columns = {
    "Time": second("at"),
    "Requests/s": lambda row: figures.rate(row["requestsPerSecond"]),
    "Errors": lambda row: row["errors"],
    "P50Ms": lambda row: figures.milliseconds(row["p50Ms"]),
    "P95Ms": lambda row: figures.milliseconds(row["p95Ms"]),
    "P99Ms": lambda row: figures.milliseconds(row["p99Ms"]),
    "CPU": lambda row: figures.cores(row["cpu"]),
    "Memory": lambda row: figures.memory(row["memoryBytes"]),
    "Replicas": lambda row: row["replicas"],
}
SPANS = ("15m", "1h", "6h", "1d", "7d", "30d")

name_option = option("--name", "-n", required=True, help="The service's name.")


@click.group(cls=Group, azure_only=("update", "regen-key", "get-access-token"))
@shared_options
def service() -> None:
    """Services: what models are deployed as."""


@service.command("list", unsupported=("--image-digest", "--property"))
@option("--compute-type", "-c", "kind", metavar="TYPE", help="Only services on this type of target.")
@option("--model-name", help="Only services that use a version of this model.")
@option("--model-id", metavar="NAME:VERSION", help="Only services that use this version.")
@option("--tag", "tags", type=Filter(), multiple=True, help="May be repeated; all must hold.")
@shared_options
def list_(kind: str | None, **filters: Any) -> None:
    """Services of the workspace."""
    from slipway import services

    api = current().api
    found = services.matching(services.services(api), kind=kind, **filters)
    current().show([shapes.service(each, api.workspace) for each in found], COLUMNS)


@service.command()
@name_option
@shared_options
def show(name: str) -> None:
    """One service: its state, its scoring URI, its newest deployment."""
    from slipway import services

    api = current().api
    current().show(shapes.service(services.service(api, name), api.workspace), COLUMNS)


@service.command("get-logs", unsupported=("--init -i",))
@name_option
@option(
    "--num_lines",
    "--num-lines",
    "-l",
    "tail",
    type=click.IntRange(min=1),
    default=5000,
    show_default=True,
    help="How many lines, counted from the end.",
)
@option("--replica", default="", metavar="NAME", help="Only what this replica wrote.")
@option("--follow", "-f", is_flag=True, help="Go on with what is written from now on, until Ctrl-C.")
@shared_options
def get_logs(name: str, tail: int, replica: str, follow: bool) -> None:
    """What the running service has written. For a deployment's own log: `slipway logs`."""
    from slipway import services
    from slipway.cli.live import follow_service

    if follow and (current().form or current().query):
        raise click.UsageError("--follow prints lines as they come; it does not go with --output or --query.")
    if follow:
        follow_service(current().api, name, tail, replica)
        return
    content = services.logs(current().api, name, tail, replica)
    if current().form or current().query:
        current().show(content)
    else:
        print(content.rstrip("\n"))


@service.command("get-keys")
@name_option
@shared_options
def get_keys(name: str) -> None:
    """The keys that callers of the service authenticate with."""
    from slipway import services

    current().show(shapes.keys(services.keys(current().api, name)))


@service.command()
@name_option
@option(
    "--input-data",
    "-d",
    "data",
    required=True,
    metavar="JSON|@FILE",
    help="The request body, or @ and the name of a file that holds it (@- for standard input).",
)
@shared_options
def run(name: str, data: str) -> None:
    """Call the service and print its answer."""
    from slipway import services

    answer = services.run(current().api, name, _body(data))
    try:
        decoded = json.loads(answer)
    except ValueError:
        sys.stdout.buffer.write(answer)
        return
    current().show(decoded)


@service.command()
@name_option
@option("--num-replicas", "--nr", "replicas", type=click.IntRange(min=1), metavar="N", help="So many, always.")
@option("--min-replicas", "--mi", "minimum", type=click.IntRange(min=1), metavar="N", help="By load, at least N.")
@option("--max-replicas", "--ma", "maximum", type=click.IntRange(min=1), metavar="N", help="By load, at most N.")
@option(
    "--target-utilization",
    "--at",
    "utilization",
    type=click.IntRange(1, 100),
    metavar="PERCENT",
    help="By load: of the CPU that each replica requests.",
)
@shared_options
def scale(name: str, replicas: int | None, **by_load: int | None) -> None:
    """Run more or fewer replicas of what serves now, until its next revision. Needs a Kubernetes target."""
    from slipway import services

    if (replicas is None) == (not any(by_load.values())):
        raise click.UsageError("Give --num-replicas, or --min-replicas and --max-replicas, not both.")
    api = current().api
    told = services.scale(api, name, replicas=replicas, **by_load)
    current().show(shapes.service(told, api.workspace), COLUMNS)


@service.command()
@name_option
@option("--range", "span", type=click.Choice(SPANS), default="1h", show_default=True, help="How far back.")
@shared_options
def metrics(name: str, span: str) -> None:
    """Requests, errors, latency, CPU, memory and replicas over time. JSON also has what changed meanwhile."""
    from slipway import services

    current().show(shapes.camel(services.metrics(current().api, name, span=span)), METRIC_COLUMNS, rows="series")


@service.command()
@name_option
@shared_options
def delete(name: str) -> None:
    """Delete a service and wait until it is gone."""
    from slipway import services

    services.delete(current().api, name)
    report.line(f"The service {name} is deleted.")


def _body(data: str) -> bytes:
    from slipway.errors import LocalPathError

    if not data.startswith("@"):
        return data.encode()
    if data == "@-":
        return sys.stdin.buffer.read()
    try:
        return Path(data[1:]).read_bytes()
    except OSError as exc:
        raise LocalPathError("The input file cannot be read", f"{data[1:]}: {exc.strerror}") from None
