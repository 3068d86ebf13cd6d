"""`slipway computetarget`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from slipway import shapes
from slipway.cli import report
from slipway.cli.context import current, shared_options
from slipway.cli.options import Group, option
from slipway.cli.output import columns

COLUMNS = columns(Name="name", ComputeType="computeType", Available="available", Detail="detail")
WAYS = ("auto", "pods", "proxy", "nodeport")

name_option = option("--name", "-n", required=True, help="The target's name.")


def connection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What attaching and updating have in common."""
    options = [
        option(
            "--kubeconfig",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Only the one context is sent, with the files it names put in.",
        ),
        option("--context", metavar="CONTEXT", help="Of the kubeconfig; its current one when left out."),
        option("--in-cluster", is_flag=True, default=None, help="The cluster the studio itself runs in."),
        option("--namespace", metavar="NAMESPACE", help="Where services run; one per workspace when left out."),
        option("--registry", metavar="HOST:PORT[/PATH]", help="Where images are pushed to and pulled from."),
        option("--registry-username", metavar="NAME", help="Where the registry wants one."),
        option("--registry-password-stdin", is_flag=True, help="Read the registry's password from standard input."),
        option("--access", type=click.Choice(WAYS), help="How requests reach replicas."),
    ]
    for each in reversed(options):
        command = each(command)
    return command


@click.group(cls=Group, azure_only=("get-credentials", "create", "amlcompute", "computeinstance"))
@shared_options
def computetarget() -> None:
    """Where services run."""


@computetarget.command("list")
@shared_options
def list_() -> None:
    """The compute targets of the studio, and whether they answer."""
    from slipway import targets

    current().show([shapes.target(target) for target in targets.targets(current().api)], COLUMNS)


@computetarget.command()
@name_option
@shared_options
def show(name: str) -> None:
    """One compute target, and how it is reached."""
    from slipway import targets

    current().show(shapes.target(targets.target(current().api, name)), COLUMNS)


@computetarget.group("attach", cls=Group, azure_only=("aks", "remote"))
@shared_options
def attach() -> None:
    """Attach a cluster as a compute target."""


@attach.command("kubernetes")
@name_option
@connection_options
@shared_options
def attach_kubernetes(name: str, kubeconfig: Path | None, **asked: Any) -> None:
    """Attach a Kubernetes cluster, after a test of its connection, permissions and registry."""
    from slipway import targets
    from slipway.kubeconfig import default_path

    file = kubeconfig or (None if asked["in_cluster"] else default_path())
    made = targets.attach(current().api, name, **_connection(file, **asked))
    report.line(f"{name} is attached: {made['detail']}")
    current().show(shapes.target(made), COLUMNS)


@computetarget.command()
@name_option
@connection_options
@shared_options
def update(name: str, kubeconfig: Path | None, **asked: Any) -> None:
    """Give a cluster other credentials, another registry or access; what runs is not touched."""
    from slipway import targets

    connection = _connection(kubeconfig, **asked)
    if not connection:
        raise click.UsageError("Say what is to change, such as --kubeconfig FILE.")
    current().show(shapes.target(targets.update(current().api, name, **connection)), COLUMNS)


@computetarget.command("test")
@name_option
@shared_options
def test_(name: str) -> int:
    """Look at everything a cluster must allow; exits with 1 when services could not run on it."""
    from slipway import targets

    found = targets.test(current().api, name)
    for problem in found["problems"]:
        report.line(f"{problem['detail']} {problem['advice']}".strip())
    for each in found["missing"]:
        where = f"in namespace {each['namespace']}" if each["namespace"] else "in the whole cluster"
        kind = "may not, but need not" if each["optional"] else "may not"
        report.line(f"{kind}: {each['verb']} {each['resource']} {where}, to {each['why']}")
    current().show(shapes.camel(found))
    return 0 if found["works"] else 1


@computetarget.command()
@name_option
@shared_options
def detach(name: str) -> None:
    """Forget a cluster and its credentials. Refused while services run on it."""
    _detach(name)


@computetarget.command()
@name_option
@shared_options
def delete(name: str) -> None:
    """The same as detach: the cluster itself is not touched."""
    _detach(name)


@computetarget.command()
@option("--namespace", default="", metavar="NAMESPACE", help="The workspace's own when left out.")
@shared_options
def rbac(namespace: str) -> None:
    """Print the YAML that makes an account with exactly what the studio needs: pipe it to `kubectl apply -f -`."""
    from slipway import targets

    print(targets.rbac(current().api, namespace), end="")


def _detach(name: str) -> None:
    from slipway import targets

    targets.detach(current().api, name)
    report.line(f"{name} is detached.")


def _connection(
    kubeconfig: Path | None, *, context: str | None, registry_password_stdin: bool, **rest: Any
) -> dict[str, Any]:
    """What was said, as the studio's API takes it."""
    from slipway.kubeconfig import one_context

    said = {name: value for name, value in rest.items() if value is not None}
    if kubeconfig:
        said["kubeconfig"] = one_context(kubeconfig, context)
    elif context:
        raise click.UsageError("--context goes with --kubeconfig.")
    if registry_password_stdin:
        said["registry_password"] = sys.stdin.readline().rstrip("\r\n")
    return said
